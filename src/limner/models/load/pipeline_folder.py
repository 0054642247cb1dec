"""Folders as diffusers saves them: a component with its configuration, or a pipeline of such components.

A pipeline's tensors appear under the names of its folders (``unet.``, ``transformer.``, ``vae.``, ``text_encoder_2.``);
configurations appear as texts of the metadata, ``unet.config`` and so on, ``config`` for a component alone.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from limner.graph.errors import ModelFileError
from limner.models.load.shards import INDEX, read_json

PIPELINE = "model_index.json"
CONFIGURATIONS = ("config.json", "scheduler_config.json")
STEMS = ("diffusion_pytorch_model", "model", "pytorch_model")
ENDINGS = (".safetensors", ".fp16.safetensors", ".bf16.safetensors", ".bin", ".fp16.bin")
"""In the order of preference; sharded ones count as their whole."""

SKIPPED = frozenset(("safety_checker", "feature_extractor"))
"""Components that Limner has no use for."""


def components_of(folder: Path) -> dict[str, Path]:
    """A folder's weight files by what stands before their names: nothing for a component alone.

    Raises:
        ModelFileError: if there are none.
    """
    own = weights_in(folder)
    if own is not None and not (folder / PIPELINE).exists():
        return {"": own}
    found = {f"{inner.name}.": weights_in(inner) for inner in _inner(folder)}
    components = {prefix: path for prefix, path in found.items() if path is not None}
    if not components:
        raise ModelFileError(
            f"{folder.name} is a folder without weights: expected a folder of diffusers, with {PIPELINE} and folders "
            f"such as transformer and vae, or with config.json and a file such as {STEMS[0]}.safetensors."
        )
    return components


def weights_in(folder: Path) -> Path | None:
    """The file, or the index, with a component's weights; None if there is none."""
    known = next((path for path in _candidates(folder) if path.is_file()), None)
    if known is not None:
        return known
    others = sorted(folder.glob("*.safetensors"))
    return others[0] if len(others) == 1 and (folder / CONFIGURATIONS[0]).exists() else None


def _candidates(folder: Path) -> Iterator[Path]:
    """Where a component's weights may be, in the order of preference."""
    for ending in ENDINGS:
        for stem in STEMS:
            yield folder / f"{stem}{ending}"
            yield from _indexes(folder, stem, ending)


def _indexes(folder: Path, stem: str, ending: str) -> tuple[Path, ...]:
    """Where the index of a sharded file may be: the variant stands before or after its suffix."""
    variant, _, suffix = ending.removeprefix(".").rpartition(".")
    if not variant:
        return (folder / f"{stem}{ending}{INDEX}",)
    return folder / f"{stem}.{suffix}.index.{variant}.json", folder / f"{stem}.{variant}.{suffix}{INDEX}"


def configurations_in(folder: Path) -> Mapping[str, str]:
    """The configurations of a folder and of its components, as texts. Those that are no JSON are left out."""
    texts: dict[str, str] = {}
    for place, prefix in ((folder, ""), *((inner, f"{inner.name}.") for inner in _inner(folder))):
        for name in CONFIGURATIONS:
            path = place / name
            if path.is_file():
                read_json(path)
                texts[f"{prefix}config"] = path.read_text("utf-8")
    return texts


def _inner(folder: Path) -> list[Path]:
    """The folders of a pipeline's components."""
    return sorted(inner for inner in folder.iterdir() if inner.is_dir() and inner.name not in SKIPPED)
