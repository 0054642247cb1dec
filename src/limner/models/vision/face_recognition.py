"""Who a face is: a vector by a recogniser of InsightFace's kind, from an ONNX file.

It takes [1 3 112 112] in -1..1 and gives [1 512]. Source: Deng et al. 2019, "ArcFace", section 3.
"""

from pathlib import Path
from typing import Any

import numpy as np

from limner.graph.errors import ModelFileError
from limner.models.extras import extra_module
from limner.models.vision.face_alignment import similarity, standard_points
from limner.models.vision.face_detection import EXTRA, Face
from limner.models.vision.onnx_network import OnnxNetwork

IDENTITY = 512
RECOGNISED_SIDE = 112


class FaceRecogniser:
    """Tells people apart: the value of FACE_RECOGNISER sockets."""

    def __init__(self, path: Path, purpose: str = "Recognising faces") -> None:
        """Loads a network.

        Raises:
            SettingsError: if a package is missing.
            ModelFileError: if the file is not what it should be.
        """
        self._cv: Any = extra_module("cv2", EXTRA, purpose)
        self._network = OnnxNetwork(path, EXTRA, purpose)

    def identity(self, pixels: np.ndarray, face: Face) -> np.ndarray:
        """Who a face is, a vector of length 1. Shapes: pixels uint8 [h w 3]; returns [1 512], float32.

        Raises:
            ModelFileError: if the network gives something else.
        """
        aligned = self.aligned(pixels, face, self._network.side(RECOGNISED_SIDE))
        normal = (aligned.astype(np.float32) - 127.5) / 127.5
        (said,) = self._network.run({next(iter(self._network.inputs)): as_batch(normal)})
        if said.shape != (1, IDENTITY):
            raise ModelFileError(
                f"{self._network.path.name} gives {list(said.shape)}; a vector [1 {IDENTITY}] was expected, as "
                "w600k_r50.onnx gives it."
            )
        return unit(said).astype(np.float32)

    def aligned(self, pixels: np.ndarray, face: Face, side: int) -> np.ndarray:
        """The face upright, its five points at their standard places. Shapes: returns [side side 3]."""
        transform = similarity(face.points, standard_points(side))
        return self._cv.warpAffine(pixels, transform, (side, side), flags=self._cv.INTER_LINEAR)


def as_batch(pixels: np.ndarray) -> np.ndarray:
    """Shapes: [h w 3] to [1 3 h w]."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]).astype(np.float32)


def unit(vector: np.ndarray) -> np.ndarray:
    """A vector of length 1 of the same direction."""
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
