"""A V3 pack that uses everything of the interface once. Written for the tests."""

from comfy_api.latest import ComfyAPI, ComfyExtension, io

from .dynamic import DYNAMIC_NODES
from .plain import PLAIN_NODES
from .showing import SHOWING_NODES


class KitchenExtension(ComfyExtension):
    """Gives the nodes, and says what an old node is now."""

    async def on_load(self):
        replacement = io.NodeReplace(
            new_node_id="V3Add",
            old_node_id="OldAdd",
            input_mapping=[{"new_id": "a", "old_id": "first"}, {"new_id": "b", "set_value": 1}],
            output_mapping=[{"new_idx": 0, "old_idx": 0}],
        )
        await ComfyAPI().node_replacement.register(replacement)

    async def get_node_list(self):
        return [*PLAIN_NODES, *DYNAMIC_NODES, *SHOWING_NODES]


async def comfy_entrypoint():
    """What the loader asks for."""
    return KitchenExtension()
