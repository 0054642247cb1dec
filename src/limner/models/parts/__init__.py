"""Shared parts: text encoders and autoencoders, one a file."""
