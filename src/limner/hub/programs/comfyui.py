"""ComfyUI: a folder ``models`` with a folder for each kind, as ours are."""

from pathlib import Path

from limner.hub.kinds import UNFETCHED
from limner.hub.program import Installation, Program, present
from limner.storage.folders import KINDS

LAYOUT = {kind: names for kind, names in KINDS.items() if kind not in UNFETCHED} | {"configs": ("configs",)}
SURE = ("checkpoints", "diffusion_models", "text_encoders", "loras")
"""Folders of which a ComfyUI has at least two."""


def _look(path: Path) -> Installation | None:
    """The installation, its folder ``models``, or a portable one's folder around it."""
    for base in (path / "models", path, path / "ComfyUI" / "models"):
        if sum((base / name).is_dir() for name in SURE) < 2:
            continue
        root = base.parent if base.name == "models" else base
        further = root / "extra_model_paths.yaml"
        note = f"It names further folders in {further}: import that file's folders too, or pass --extra-model-paths."
        return Installation(root, present(base, LAYOUT), notes=(note,) if further.is_file() else ())
    return None


COMFYUI = Program("comfyui", 20, "ComfyUI", _look)
