"""Limner: a modular diffusion engine, server and studio."""

__version__ = "0.1.0"
