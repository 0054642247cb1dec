"""One person's face on another picture, by the networks of InsightFace.

A recogniser turns the wanted face into a vector that says who it is, a swapper redraws the other face with it. Both are
ONNX files: the recogniser takes [1 3 112 112] and gives [1 512]; the swapper takes ``target`` [1 3 128 128] and
``source`` [1 512] and gives [1 3 128 128]. The vector goes through a matrix that stands last among the swapper's
constants, though its network does not use it.
"""

from pathlib import Path
from typing import Any

import numpy as np

from limner.graph.errors import ModelFileError
from limner.models.extras import extra_module
from limner.models.vision.face_alignment import similarity, standard_points
from limner.models.vision.face_detection import EXTRA, Face
from limner.models.vision.face_recognition import IDENTITY, FaceRecogniser, as_batch, unit
from limner.models.vision.onnx_network import OnnxNetwork

SWAPPED_SIDE = 128
EDGE = 0.12
"""Width of the soft edge of a redrawn face, as a part of its side, at full blending."""


class FaceSwapper:
    """Puts faces onto others."""

    def __init__(self, swapper: Path, recogniser: Path) -> None:
        """Loads both networks.

        Raises:
            SettingsError: if a package is missing.
            ModelFileError: if a file is not what it should be.
        """
        purpose = "Swapping faces"
        self._cv: Any = extra_module("cv2", EXTRA, purpose)
        self._swapper = OnnxNetwork(swapper, EXTRA, purpose)
        self._recogniser = FaceRecogniser(recogniser, purpose)
        self._side = self._swapper.side(SWAPPED_SIDE)
        vector = [name for name, shape in self._swapper.inputs.items() if len(shape) == 2 and shape[-1] == IDENTITY]
        picture = [name for name, shape in self._swapper.inputs.items() if len(shape) == 4]
        if len(vector) != 1 or len(picture) != 1:
            raise ModelFileError(
                f"{swapper.name} takes {self._swapper.inputs}; a picture and a vector of {IDENTITY} were expected, as "
                "inswapper_128.onnx has them."
            )
        self._vector, self._picture = vector[0], picture[0]
        self._matrix = _identity_matrix(swapper, purpose)

    def identity(self, pixels: np.ndarray, face: Face) -> np.ndarray:
        """Who a face is, as the swapper wants it. Shapes: pixels uint8 [h w 3]; returns [1 512]."""
        turned = self._recogniser.identity(pixels, face) @ self._matrix
        return unit(turned).astype(np.float32)

    def swapped(self, pixels: np.ndarray, face: Face, identity: np.ndarray, blending: float) -> np.ndarray:
        """A picture with a face redrawn as somebody else's.

        Args:
            pixels: uint8 [h w 3].
            face: Which.
            identity: Whose, [1 512].
            blending: Softness of the edge, 0..1.
        """
        transform = similarity(face.points, standard_points(self._side))
        aligned = self._warped(pixels.astype(np.float32) / 255.0, transform, (self._side, self._side))
        (drawn,) = self._swapper.run({self._picture: as_batch(aligned), self._vector: identity})
        if drawn.shape != (1, 3, self._side, self._side):
            raise ModelFileError(f"{self._swapper.path.name} gives {list(drawn.shape)}; a picture was expected.")
        back = self._cv.invertAffineTransform(transform)
        frame = (pixels.shape[1], pixels.shape[0])
        laid = self._warped(np.ascontiguousarray(drawn[0].transpose(1, 2, 0)).clip(0, 1), back, frame)
        share = self._warped(_soft_square(self._side, blending), back, frame)[..., None]
        mixed = pixels / 255.0 * (1 - share) + laid * share
        return (mixed * 255.0).round().clip(0, 255).astype(np.uint8)

    def _warped(self, pixels: np.ndarray, transform: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        return self._cv.warpAffine(pixels, transform, size, flags=self._cv.INTER_LINEAR)


def _soft_square(side: int, blending: float) -> np.ndarray:
    """1 in the middle, 0 at the sides. Shapes: returns [side side]."""
    edge = max(1.0, EDGE * blending * side)
    line = np.clip((np.minimum(np.arange(side), np.arange(side)[::-1]) - 1) / edge, 0.0, 1.0)
    smooth = line * line * (3 - 2 * line)
    return np.outer(smooth, smooth).astype(np.float32)


def _identity_matrix(path: Path, purpose: str) -> np.ndarray:
    """The matrix for identities that a swapper's file holds: the last constant of its shape."""
    onnx: Any = extra_module("onnx", EXTRA, purpose)
    for constant in reversed(onnx.load(str(path)).graph.initializer):
        if list(constant.dims) == [IDENTITY, IDENTITY]:
            return np.asarray(onnx.numpy_helper.to_array(constant), np.float32)
    raise ModelFileError(
        f"{path.name} holds no matrix [{IDENTITY} {IDENTITY}] for identities, as inswapper_128.onnx does."
    )
