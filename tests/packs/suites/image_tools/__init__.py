"""Pictures and masks."""

from .nodes_image import NODE_CLASS_MAPPINGS as IMAGE_NODES
from .nodes_mask import NODE_CLASS_MAPPINGS as MASK_NODES

NODE_CLASS_MAPPINGS = {**IMAGE_NODES, **MASK_NODES}
NODE_DISPLAY_NAME_MAPPINGS = {name: name.removeprefix("Suite").replace("_", " ") for name in NODE_CLASS_MAPPINGS}

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
