"""Hints that only trained networks can find, through the package ``controlnet-aux`` where it is installed.

What is used of it is what its documentation names: detectors that ``from_pretrained`` fills from a folder, and that
make a picture of a picture. Nothing is downloaded while a workflow runs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from limner.graph.declare import Choice, node
from limner.graph.errors import ModelFileError, StepError
from limner.media.pictures import to_bytes
from limner.media.resize import resize_images
from limner.nodes.growing import OWN
from limner.nodes.loaders import Library
from limner.nodes.preprocessors_edges import PREPROCESSORS
from limner.nodes.sockets import IMAGE
from limner.storage.folders import Folders

WEIGHTS = "annotators"
"""The folder below a model root that holds the detectors' weights."""

DETECTORS: Mapping[str, str] = {
    "depth (midas)": "MidasDetector",
    "depth (zoe)": "ZoeDetector",
    "line art": "LineartDetector",
    "line art (anime)": "LineartAnimeDetector",
    "normal (bae)": "NormalBaeDetector",
    "pose": "OpenposeDetector",
    "soft edge (hed)": "HEDdetector",
    "soft edge (pidinet)": "PidiNetDetector",
    "straight lines": "MLSDdetector",
}
"""What a detector finds, and its class in the package."""


def weights_folder(folders: Folders) -> Path:
    """Where the detectors' weights are.

    Raises:
        ModelFileError: if there is no such folder.
    """
    for root in folders.model_roots:
        if (root / WEIGHTS).is_dir():
            return root / WEIGHTS
    raise ModelFileError(
        f"The weights of the detectors are missing: there is no folder {WEIGHTS!r} beside the other model folders. Put "
        "the files of the hub repository lllyasviel/Annotators there."
    )


def detector(kind: str, folder: Path) -> Any:
    """A detector of a kind, filled from a folder.

    Raises:
        StepError: if the package is missing.
        ModelFileError: if its weights are.
    """
    try:
        import controlnet_aux  # pyright: ignore[reportMissingImports]  # an extra: it needs torchvision
    except ImportError as error:
        raise StepError(
            f"Finding {kind!r} needs the package controlnet-aux, which cannot be imported ({error}). Install it with "
            "`pip install limner[preprocessors]`, or use SoftEdges, LineArt, Scribble or Canny, which need no network."
        ) from error
    try:
        return getattr(controlnet_aux, DETECTORS[kind]).from_pretrained(str(folder))
    except (OSError, ValueError) as error:
        raise ModelFileError(
            f"The weights for {kind!r} are not complete in the folder {folder.name!r} ({error}). Put the files of the "
            "hub repository lllyasviel/Annotators there."
        ) from error


def found(detect: Any, frame: Tensor) -> Tensor:
    """The hint of one image, at its size. Shapes: [h w c] to [1 h w 3]."""
    answer = detect(Image.fromarray(to_bytes(frame[..., :3])))
    pixels = np.asarray(answer.convert("RGB"), dtype=np.float32) / 255.0
    hint = torch.from_numpy(pixels)[None]
    height, width = frame.shape[:2]
    return hint if hint.shape[1:3] == (height, width) else resize_images(hint, width, height, "bilinear")


@node(name="LearnedHint", title="Learned Hint", category=PREPROCESSORS, module=OWN)
def learned_hint(*, image: IMAGE, kind: Annotated[str, Choice(*DETECTORS)], library: Library) -> IMAGE:
    """Depth, poses, normals or lines that a trained detector finds; needs the extra ``preprocessors`` and its weights.

    Weights belong into the folder ``annotators`` beside the other model folders.
    """
    detect = detector(kind, weights_folder(library.folders))
    device = str(library.device)
    if device != "cpu" and hasattr(detect, "to"):
        detect = detect.to(device)
    return torch.cat([found(detect, frame) for frame in image])
