"""What a model file is, for people: family, size, precision, metadata. Loads no network."""

from collections import Counter
from pathlib import Path

import msgspec

from limner.graph.errors import ModelFileError
from limner.models.adapters.registry import adapter_kind, load_kinds
from limner.models.load.model_file import ModelFile
from limner.models.registry import find_autoencoder, load_autoencoders, load_families, recognise
from limner.models.text.files import text_in
from limner.models.text.registry import load_text_kinds


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is.

    Attributes:
        path: Where it lies.
        kind: ``checkpoint``, ``diffusion model``, ``adapter``, ``vae`` or ``unknown``.
        family: Name of the family or of the adapter's kind; empty if unknown.
        holds: Which parts: ``model``, ``clip_l``, ``vae`` ...
        tensors: Number of tensors.
        parameters: Number of values.
        dtype: Types, the commonest first, with the share of values in percent.
        bytes: Size of the file, or of all files of a folder.
        metadata: Texts of the file.
        sha256: Hexadecimal; empty unless asked for.
    """

    path: str
    kind: str
    family: str
    holds: tuple[str, ...]
    tensors: int
    parameters: int
    dtype: str
    bytes: int
    metadata: dict[str, str] = {}
    sha256: str = ""


def inspect_model(path: Path, *, digest: bool = False) -> ModelInfo:
    """What a model file is.

    Args:
        path: The file.
        digest: Whether to hash it, which reads it whole.

    Raises:
        ModelFileError: if it is no model file.
    """
    file = ModelFile.open(path)
    kind, family, holds = _identify(file)
    return ModelInfo(
        path=str(path),
        kind=kind,
        family=family,
        holds=holds,
        tensors=len(file.tensors),
        parameters=file.parameters,
        dtype=_types(file),
        bytes=file.identity[1],
        metadata=dict(file.metadata),
        sha256=file.sha256() if digest else "",
    )


def _identify(file: ModelFile) -> tuple[str, str, tuple[str, ...]]:
    layout = file.layout
    vae = ("vae",) if find_autoencoder(layout, load_autoencoders()) is not None else ()
    try:
        family = recognise(file, load_families())
    except ModelFileError:
        kind = adapter_kind(file.tensors, load_kinds())
        return ("adapter", kind, ()) if kind else ("vae" if vae else "unknown", "", vae)
    text = tuple(found.name for found in text_in(layout, load_text_kinds(), family.text_places))
    return ("checkpoint" if text or vae else "diffusion model"), family.name, ("model", *text, *vae)


def _types(file: ModelFile) -> str:
    values: Counter[str] = Counter()
    for info in file.tensors.values():
        count = 1
        for side in info.shape:
            count *= side
        values[info.dtype] += count
    total = max(sum(values.values()), 1)
    return ", ".join(f"{name} {100 * count / total:.0f} %" for name, count in values.most_common())
