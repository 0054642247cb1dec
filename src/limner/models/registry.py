"""The families and kinds of autoencoders that there are, and which of them a file belongs to."""

from collections.abc import Mapping

from limner.graph.discovery import discover
from limner.graph.errors import ModelFileError
from limner.models import autoencoders, families
from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.misplaced import advice
from limner.models.load.model_file import ModelFile


def load_families() -> Mapping[str, Family]:
    """All families by name. Cost: imports ``families``, no network library."""
    return discover(families, Family, lambda family: family.name)


def load_autoencoders() -> Mapping[str, AutoencoderKind]:
    """All kinds of autoencoders by name."""
    return discover(autoencoders, AutoencoderKind, lambda kind: kind.name)


def find_autoencoder(layout: Layout, known: Mapping[str, AutoencoderKind]) -> tuple[AutoencoderKind, Blueprint] | None:
    """The autoencoder in a file and its kind; None if it holds none."""
    for kind in known.values():
        blueprint = kind.blueprint(layout)
        if blueprint is not None:
            return kind, blueprint
    return None


def recognise(file: ModelFile, known: Mapping[str, Family]) -> Family:
    """The family that a file belongs to.

    Raises:
        ModelFileError: if none knows it; says what the file holds.
    """
    layout = file.layout
    for family in known.values():
        if family.recognise(layout):
            return family
    tops = sorted({name.split(".")[0] for name in layout})
    shown = ", ".join(tops[:6]) + (" ..." if len(tops) > 6 else "")
    told = advice(file, "checkpoints") or " If it is of another kind, load it with the node for that."
    raise ModelFileError(
        f"{file.path.name} is no checkpoint of a known family: it holds {len(file.tensors)} tensors under "
        f"{shown or 'no name'}.{told} `limner list families` shows those that are known."
    )
