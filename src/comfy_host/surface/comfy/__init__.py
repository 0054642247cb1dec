"""The package that node packs import their host's parts from."""
