"""Parts of Comfy API v2: its door, streams, uploads and what is kept."""
