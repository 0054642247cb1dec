"""Limner as tools of the Model Context Protocol: a client of a running server that MCP hosts start or call.

It speaks HTTP to Limner through ``limner_client`` and knows nothing of engine or server. ``limner mcp`` starts it.
"""
