"""T2I-Adapter: a small network whose features of a picture are added after input blocks, once for a whole walk.

Source: Mou et al. 2023, "T2I-Adapter: learning adapters to dig out more controllable ability".
"""

import re
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from limner.models.control.control import ControlKind, HintRequest, Residuals, Seen, covering
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout

PREFIXES = ("adapter.", "")
COLOURS = 3
PIXELS = 8
"""Pixels of a side that are put behind each other as channels; SDXL's look at ``WIDE`` at a time."""
WIDE = 16
OF_SDXL = (256, 768)
"""Channels of one and of three colours so put together."""

PLACES = (2, 5, 8, 11)
"""The last input block of each level, where features are added."""
PLACES_OF_SDXL = (3, 5, 8)
"""The same; the first level's are added behind its downsampling, the last ones in the middle."""


def _blueprint(layout: Layout) -> Blueprint | None:
    prefix = next((prefix for prefix in PREFIXES if _holds(layout, prefix)), None)
    if prefix is None:
        return None
    inside = layout.under(prefix)
    light = "conv_in.weight" not in inside
    names = {_light_name(name) if light else _full_name(name, inside): name for name in inside}
    named = Layout({target: inside.shape(name) for target, name in names.items()})
    configuration = _light(named) if light else _full(named)
    return Blueprint(
        keys={f"adapter.{target}": Source((prefix + name,)) for target, name in names.items()},
        build=lambda: _build(configuration),
        facts=dict(configuration),
    )


def _holds(layout: Layout, prefix: str) -> bool:
    """Light ones have no first convolution, full ones no last ones; both have a body of blocks."""
    marks = ("body.0.block1.weight", "body.0.body.0.block1.weight", "body.0.resnets.0.block1.weight")
    return any(prefix + mark in layout for mark in marks)


def _full_name(name: str, inside: Layout) -> str:
    """Diffusers' name; the original layout counts blocks in a row, two to a level."""
    found = re.fullmatch(r"body\.(\d+)\.((?:block\d|in_conv)\..+)", name)
    if not found or inside.has("body.0.resnets."):
        return name
    level, place = divmod(int(found[1]), 2)
    return f"body.{level}.{found[2]}" if found[2].startswith("in_conv") else f"body.{level}.resnets.{place}.{found[2]}"


def _light_name(name: str) -> str:
    return re.sub(r"^(body\.\d+)\.body\.", r"\1.resnets.", name)


def _light(named: Layout) -> dict[str, Any]:
    levels = named.count("body.{}.")
    return {
        "in_channels": named.shape("body.0.in_conv.weight")[1] // PIXELS**2,
        # The last level has the channels of the one before.
        "channels": [named.shape(f"body.{level}.out_conv.weight")[0] for level in range(levels - 1)],
        "num_res_blocks": named.count("body.0.resnets.{}."),
        "downscale_factor": PIXELS,
        "adapter_type": "light_adapter",
    }


def _full(named: Layout) -> dict[str, Any]:
    squeezed = named.shape("conv_in.weight")[1]
    side = WIDE if squeezed in OF_SDXL else PIXELS
    return {
        "in_channels": squeezed // side**2,
        "channels": [
            named.shape(f"body.{level}.resnets.0.block2.weight")[0] for level in range(named.count("body.{}."))
        ],
        "num_res_blocks": named.count("body.0.resnets.{}."),
        "downscale_factor": side,
        "adapter_type": "full_adapter_xl" if side == WIDE else "full_adapter",
    }


def _build(configuration: dict[str, Any]) -> nn.Module:
    from diffusers import T2IAdapter  # takes a second to import, so only when one is built

    return T2IAdapter(**configuration)


def _residuals(network: Any, seen: Seen) -> Residuals:
    """Features of levels, each behind the last input block of its level."""
    features = network(seen.hint if network.config.in_channels == COLOURS else seen.hint.mean(dim=1, keepdim=True))
    if network.config.adapter_type != "full_adapter_xl":
        return {"input": _placed(PLACES, features)}
    return {"input": _placed(PLACES_OF_SDXL, features[:3]), "middle": (features[3],)}


def _placed(places: Sequence[int], features: Sequence[Tensor]) -> tuple[Tensor | None, ...]:
    found = dict(zip(places, features, strict=True))
    return tuple(found.get(number) for number in range(places[-1] + 1))


def _hint(request: HintRequest) -> Tensor:
    """The picture, its sides multiples of what a network may look at."""
    height, width = (-(-side // WIDE) * WIDE for side in request.picture.shape[-2:])
    return covering(request.picture, height, width)


T2I_ADAPTER = ControlKind(
    name="t2i_adapter",
    doc="T2I-Adapter for Stable Diffusion 1 and SDXL, full and light.",
    steers=("sd1", "sdxl"),
    blueprint=_blueprint,
    residuals=_residuals,
    hint=_hint,
)
