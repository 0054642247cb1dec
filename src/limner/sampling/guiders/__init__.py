"""One way of combining predictions a file."""
