"""One noise schedule a file."""
