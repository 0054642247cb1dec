"""A1111's scripts that requests may name, one a file; ``limner.dialects.a1111.spreading`` finds them."""
