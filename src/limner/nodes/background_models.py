"""Background removal by a learned network in an ONNX file (U2-Net, IS-Net, BiRefNet and their kin)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor

from limner.graph.declare import Choice, Service, Socket, node
from limner.graph.errors import LimnerError, ModelFileError
from limner.media.resize import resize, resize_masks
from limner.models.vision.onnx_network import OnnxNetwork
from limner.nodes.sockets import IMAGE, MASK
from limner.storage.folders import Folders

KIND = "background_removal"
USUAL_SIDE = 1024

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CENTRED = ((0.5, 0.5, 0.5), (1.0, 1.0, 1.0))
NORMALISATIONS: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {"isnet": CENTRED, "rmbg": CENTRED}
"""Mean and deviation of pictures as a network was trained, by a part of its file's name; the others take ImageNet's."""

ADVICE = (
    "Put an ONNX file of such a network, for instance u2net.onnx, isnet-general-use.onnx or BiRefNet-general.onnx, "
    "into the model folder 'background_removal'. For plain backgrounds Cut Out Subject needs no file."
)

BACKGROUND_REMOVAL = Annotated[Any, Socket("BACKGROUND_REMOVAL")]


def _stamp(*, bg_removal_name: str | None, folders: Folders) -> str:
    """Changes when the file is replaced."""
    try:
        path = folders.find(KIND, bg_removal_name or "")
        return f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}"
    except (LimnerError, OSError):
        return "missing"


@dataclass(frozen=True)
class BackgroundRemover:
    """A network that tells a subject from its background."""

    network: OnnxNetwork

    def subject(self, image: Tensor) -> Tensor:
        """How much each pixel belongs to the subject. Shapes: image [h w 3]; returns [h w] in 0..1."""
        height, width = image.shape[:2]
        side = self.network.side(USUAL_SIDE)
        small = resize(image.movedim(-1, 0)[None].float().cpu(), side, side, "bilinear")
        name = self.network.path.stem.lower()
        mean, deviation = next((found for part, found in NORMALISATIONS.items() if part in name), IMAGENET)
        normal = (small - torch.tensor(mean)[:, None, None]) / torch.tensor(deviation)[:, None, None]
        outputs = self.network.run({next(iter(self.network.inputs)): normal.numpy().astype(np.float32)})
        return resize_masks(self._probability(torch.from_numpy(outputs[0]))[None], width, height)[0]

    def _probability(self, output: Tensor) -> Tensor:
        """The first output as a mask [h w]. Outputs beyond 0..1 are logits."""
        if output.ndim < 2 or output.numel() != output.shape[-1] * output.shape[-2]:
            raise ModelFileError(
                f"{self.network.path.name} gives {list(output.shape)}; a mask [1 1 h w] was expected. {ADVICE}"
            )
        plane = output.reshape(output.shape[-2:]).float()
        if plane.min() < -0.01 or plane.max() > 1.01:
            return plane.sigmoid()
        return plane.clamp(0, 1)


@node(
    name="LoadBackgroundRemovalModel",
    title="Load Background Removal Model",
    category="loaders",
    outputs=("bg_model",),
    fingerprint=_stamp,
)
def load_background_removal_model(
    *, bg_removal_name: Annotated[str, Choice(source=KIND)], folders: Annotated[Folders, Service()]
) -> BACKGROUND_REMOVAL:
    """A network that tells subjects from backgrounds, from an ONNX file in the folder ``background_removal``.

    Newer than ComfyUI 0.3.64.
    """
    try:
        path = folders.find(KIND, bg_removal_name)
    except LimnerError as error:
        raise ModelFileError(f"{error} {ADVICE}") from error
    if path.suffix.lower() != ".onnx":
        raise ModelFileError(f"{path.name} is no ONNX file, and Limner has no other such networks. {ADVICE}")
    return BackgroundRemover(OnnxNetwork(path, "background", "Background removal by a network"))


@node(name="RemoveBackground", title="Remove Background", category="image/background", outputs=("mask",))
def remove_background(*, bg_removal_model: BACKGROUND_REMOVAL, image: IMAGE) -> MASK:
    """What in a picture is the subject, as a mask (1 is the subject). Replace Background puts something behind it.

    Newer than ComfyUI 0.3.64.
    """
    return torch.stack([bg_removal_model.subject(frame[..., :3]) for frame in image])
