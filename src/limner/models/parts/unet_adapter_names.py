"""Names of a UNet's modules in both of its layouts, whichever the network's own file has: adapters are made for either.

kohya writes ``lora_unet_`` and either layout's name with underscores; diffusers and peft write ``unet.`` and diffusers'
name; others ``diffusion_model.`` and either name.
"""

import re
from collections.abc import Iterator, Mapping

from limner.models.load.blueprint import Source
from limner.models.load.layout import Layout
from limner.models.parts.unet_keys import ENDS, MIDDLE, RESIDUAL

PLACE = re.compile(
    r"((?:down_blocks|up_blocks|mid_block)\.(?:\d+\.)?(resnets|attentions|downsamplers|upsamplers)\.\d+\.)(.+)"
)
"""A name in diffusers' layout: where the module stands, what it is, what follows."""


def unet_aliases(names: Mapping[str, str]) -> dict[str, str]:
    """Names of modules in the adapters of several trainers, to the network's weights.

    Args:
        names: The network's tensors, and what its file calls them.
    """
    published = published_names(Layout(dict.fromkeys(names, ())))
    aliases: dict[str, str] = {}
    for target, stored in names.items():
        if not target.endswith(".weight"):
            continue
        for name in {target, published.get(target, stored) if stored == target else stored}:
            module = name.removesuffix(".weight")
            beginnings = (f"lora_unet_{module.replace('.', '_')}", f"unet.{module}", f"diffusion_model.{module}")
            aliases |= dict.fromkeys(beginnings, target)
    return aliases


def unet_sources(names: Mapping[str, str], prefix: str) -> dict[str, Source]:
    """Where a UNet's tensors come from: the file's tensors as they are, below a prefix."""
    published = published_names(Layout({target: () for target, stored in names.items() if target == stored}))
    other = {target: Source((name,)) for target, name in published.items()}
    return {target: Source((prefix + name,), published=other.get(target)) for target, name in names.items()}


def published_names(layout: Layout) -> dict[str, str]:
    """The names of a layout of diffusers, and what the layout of publication calls them."""
    places = dict(_places(layout))
    parts = {new: old for old, new in RESIDUAL.items()}
    found: dict[str, str] = {}
    for name in layout:
        inside = PLACE.fullmatch(name)
        if inside is None:
            old = next((old + name.removeprefix(new) for old, new in ENDS.items() if name.startswith(new)), None)
        elif inside[1] not in places:
            old = None
        else:
            rest = inside[3]
            part = next((new for new in parts if inside[2] == "resnets" and rest.startswith(new)), "")
            inner = re.sub(r"^conv\.", "op.", rest) if inside[2] == "downsamplers" else rest.removeprefix(part)
            old = places[inside[1]] + parts.get(part, "") + inner
        if old is not None:
            found[name] = old
    return found


def _places(layout: Layout) -> Iterator[tuple[str, str]]:
    """Places of modules in diffusers' layout, and in the layout of publication, which numbers blocks in a row."""
    yield from (("mid_block." + new, f"middle_block.{old}.") for old, new in MIDDLE.items())
    yield from _side(layout, "down_blocks", "input_blocks", 1)
    yield from _side(layout, "up_blocks", "output_blocks", 0)


def _side(layout: Layout, side: str, old: str, index: int) -> Iterator[tuple[str, str]]:
    for level in range(layout.count(f"{side}.{{}}.")):
        block = f"{side}.{level}."
        for member in range(layout.count(f"{block}resnets.{{}}.")):
            yield f"{block}resnets.{member}.", f"{old}.{index}.0."
            yield f"{block}attentions.{member}.", f"{old}.{index}.1."
            index += 1
        if layout.has(f"{block}downsamplers.0."):
            yield f"{block}downsamplers.0.", f"{old}.{index}.0."
            index += 1
        elif layout.has(f"{block}upsamplers.0."):
            part = 2 if layout.has(f"{block}attentions.0.") else 1
            yield f"{block}upsamplers.0.", f"{old}.{index - 1}.{part}."
