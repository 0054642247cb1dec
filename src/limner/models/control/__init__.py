"""One kind of control network a file."""
