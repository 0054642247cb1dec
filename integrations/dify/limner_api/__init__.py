"""What all tools of the plugin share: speaking to the server, running and waiting, telling what came of it."""
