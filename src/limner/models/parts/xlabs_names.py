"""Names in the LoRAs of XLabs for Flux: they count the processors of a block's attentions.

Of a double block ``qkv_lora1`` and ``proj_lora1`` are the picture's, number 2 is the text's. A single block's change
only the queries, keys and values of the layer that makes the perceptron's input too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import torch

from limner.models.adapters.module_names import NETWORK
from limner.models.load.blueprint import Blueprint, Piece, Source

DOUBLE = "transformer_blocks.{}.attn."
SINGLE = "single_transformer_blocks.{}.attn.to_q.weight"
FUSED: Mapping[str, tuple[str, ...]] = {
    "qkv_lora1": ("to_q", "to_k", "to_v"),
    "qkv_lora2": ("add_q_proj", "add_k_proj", "add_v_proj"),
}
WHOLE: Mapping[str, str] = {"proj_lora1": "to_out.0", "proj_lora2": "to_add_out"}
"""Names in double blocks, to the network's."""


def with_xlabs_names(blueprint: Blueprint) -> Blueprint:
    """Flux's blueprint, whose weights adapters may also call by these names."""
    aliases: dict[str, str] = {}
    pieces: dict[str, tuple[Piece, ...]] = {}
    for block in _blocks(blueprint, DOUBLE + "to_q.weight"):
        place, attention = f"{NETWORK}double_blocks.{block}.processor.", DOUBLE.format(block)
        aliases |= {place + name: f"{attention}{target}.weight" for name, target in WHOLE.items()}
        pieces |= {place + name: _stacked(blueprint, attention, targets) for name, targets in FUSED.items()}
    for block in _blocks(blueprint, SINGLE):
        place = f"{NETWORK}single_blocks.{block}.processor."
        aliases[f"{place}proj"] = f"single_transformer_blocks.{block}.proj_out.weight"
        attention = f"single_transformer_blocks.{block}.attn."
        pieces[f"{place}qkv"] = _stacked(blueprint, attention, FUSED["qkv_lora1"])
    return replace(blueprint, aliases={**blueprint.aliases, **aliases}, pieces={**blueprint.pieces, **pieces})


def _blocks(blueprint: Blueprint, mark: str) -> Iterator[int]:
    block = 0
    while mark.format(block) in blueprint.keys:
        yield block
        block += 1


def _stacked(blueprint: Blueprint, place: str, targets: tuple[str, ...]) -> tuple[Piece, ...]:
    """Layers that are one below the other in an adapter."""
    names = [f"{place}{target}.weight" for target in targets]
    rows = [_rows(blueprint.keys[name]) for name in names]
    starts = [sum(rows[:number]) for number in range(len(rows))]
    numbers = [torch.arange(start, start + count) for start, count in zip(starts, rows, strict=True)]
    return tuple(Piece(name, own, sum(rows)) for name, own in zip(names, numbers, strict=True))


def _rows(source: Source) -> int:
    """Rows of a layer, which is as stored or a part of what is."""
    return source.shape[0] if source.shape else 0
