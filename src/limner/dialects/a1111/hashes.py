"""Short digests of the files that draw a picture, by which others find them whatever they are called. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from limner.dialects.a1111.passes import Pass
from limner.graph.catalog import Lists

Digest = Callable[[str, str], str | None]
"""A file's digest by its kind and name: of LoRAs the one of their tensors alone; None if it is not known yet."""

LONG, SHORT = 12, 10
"""Digits that are told of adapters and words, and of all else."""


def unknown(kind: str, name: str) -> str | None:
    """No file's digest is known."""
    return None


@dataclass(frozen=True, kw_only=True)
class Hashes:
    """What is known of the files of a drawing.

    Attributes:
        vae: Of the autoencoder, if it is not the checkpoint's own.
        loras: By name,
        words: and of learned words, likewise.
    """

    vae: str | None = None
    loras: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


def hashes_of(passes: Sequence[Pass], prompts: Sequence[str], lists: Lists, digest: Digest) -> Hashes:
    """The digests of what passes use beside their checkpoint.

    Args:
        passes: Of the drawing.
        prompts: All of them.
        lists: Names of files by their kind.
        digest: What is known.
    """
    vae = passes[0].network.vae
    files = dict.fromkeys(
        adapter.file for one in passes for adapter in one.network.adapters if adapter.folder == "loras"
    )
    said = set(re.findall(r"[\w.-]+", " ".join(prompts).casefold()))
    words = [name for name in lists("embeddings") if _stem(name).casefold() in said]
    return Hashes(
        vae=_short(digest("vae", vae), SHORT) if vae else None,
        loras=_known("loras", list(files), digest),
        words=_known("embeddings", words, digest),
    )


def listed(hashes: Mapping[str, str]) -> str | None:
    """As pictures tell them; None if there are none."""
    return ", ".join(f"{name}: {digest}" for name, digest in hashes.items()) or None


def _known(kind: str, names: Sequence[str], digest: Digest) -> dict[str, str]:
    found = {_stem(name): _short(digest(kind, name), LONG) for name in names}
    return {name: short for name, short in found.items() if short}


def _short(digest: str | None, digits: int) -> str | None:
    return digest[:digits] if digest else None


def _stem(name: str) -> str:
    return PurePosixPath(name).stem
