"""Faces in pictures: by the detectors that OpenCV carries, or by YuNet from a file.

The carried ones (Haar cascades, Viola and Jones 2001) find upright faces that look at the camera. YuNet (Wu et al.
2023) also finds turned and small ones, and says where eyes, nose and mouth are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from limner.graph.errors import ModelFileError
from limner.models.extras import extra_module
from limner.models.vision.face_alignment import moved, points_from_box, points_from_eyes, similarity

EXTRA = "faces"
SMALLEST_SHARE = 0.05
"""Side of the smallest face that is looked for, as a part of the picture's shorter side."""
SMALLEST_SIDE = 24
AGREEING = 5
"""Overlapping finds that make a face."""
STEP = 1.1
USUAL_WEIGHT = 4.0
"""Sum of a cascade's last stage at which a find is more likely a face than not."""
OVERLAP = 0.3
MOST_FACES = 5000


@dataclass(frozen=True)
class Face:
    """A face in a picture, in pixels.

    Attributes:
        left: Of its box.
        top: Of its box.
        width: Of its box.
        height: Of its box.
        confidence: 0..1.
        points: x and y of the eye on the left, the one on the right, the nose, and the corners of the mouth, [5 2].
    """

    left: float
    top: float
    width: float
    height: float
    confidence: float
    points: np.ndarray


class FaceDetector(Protocol):
    """Finds faces."""

    def faces(self, pixels: np.ndarray) -> list[Face]:
        """The faces of a picture, the largest first. Shapes: pixels uint8 [h w 3], RGB."""
        ...


def face_detector(path: Path | None) -> FaceDetector:
    """YuNet from a file, or the detectors that OpenCV carries.

    Raises:
        SettingsError: if OpenCV is not installed.
        ModelFileError: if the file is no such network, or this OpenCV carries no detectors.
    """
    return CascadeDetector() if path is None else YuNetDetector(path)


def _largest_first(faces: Iterable[Face]) -> list[Face]:
    return sorted(faces, key=lambda face: face.width * face.height, reverse=True)


class CascadeDetector:
    """The detectors that OpenCV 4 carries."""

    def __init__(self) -> None:
        self._cv: Any = extra_module("cv2", EXTRA, "Finding faces")
        self._face = self._cascade("haarcascade_frontalface_default.xml")
        self._eye = self._cascade("haarcascade_eye.xml")

    def _cascade(self, name: str) -> Any:
        try:
            path = Path(self._cv.data.haarcascades) / name
            cascade = self._cv.CascadeClassifier(str(path))
        except AttributeError as error:
            raise ModelFileError(
                "This OpenCV carries no detectors of faces (version 5 does not): install opencv-python-headless<5, or "
                "put face_detection_yunet_2023mar.onnx into the model folder 'detection'."
            ) from error
        if cascade.empty():
            raise ModelFileError(f"{path} is not there: install opencv-python-headless<5 again.")
        return cascade

    def faces(self, pixels: np.ndarray) -> list[Face]:
        """See ``FaceDetector``."""
        grey = self._cv.equalizeHist(self._cv.cvtColor(pixels, self._cv.COLOR_RGB2GRAY))
        side = max(SMALLEST_SIDE, int(SMALLEST_SHARE * min(grey.shape)))
        boxes, _, weights = self._face.detectMultiScale3(
            grey, STEP, AGREEING, minSize=(side, side), outputRejectLevels=True
        )
        return _largest_first(self._face_of(grey, box, weight) for box, weight in zip(boxes, weights, strict=True))

    def _face_of(self, grey: np.ndarray, box: np.ndarray, weight: float) -> Face:
        left, top, width, height = (int(value) for value in box)
        eyes = self._eyes(grey[top : top + height, left : left + width])
        points = points_from_box(width, height) if eyes is None else points_from_eyes(*eyes)
        certain = 1.0 - 0.5 ** (max(0.0, float(weight)) / USUAL_WEIGHT)
        return Face(left, top, width, height, certain, moved(points, _shift(left, top)))

    def _eyes(self, face: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """The middles of both eyes in a face: the pair in its upper half that lies most evenly."""
        height, width = face.shape
        side = max(8, width // 8)
        found = self._eye.detectMultiScale(face[: int(height * 0.6)], 1.05, 3, minSize=(side, side))
        middles = [np.array([x + w / 2, y + h / 2]) for x, y, w, h in found]
        pairs = [
            (one, other)
            for one in middles
            for other in middles
            if one[0] < width / 2 < other[0] and abs(one[1] - other[1]) < (other[0] - one[0]) / 2
        ]

        def uneven(pair: tuple[np.ndarray, np.ndarray]) -> float:
            return abs((pair[0] + pair[1])[0] - width) + abs((pair[1] - pair[0])[0] - 0.37 * width)

        return min(pairs, key=uneven, default=None)


class YuNetDetector:
    """YuNet in an ONNX file, ``face_detection_yunet_2023mar.onnx`` for instance."""

    def __init__(self, path: Path) -> None:
        self._cv: Any = extra_module("cv2", EXTRA, "Finding faces")
        self._path = path
        try:
            self._network = self._cv.FaceDetectorYN.create(str(path), "", (320, 320), 0.3, OVERLAP, MOST_FACES)
        except Exception as error:  # OpenCV's own class of error, which is there only where OpenCV is.
            raise ModelFileError(f"{path.name} cannot be loaded as YuNet: {str(error).strip()[:200]}") from error

    def faces(self, pixels: np.ndarray) -> list[Face]:
        """See ``FaceDetector``.

        Raises:
            ModelFileError: if the network gives something else than YuNet does.
        """
        height, width = pixels.shape[:2]
        self._network.setInputSize((width, height))
        try:
            _, rows = self._network.detect(np.ascontiguousarray(pixels[..., ::-1]))
        except Exception as error:  # See above.
            raise ModelFileError(
                f"{self._path.name} does not answer as YuNet does: {str(error).strip()[:200]}"
            ) from error
        return _largest_first(map(_yunet_face, [] if rows is None else rows))


def _yunet_face(row: np.ndarray) -> Face:
    """A face from a row of YuNet: the box, ten coordinates of points, the confidence."""
    left, top, width, height = (float(value) for value in row[:4])
    return Face(left, top, width, height, float(row[14]), row[4:14].reshape(5, 2).astype(np.float64))


def _shift(x: float, y: float) -> np.ndarray:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y]])


def turned_by(face: Face) -> float:
    """Degrees by which a face leans, clockwise."""
    level = similarity(points_from_box(face.width, face.height), face.points)
    one, other = moved(np.array([[0.0, 0.0], [1.0, 0.0]]), level)
    return float(np.degrees(np.arctan2(other[1] - one[1], other[0] - one[0])))
