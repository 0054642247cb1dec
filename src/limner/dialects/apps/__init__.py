"""Workflows as apps: any workflow becomes an endpoint with typed inputs, without special nodes. Pure translation.

What an app asks for is found in its graph (``inputs``) and filled in (``building``). Nothing here reads files or speaks
HTTP.
"""
