"""Settings, composition, command line: the only place where concrete parts are joined."""
