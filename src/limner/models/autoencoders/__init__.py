"""One kind of autoencoder a file."""
