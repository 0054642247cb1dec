"""ComfyUI's HTTP and WebSocket API as pure translation."""
