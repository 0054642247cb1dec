"""The changes of a UNet's weights that come in a FaceID file: a LoRA of all its attentions, by their numbers.

Source: the authors of IP-Adapter on the model card of IP-Adapter-FaceID (2023): "LoRA to improve ID consistency".
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import Adapter, Change, Rewrite
from limner.models.adapters.lora import LowRank
from limner.models.load.model_file import ModelFile
from limner.models.network import Network

PART = re.compile(r"ip_adapter\.(\d+)\.(to_q|to_k|to_v|to_out)_lora\.(up|down)\.weight")
ATTENTION = re.compile(r"(.+\.attn([12]))\.to_q\.weight")
SIDES = ("down_blocks", "up_blocks", "mid_block")
"""The order in which files number attentions; diffusers' network has it."""


def face_changes(file: ModelFile) -> Adapter | None:
    """The changes in a file, by number of the attention and part, ``3.to_q``; None if it has none."""
    found = {name: match for name in file.tensors if (match := PART.fullmatch(name))}
    if not found:
        return None
    tensors = file.read(found)
    modules = sorted({(match[1], match[2]) for match in found.values()})
    changes: dict[str, Change | Rewrite] = {}
    for number, part in modules:
        up, down = (f"ip_adapter.{number}.{part}_lora.{side}.weight" for side in ("up", "down"))
        if up in tensors and down in tensors:
            changes[f"{number}.{part}"] = LowRank(up=tensors[up], down=tensors[down])
    return Adapter(f"{file.path.name} (LoRA)", (file.identity, "face"), changes)


def with_face_changes(network: Network, changes: Adapter, strength: float) -> Network:
    """A UNet with the changes of a FaceID file; itself at strength 0.

    Raises:
        NumericsError: if it has fewer attentions than the file changes.
    """
    attentions = numbered(network.blueprint.keys)
    if any(int(place.partition(".")[0]) >= len(attentions) for place in changes.changes):
        raise NumericsError(
            f"{changes.name} changes more attentions than the {len(attentions)} of {network.what}: it was made for "
            "another model family."
        )
    named: dict[str, Change | Rewrite] = {}
    for place, change in changes.changes.items():
        number, _, part = place.partition(".")
        layer = f"{part}.0" if part == "to_out" else part
        named[f"{attentions[int(number)]}.{layer}.weight"] = change
    return network.with_changes(replace(changes, changes=named), strength) if strength else network


def numbered(weights: Iterable[str]) -> list[str]:
    """A UNet's attentions as files number them, from the names of its weights."""
    found = [match[1] for name in weights if (match := ATTENTION.fullmatch(name))]
    return sorted(found, key=_order)


def _order(name: str) -> tuple[int, ...]:
    side = next((number for number, begin in enumerate(SIDES) if name.startswith(begin)), len(SIDES))
    return (side, *(int(number) for number in re.findall(r"\d+", name)))
