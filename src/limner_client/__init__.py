"""Limner's Python client and workflow builder. Speaks HTTP and WebSocket; needs nothing of the server's code."""
