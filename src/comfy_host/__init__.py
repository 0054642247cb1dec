"""The modules that third-party ComfyUI node packs import, written anew over Limner's parts.

``surface`` holds them under the names that packs use (``folder_paths``, ``nodes``, ``comfy.utils`` ...); it is put on
the import path of a worker, never of the server. Everything else here joins them to Limner. Only a worker's entry
imports this package.
"""
