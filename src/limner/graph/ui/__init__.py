"""ComfyUI's UI format, the file that its page saves: reading one does what the page does before it sends a prompt.

``document`` is the way in. Nothing here knows a node's code, and nothing outside needs more than ``document``,
``page_nodes`` and ``app_mode``.
"""
