"""The versioned interface for node packs: ``comfy_api.latest`` and its numbered forms."""
