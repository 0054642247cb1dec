"""Where the built-in model's file lies. Here, not in ``models``, because the service half lists it without torch."""

from collections.abc import Mapping
from pathlib import Path

BUILTIN_CHECKPOINT = "limner-mini.safetensors"
"""Name of the built-in model in every list of checkpoints."""

BUILTIN_SIZE = 128
"""The width and height in pixels that it was trained for."""


def builtin_checkpoint() -> Path | None:
    """Path of the built-in model: inside the installed package, else in the repository; None if it is in neither."""
    package = Path(__file__).resolve().parents[1]
    places = (
        package / "models" / "builtin" / BUILTIN_CHECKPOINT,
        package.parents[1] / "models" / "builtin" / BUILTIN_CHECKPOINT,
    )
    return next((place for place in places if place.is_file()), None)


def builtin_models() -> Mapping[str, Mapping[str, Path]]:
    """Built-in files by kind and name, for ``Folders.builtin``. The checkpoint's parts count as files too."""
    path = builtin_checkpoint()
    if path is None:
        return {}
    kinds = ("checkpoints", "vae", "diffusion_models", "text_encoders")
    return {kind: {BUILTIN_CHECKPOINT: path} for kind in kinds}
