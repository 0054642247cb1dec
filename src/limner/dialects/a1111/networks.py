"""The network of a pass: its checkpoint, and what the prompt and the options attach to it. Pure."""

import math
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from limner.dialects.a1111.extra_networks import Adapter, adapter_file, taken_out
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.passes import Network, Weighed
from limner.dialects.a1111.request import Asked

FIRST, PAINTED, SECOND = "token_merging_ratio", "token_merging_ratio_img2img", "token_merging_ratio_hr"
"""Options that merge elements of the network, by the kind of pass; the first one counts where the others are 0."""

MODULES, SECOND_MODULES = "forge_additional_modules", "hr_additional_modules"
"""Lists of further files; autoencoders among them count."""


def network_of(
    asked: Asked, known: Known, checkpoint: str, prompt: str, *, second: bool = False
) -> tuple[str, Network]:
    """What a prompt says without its tags, and a network with what they name.

    Args:
        asked: The request.
        known: What there is.
        checkpoint: The network's file.
        prompt: Of the pass.
        second: It is the second one.

    Raises:
        GraphError: if a file that a tag names is not there.
    """
    text, adapters = (prompt, ()) if asked["disable_extra_networks"] else taken_out(prompt)
    modules = asked.fields.get(SECOND_MODULES) if second else None
    return text, Network(
        checkpoint=checkpoint,
        vae=_vae(known, modules),
        clip_skip=_clip_skip(known),
        adapters=tuple(_weighed(adapter, known) for adapter in adapters),
        tiling=bool(asked["tiling"]),
        merged=_merged(known.options, SECOND if second else PAINTED if asked.from_picture else FIRST),
    )


def number(said: object, limits: tuple[float, float], default: float) -> float:
    """An option as a number within limits; what is none counts as the default."""
    if not isinstance(said, int | float) or not math.isfinite(said):
        return default
    return min(max(float(said), limits[0]), limits[1])


def _merged(options: Mapping[str, Any], name: str) -> float:
    return number(options.get(name) or options.get(FIRST), (0.0, 0.9), 0.0)


def _weighed(adapter: Adapter, known: Known) -> Weighed:
    file = adapter_file(adapter, known.lists(adapter.folder))
    return Weighed(adapter.folder, file, adapter.weight, adapter.text_weight)


def _vae(known: Known, modules: object) -> str:
    """The file of another autoencoder; empty for the checkpoint's own, also if there is no such file."""
    files = known.lists("vae")
    named = known.options.get(MODULES)
    for told in (modules, named):
        found = [_file(one, files) for one in told] if isinstance(told, list) else []  # pyright: ignore[reportUnknownVariableType]
        if any(found):
            return next(file for file in found if file)
    return _file(known.options.get("sd_vae"), files)


def _file(said: object, files: Sequence[str]) -> str:
    """The file of a name, path or stem; empty if there is none."""
    asked = str(said or "").replace("\\", "/").strip().casefold()
    if asked in ("", "automatic", "none"):
        return ""
    for name in files:
        path = PurePosixPath(name.casefold())
        if asked in (str(path), path.name, path.stem) or asked.endswith(f"/{path}"):
            return name
    return ""


def _clip_skip(known: Known) -> int:
    return int(number(known.options.get("CLIP_stop_at_last_layers"), (1, 12), 1))
