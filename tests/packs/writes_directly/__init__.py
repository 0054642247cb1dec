"""Writes into the host's tables itself instead of offering its own."""

import nodes


class DirectNode:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"n": (["one", 2, 3.5],)}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"

    def run(self, n):
        return (f"{n}",)


class BrokenNode(DirectNode):
    @classmethod
    def INPUT_TYPES(cls):
        raise KeyError("no inputs today")


nodes.NODE_CLASS_MAPPINGS["DirectNode"] = DirectNode
nodes.NODE_DISPLAY_NAME_MAPPINGS["DirectNode"] = "Direct"
NODE_CLASS_MAPPINGS = {"BrokenNode": BrokenNode}
