"""Faces found in pictures, and swapped."""

import json
from typing import Annotated, Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from limner.graph.declare import Choice, Flags, Number, Service, Socket, node
from limner.graph.errors import LimnerError, ModelFileError, StepError
from limner.graph.progress import Progress
from limner.media.pictures import to_bytes
from limner.models.vision.face_detection import Face, face_detector, turned_by
from limner.models.vision.face_swapping import FaceSwapper
from limner.nodes.fonts import FolderService
from limner.nodes.growing import OWN
from limner.nodes.sockets import IMAGE, MASK
from limner.nodes.widgets import Share
from limner.storage.folders import Folders

FACES = "image/face"
KIND = "insightface"
LARGEST, ALL = "the largest", "all"

ADVICE = (
    "Swapping faces needs two files in the model folder 'insightface': inswapper_128.onnx, which redraws a face, and a "
    "recogniser such as w600k_r50.onnx of the pack buffalo_l. InsightFace offers both for non-commercial research "
    "only, so Limner does not fetch them."
)

Detector = Annotated[str, Flags(optional=True)]
"""A YuNet file in the folder ``detection``; empty: what OpenCV carries."""
Grow = Annotated[float, Number(min=0.0, max=3.0, step=0.05)]
FACE_SWAPPER = Annotated[Any, Socket("FACE_SWAPPER")]
ProgressService = Annotated[Progress, Service()]


def _detector(name: str, folders: Folders) -> Any:
    return face_detector(folders.find("detection", name) if name else None)


def _pixels(frame: Tensor) -> np.ndarray:
    """Shapes: [h w c] to uint8 [h w 3]."""
    return np.ascontiguousarray(to_bytes(frame[..., :3].expand(*frame.shape[:2], 3)))


@node(
    name="DetectFaces",
    title="Detect Faces",
    category=FACES,
    outputs=("count", "crops", "mask", "details"),
    list_outputs=(False, True, False, True),
    module=OWN,
)
def detect_faces(
    *,
    image: IMAGE,
    least_confidence: Share = 0.5,
    grow: Grow = 0.3,
    detector: Detector = "",
    folders: FolderService,
    progress: ProgressService,
) -> tuple[int, IMAGE, MASK, str]:
    """Where faces are: how many, a picture of each, and a mask of all. Needs ``pip install 'limner[faces]'``.

    Without a file in ``detector`` upright faces that look at the camera are found; a YuNet file in the folder
    ``detection`` also finds turned ones. ``grow`` enlarges what is cut out, as a part of the face. ``details`` is JSON
    for each picture: box, confidence, lean in degrees, and the points of eyes, nose and mouth.
    """
    finder = _detector(detector, folders)
    crops: list[Tensor] = []
    masks: list[Tensor] = []
    details: list[str] = []
    for number, frame in enumerate(image):
        progress.report(number, len(image))
        faces = [face for face in finder.faces(_pixels(frame)) if face.confidence >= least_confidence]
        crops += [_crop(frame, face, grow) for face in faces]
        masks.append(_ellipses(faces, frame.shape[0], frame.shape[1]))
        details.append(json.dumps([_told(face) for face in faces]))
    return len(crops), crops, torch.stack(masks), details  # type: ignore[return-value]


def _crop(frame: Tensor, face: Face, grow: float) -> Tensor:
    """The square around a face, as far as the picture goes. Shapes: returns [1 h w c]."""
    half = max(face.width, face.height) * (1 + grow) / 2
    x, y = face.left + face.width / 2, face.top + face.height / 2
    rows = slice(max(0, round(y - half)), max(1, round(y + half)))
    columns = slice(max(0, round(x - half)), max(1, round(x + half)))
    return frame[None, rows, columns].clone()


def _ellipses(faces: list[Face], height: int, width: int) -> Tensor:
    """1 where a face is. Shapes: returns [h w]."""
    plane = Image.new("L", (width, height))
    for face in faces:
        box = (face.left, face.top, face.left + face.width, face.top + face.height)
        ImageDraw.Draw(plane).ellipse(box, fill=255)
    return torch.from_numpy(np.asarray(plane).astype(np.float32) / 255.0)


def _told(face: Face) -> dict[str, Any]:
    return {
        "box": [round(value) for value in (face.left, face.top, face.width, face.height)],
        "confidence": round(face.confidence, 3),
        "lean": round(turned_by(face), 1),
        "points": face.points.round(1).tolist(),
    }


def _stamp(*, swapper: str | None, recogniser: str | None, folders: Folders) -> str:
    """Changes when a file is replaced."""
    try:
        paths = [folders.find(KIND, name or "") for name in (swapper, recogniser)]
        return "\n".join(f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in paths)
    except (LimnerError, OSError):
        return "missing"


@node(
    name="LoadFaceSwapper",
    title="Load Face Swapper",
    category=FACES,
    outputs=("face_swapper",),
    fingerprint=_stamp,
    module=OWN,
)
def load_face_swapper(
    *,
    swapper: Annotated[str, Choice(source=KIND)],
    recogniser: Annotated[str, Choice(source=KIND)],
    folders: FolderService,
) -> FACE_SWAPPER:
    """The two networks that swap faces, from ONNX files in the folder ``insightface``. Needs the extra ``faces``."""
    try:
        paths = folders.find(KIND, swapper), folders.find(KIND, recogniser)
    except LimnerError as error:
        raise ModelFileError(f"{error} {ADVICE}") from error
    return FaceSwapper(*paths)


@node(name="SwapFaces", title="Swap Faces", category=FACES, module=OWN)
def swap_faces(
    *,
    image: IMAGE,
    face: IMAGE,
    face_swapper: FACE_SWAPPER,
    which: Annotated[str, Choice(LARGEST, ALL)] = LARGEST,
    blending: Share = 1.0,
    detector: Detector = "",
    folders: FolderService,
    progress: ProgressService,
) -> IMAGE:
    """Pictures in which a face is that of another picture: the largest one there.

    Use it on faces of people who agree. Pictures without a face stay as they are.
    """
    finder = _detector(detector, folders)
    wanted = _pixels(face[0])
    source = finder.faces(wanted)
    if not source:
        raise StepError("No face was found in the picture 'face'. Take one that looks at the camera, or use YuNet.")
    identity = face_swapper.identity(wanted, source[0])
    swapped = image[..., :3].clone()
    for number, frame in enumerate(image):
        progress.report(number, len(image))
        pixels = _pixels(frame)
        found = finder.faces(pixels)
        for one in found if which == ALL else found[:1]:
            pixels = face_swapper.swapped(pixels, one, identity, blending)
        if found:
            swapped[number] = torch.from_numpy(pixels.astype(np.float32) / 255.0)
    return swapped
