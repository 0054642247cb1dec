"""What an architecture of text encoders has to say of itself: one record, filled by one file in ``kinds``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout


@dataclass(frozen=True)
class FoundText:
    """A text encoder in a file.

    Attributes:
        kind: The architecture's name.
        name: Which one it seems to be: ``clip_l``, ``t5xxl`` ...
        certain: Whether its sizes say so; else it may be any of its kind.
        prefix: What stands before its tensors' names.
        vocabulary: Number of tokens that it knows.
        blueprint: From the name that it is used under, and what adapters call it (``te1`` ...), how to build it.
    """

    kind: str
    name: str
    certain: bool
    prefix: str
    vocabulary: int
    blueprint: Callable[[str, Sequence[str]], Blueprint]


@dataclass(frozen=True)
class TextKind:
    """An architecture of text encoders.

    Attributes:
        name: ``clip``, ``t5`` ...
        doc: One sentence for people.
        find: Looks below a prefix of a file; None if there is no encoder of this kind.
    """

    name: str
    doc: str
    find: Callable[[Layout, str], FoundText | None]


def addressed(names: Sequence[str], encoder: str) -> tuple[str, ...]:
    """How names of an encoder's modules begin in adapters: kohya's, diffusers', those of single files.

    Args:
        names: What adapters call the encoder: ``te``, ``te1`` ...
        encoder: The name that it is used under.
    """
    beginnings = [f"text_encoders.{encoder}.transformer.", f"{encoder}.transformer."]
    for name in names:
        number = name.removeprefix("te")
        beginnings += [f"lora_{name}_", "text_encoder." if number in ("", "1") else f"text_encoder_{number}."]
    return tuple(beginnings)


def aliases(sources: Mapping[str, Source], names: Sequence[str], encoder: str, inside: str = "") -> dict[str, str]:
    """Names of an encoder's modules in adapters, to names of its weights.

    Args:
        sources: The network's tensors.
        names: See ``addressed``.
        encoder: See ``addressed``.
        inside: What stands before modules in the network and may be missing in adapters.
    """
    found: dict[str, str] = {}
    for target in sources:
        if not target.endswith(".weight"):
            continue
        module = target.removesuffix(".weight")
        for form in {module, module.removeprefix(inside)}:
            for beginning in addressed(names, encoder):
                kohya = beginning.startswith("lora_")
                found[beginning + (form.replace(".", "_") if kohya else form)] = target
    return found


def configured(layout: Layout, prefix: str) -> Mapping[str, Any]:
    """What the configuration beside an encoder's weights says of its network; empty if there is none."""
    own = layout.configuration(prefix) or layout.configuration()
    inner = own.get("text_config")
    return inner if isinstance(inner, dict) else own
