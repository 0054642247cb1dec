"""Files listed as assets: the library, uploads, and the walk through folders."""
