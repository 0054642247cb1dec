"""Adapters that are named in prompts: ``<lora:name:weight>`` and ``<hypernet:name:weight>``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from limner.dialects.a1111.errors import refusal
from limner.graph.errors import UnknownNameError

KINDS = {"lora": "loras", "lyco": "loras", "hypernet": "hypernetworks"}
"""Folders by the first word of a tag. LyCORIS files are LoRAs of another kind; the loader tells them apart."""

_TAG = re.compile(r"<(\w+):([^<>]+)>")


@dataclass(frozen=True)
class Adapter:
    """One that a prompt asks for.

    Attributes:
        folder: ``loras`` or ``hypernetworks``.
        name: As the prompt says it.
        weight: For the network,
        text_weight: and for text encoders.
    """

    folder: str
    name: str
    weight: float = 1.0
    text_weight: float = 1.0


def taken_out(prompt: str) -> tuple[str, tuple[Adapter, ...]]:
    """A prompt without such tags, and what they name. Tags of other kinds stay; they are text."""
    found: list[Adapter] = []

    def take(match: re.Match[str]) -> str:
        folder = KINDS.get(match[1].lower())
        if folder is None:
            return match[0]
        found.append(_adapter(folder, match[2]))
        return ""

    return _TAG.sub(take, prompt), tuple(found)


def _adapter(folder: str, said: str) -> Adapter:
    """What stands behind the first colon: a name, then weights by place or as ``unet=`` and ``te=``."""
    name, *rest = (part.strip() for part in said.split(":"))
    named = dict(part.split("=", 1) for part in rest if "=" in part)
    placed = [part for part in rest if "=" not in part]
    weight = _number(named.get("unet", placed[0] if placed else "1"))
    text = _number(named.get("te", placed[1] if len(placed) > 1 else "nan"))
    return Adapter(folder, name, weight, weight if text != text else text)


def _number(said: str) -> float:
    try:
        return float(said)
    except ValueError:
        return 1.0


def adapter_file(adapter: Adapter, known: Sequence[str]) -> str:
    """The file that a tag means: by its path or name, with or without suffix.

    Raises:
        GraphError: if there is none.
    """
    wanted = adapter.name.replace("\\", "/").lower()
    for name in known:
        path = PurePosixPath(name.lower())
        if wanted in (str(path), str(path.with_suffix("")), path.name, path.stem):
            return name
    kind = adapter.folder.removesuffix("s")
    error = UnknownNameError(kind, adapter.name, known, "GET /sdapi/v1/loras lists LoRAs." if kind == "lora" else "")
    raise refusal(str(error))
