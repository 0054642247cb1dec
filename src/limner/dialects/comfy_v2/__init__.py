"""Comfy API v2: what its clients send and read, as pure translation."""
