"""Model files as A1111's clients name them: by title, name, digest, or a part of a name that no other has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

SHORT = 10
"""Digits of a digest that stand in a title."""

NO_NAMES = ("", "none", "automatic")
"""Values that name nothing."""


@dataclass(frozen=True)
class ModelFile:
    """A model file.

    Attributes:
        name: As workflows name it.
        path: Where it lies.
        sha256: Its digest if it is known; files of gigabytes are not read for it.
    """

    name: str
    path: Path
    sha256: str | None = None

    @property
    def hash(self) -> str | None:
        """The beginning of the digest."""
        return self.sha256[:SHORT] if self.sha256 else None

    @property
    def title(self) -> str:
        """What clients show and send."""
        return f"{self.name} [{self.hash}]" if self.hash else self.name

    @property
    def model_name(self) -> str:
        """Its name without suffix, and without folders."""
        return str(PurePosixPath(self.name).with_suffix("")).replace("/", "_")


def find_model(asked: str | None, files: Sequence[ModelFile]) -> ModelFile | None:
    """The file that a client means; None if it is none, or not clear."""
    name = (asked or "").strip().replace("\\", "/").casefold()
    if name in NO_NAMES:
        return None
    bare = name.partition(" [")[0]  # A title from before the digest was known, or after it changed.
    for wanted in (name, bare):
        for file in files:
            if wanted in _names(file):
                return file
    parts = [file for file in files if bare in file.title.casefold()]
    return parts[0] if len(parts) == 1 else None


def model_list(files: Sequence[ModelFile]) -> list[dict[str, Any]]:
    """Checkpoints as ``/sd-models`` lists them."""
    return [
        {
            "title": file.title,
            "model_name": file.model_name,
            "hash": file.hash,
            "sha256": file.sha256,
            "filename": str(file.path),
            "config": None,
        }
        for file in files
    ]


def part_list(files: Sequence[ModelFile]) -> list[dict[str, Any]]:
    """Autoencoders and text encoders as ``/sd-vae`` and ``/sd-modules`` list them."""
    return [{"model_name": PurePosixPath(file.name).name, "filename": str(file.path)} for file in files]


def _names(file: ModelFile) -> set[str]:
    pure = PurePosixPath(file.name)
    names = (file.title, file.name, str(pure.with_suffix("")), pure.name, pure.stem, file.model_name, str(file.path))
    digests = (file.sha256, file.hash) if file.sha256 else ()
    return {name.casefold() for name in (*names, *digests) if name}
