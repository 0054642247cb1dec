"""The language: what nodes and graphs are, how they are declared, read, checked and listed."""
