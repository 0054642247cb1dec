"""The routes, one topic a file; ``limner.server.application`` finds them."""
