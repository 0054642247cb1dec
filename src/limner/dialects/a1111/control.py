"""Units of A1111's ControlNet: from ``alwayson_scripts`` to nodes that steer. Pure."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from limner.dialects.a1111.control_keys import ALIASES, CONTROL_MODES, MODULES, RESIZE_MODES
from limner.dialects.a1111.errors import invalid
from limner.graph.graph import Link

NAME = "controlnet"
MOST_UNITS = 10
PROMPT_FIRST, CONTROL_FIRST = 1, 2
"""Control modes other than the balanced one."""

DECAY = 0.825
"""What each block counts of the next deeper one where the prompt counts more."""

REFERENCE = "reference_only"
"""The module that needs no network of its own."""

Add = Callable[..., Link]
"""Adds a node: its name, its type and its inputs; gives its first output."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A picture that steers.

    Attributes:
        module: One of MODULES, or REFERENCE.
        network: File of the network that is steered by; empty for REFERENCE.
        picture: As it was sent; empty: what is painted over. The server puts the input picture's name here.
        weight: How strongly,
        start: and from
        end: to which part of the walk, 0..1.
        resize: How the picture comes to size: 0 stretched, 1 cut, 2 with black borders.
        mask: Where it steers, as ``picture``; empty: everywhere.
        mode: 0 balanced, 1: the prompt counts more, 2: only what is wanted is steered.
        thresholds: Of the module; negative: its own.
        passes: ``both``, ``low`` (the first pass only) or ``high``.
    """

    module: str
    network: str
    picture: str
    weight: float = 1.0
    start: float = 0.0
    end: float = 1.0
    resize: int = 1
    mask: str = ""
    mode: int = 0
    thresholds: tuple[float, float] = (-1.0, -1.0)
    passes: str = "both"


def control_units(scripts: Mapping[str, Any], networks: Sequence[str]) -> list[Unit]:
    """The units of a request that are switched on.

    Args:
        scripts: ``alwayson_scripts``.
        networks: Files of control networks.

    Raises:
        GraphError: if there is another script, or a unit cannot be meant.
    """
    units: list[Unit] = []
    for name, told in scripts.items():
        if name.casefold() != NAME:
            message = f"always on script {name!r:.100} not found. There is: {NAME}."
            raise invalid(message, "alwayson_scripts", name)
        args = told.get("args") if isinstance(told, Mapping) else None
        for number, entry in enumerate(args if isinstance(args, list) else []):
            unit = _unit(entry, networks, ("alwayson_scripts", name, number))
            units += [unit] if unit is not None else []
    if len(units) > MOST_UNITS:
        raise invalid(f"{len(units)} units are switched on; at most {MOST_UNITS} are taken.", "alwayson_scripts")
    return units


def hint(add: Add, name: str, module: str, image: Link, thresholds: tuple[float, float] = (-1.0, -1.0)) -> Link:
    """What a network is shown of an image. Args: module: One of MODULES."""
    found = MODULES[module]
    if not found.node:
        return image
    inputs = dict(found.fixed)
    for slider, sent in zip((found.first, found.second), thresholds, strict=True):
        if slider is not None:
            inside = slider.least <= sent <= slider.most
            inputs[slider.key] = (sent if inside else slider.default) / slider.unit
    return add(name, found.node, image=image, **inputs)


@dataclass(frozen=True)
class Shown:
    """What a unit's network looks at. Attributes: hint: A picture; mask: Where it counts, as a picture; None: all."""

    hint: Link
    mask: Link | None = None


def steered(add: Add, name: str, unit: Unit, shown: Shown, texts: tuple[Link, Link], vae: Link) -> tuple[Link, Link]:
    """What is wanted and what is not, steered by a unit.

    Args:
        add: Adds a node.
        name: What the names of its nodes begin with.
        unit: The unit.
        shown: What its network looks at.
        texts: What is wanted and what is not.
        vae: For networks that look at latents.
    """
    network = add(f"{name} network", "ControlNetLoader", control_net_name=unit.network)
    told: dict[str, Any] = {"strength": unit.weight, "start_percent": unit.start, "end_percent": unit.end}
    told |= {"control_net": network, "image": shown.hint, "vae": vae, "positive": texts[0], "negative": texts[1]}
    kind = "ControlNetApplyAdvanced"
    if shown.mask is not None or unit.mode == PROMPT_FIRST:
        kind = "ControlNetApplyShaped"
        told["decay"] = DECAY if unit.mode == PROMPT_FIRST else 1.0
    if shown.mask is not None:
        told["mask"] = add(f"{name} mask", "ImageToMask", image=shown.mask, channel="red")
    wanted = add(name, kind, **told)
    return wanted, texts[1] if unit.mode == CONTROL_FIRST else Link(wanted.source, 1)


