"""Services that keep objects, one a file; each is found by itself."""
