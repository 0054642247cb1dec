"""LoRAs that count differently in different blocks of a network."""

from typing import Annotated

from limner.graph.declare import Text, node
from limner.models.block_weights import with_block_weights
from limner.nodes.growing import OWN
from limner.nodes.loaders import AdapterName, Library, file_stamp
from limner.nodes.sockets import CLIP, MODEL
from limner.nodes.widgets import AdapterStrength


@node(
    name="LoadLoraByBlock",
    title="Load LoRA by Block",
    category="loaders",
    outputs=("MODEL", "CLIP"),
    module=OWN,
    fingerprint=file_stamp("loras", "lora_name"),
)
def load_lora_by_block(
    *,
    model: MODEL,
    clip: CLIP,
    lora_name: AdapterName,
    strength_model: AdapterStrength = 1.0,
    strength_clip: AdapterStrength = 1.0,
    block_weights: Annotated[str, Text(multiline=True)] = "ALL",
    library: Library,
) -> tuple[MODEL, CLIP]:
    """A network and its text encoder, changed by a LoRA that has a weight for each block of the network.

    ``block_weights`` is a preset (ALL, NONE, INS, IND, INALL, MIDD, OUTD, OUTS, OUTALL), numbers for BASE and the
    blocks in their order (17 or 26 for SD 1, 12 or 20 for SDXL), or names: ``*=0, IN04-IN08=0.7, MID=1``. Blocks of
    transformers go by number or list: ``0-18=1``, ``single_blocks.0-9=0.5``. BASE is the text encoder and what lies
    outside blocks.
    """
    if strength_model == 0 and strength_clip == 0:
        return model, clip
    adapter = library.adapter(lora_name)
    network, base = with_block_weights(model.network, adapter, strength_model, block_weights)
    strength = strength_clip * base
    text = clip if clip is None or strength == 0 else clip.with_adapter(adapter, strength)
    return model.with_network(network), text
