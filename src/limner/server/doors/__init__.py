"""Doors, one API a file; how each tells its clients that they may not come in."""