def referred(add: Add, name: str, unit: Unit, image: Link, model: Link, vae: Link) -> Link:
    """The network that looks at a unit's picture while it paints. Args: as those of ``steered``."""
    latent = add(f"{name} latent", "VAEEncode", pixels=image, vae=vae)
    told = {"strength": min(max(unit.weight, 0.0), 4.0), "start_percent": unit.start, "end_percent": unit.end}
    return add(name, "ReferenceOnly", model=model, reference=latent, **told)


def fitted(add: Add, name: str, image: Link, size: tuple[int, int], resize: int) -> Link:
    """A unit's image at the size that is painted. Args: resize: As Unit's."""
    if resize == 2:
        told: dict[str, Any] = {"target_width": size[0], "target_height": size[1]}
        return add(name, "ResizeAndPadImage", image=image, padding_color="black", interpolation="area", **told)
    told = {"width": size[0], "height": size[1], "upscale_method": "lanczos"}
    return add(name, "ImageScale", image=image, crop="center" if resize == 1 else "disabled", **told)


def find_module(asked: object) -> str | None:
    """The module of a name; None if nobody has it."""
    name = str(asked or "none").strip().casefold()
    name = ALIASES.get(name, name)
    return name if name in MODULES else None


def find_control(asked: object, networks: Sequence[str]) -> str | None:
    """The file of a control network by its name, also with a digest behind it."""
    wanted = str(asked or "").partition(" [")[0].strip().casefold()
    for network in networks:
        pure = PurePosixPath(network)
        if wanted in (network.casefold(), str(pure.with_suffix("")).casefold(), pure.stem.casefold()):
            return network
    return None


def _unit(entry: Any, networks: Sequence[str], place: tuple[str | int, ...]) -> Unit | None:
    """A unit; None if it is switched off, or names no network."""
    if not isinstance(entry, Mapping) or entry.get("enabled") is False:
        return None
    asked = entry.get("model")
    if str(entry.get("module") or "").strip().casefold() == REFERENCE:
        return _read(entry, "", REFERENCE, place)
    if str(asked or "none").casefold() == "none":
        return None
    network, module = find_control(asked, networks), find_module(entry.get("module"))
    if network is None:
        known = ", ".join(PurePosixPath(one).stem for one in networks) or "none"
        raise invalid(f"model {asked!r:.100} not found. There are: {known}.", *place, "model")
    if module is None:
        message = f"module {entry.get('module')!r:.100} not found. There are: {', '.join((*MODULES, REFERENCE))}."
        raise invalid(message, *place, "module")
    return _read(entry, network, module, place)


def _read(entry: Mapping[str, Any], network: str, module: str, place: tuple[str | int, ...]) -> Unit:
    mode = _chosen(entry.get("control_mode"), CONTROL_MODES, 0, (*place, "control_mode"))
    hr = str(entry.get("hr_option") or "both").casefold()

    def number(name: str, limits: tuple[float, float], default: float) -> float:
        return _number(entry.get(name), limits, default, (*place, name))

    return Unit(
        module=module,
        network=network,
        picture=_picture(entry),
        weight=number("weight", (-2.0, 10.0), 1.0),
        start=number("guidance_start", (0.0, 1.0), 0.0),
        end=number("guidance_end", (0.0, 1.0), 1.0),
        resize=_chosen(entry.get("resize_mode"), RESIZE_MODES, 1, (*place, "resize_mode")),
        mask=_mask(entry),
        mode=mode,
        thresholds=(number("threshold_a", (-1.0, 4096.0), -1.0), number("threshold_b", (-1.0, 4096.0), -1.0)),
        passes="low" if hr.startswith("low") else "high" if hr.startswith("high") else "both",
    )


def _picture(entry: Mapping[str, Any]) -> str:
    sent = entry.get("image") or entry.get("input_image") or ""
    if isinstance(sent, Mapping):
        sent = sent.get("image") or ""
    return sent if isinstance(sent, str) else ""


def _mask(entry: Mapping[str, Any]) -> str:
    """Where the unit counts: a field of its own, or beside the picture."""
    sent = entry.get("mask") or entry.get("mask_image") or entry.get("effective_region_mask")
    if not sent and isinstance(entry.get("image"), Mapping):
        sent = entry["image"].get("mask")
    return sent if isinstance(sent, str) else ""


def _chosen(value: Any, names: Mapping[str, int], default: int, place: tuple[str | int, ...]) -> int:
    if value is None:
        return default
    if isinstance(value, int) and value in names.values():
        return value
    found = names.get(str(value).strip().casefold())
    if found is None:
        raise invalid(f"This must be one of {', '.join(names)}, but is {value!r:.40}.", *place)
    return found


def _number(value: Any, limits: tuple[float, float], default: float, place: tuple[str | int, ...]) -> float:
    if value is None or value == "":
        return default
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not limits[0] <= number <= limits[1]:
        raise invalid(f"This must be a number from {limits[0]} to {limits[1]}, but is {value!r:.40}.", *place)
    return number
