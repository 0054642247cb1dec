"""IP-Adapters: pictures and faces as prompts. Several at once are nodes one after the other."""

from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.graph.errors import LimnerError, ModelFileError, StepError
from limner.media.pictures import to_bytes
from limner.models.patches.patch import Sometimes, with_variation
from limner.models.vision.face_adapter import with_face_changes
from limner.models.vision.face_detection import face_detector
from limner.models.vision.face_recognition import FaceRecogniser
from limner.models.vision.ip_adapter import open_ip_adapter
from limner.models.vision.picture_influence import EVEN, WEIGHTINGS, Influence
from limner.nodes.fonts import FolderService
from limner.nodes.growing import OWN
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import CLIP_VISION, IMAGE, IP_ADAPTER, MODEL
from limner.sampling.variants import Span
from limner.storage.folders import Folders

ADAPTERS = "model_patches/ip_adapter"
KIND = "insightface"
AS_NAMED, PLUS, SECOND = "as the file is named", "plus", "plus v2"
FACE_SIDE = 224
"""Of the picture of a face that the plus kinds look at."""

ADVICE = (
    "FaceID adapters need a recogniser such as w600k_r50.onnx of InsightFace's pack buffalo_l in the model folder "
    "'insightface'. InsightFace offers it for non-commercial research only, so Limner does not fetch it."
)

PartOfWalk = Annotated[float, Number(min=0.0, max=1.0, step=0.001)]
Factor = Annotated[float, Number(min=0.0, max=3.0, step=0.01)]
Weighting = Annotated[str, Choice(*WEIGHTINGS), Flags(optional=True)]
ByAttention = Annotated[str, Flags(optional=True)]
OptionalMask = Annotated[Tensor | None, Socket("MASK"), Flags(optional=True)]
OptionalImage = Annotated[Tensor | None, Socket("IMAGE"), Flags(optional=True)]
OptionalVision = Annotated[Any, Socket("CLIP_VISION"), Flags(optional=True)]
FACE_RECOGNISER = Annotated[Any, Socket("FACE_RECOGNISER")]


@node(
    name="LoadIPAdapter",
    title="Load IP-Adapter",
    category="loaders",
    module=OWN,
    fingerprint=file_stamp("ipadapter", "name"),
)
def load_ip_adapter(*, name: Annotated[str, Choice(source="ipadapter")], library: Library) -> IP_ADAPTER:
    """An IP-Adapter from the folder ``ipadapter``, its kind told from the file.

    For Stable Diffusion 1 and SDXL plain, plus, full face and FaceID; for Flux.1 those of XLabs and InstantX.
    """
    return open_ip_adapter(library, name)


@node(name="ApplyIPAdapter", title="Apply IP-Adapter", category=ADAPTERS, module=OWN)
def apply_ip_adapter(
    *,
    model: MODEL,
    ip_adapter: IP_ADAPTER,
    clip_vision: CLIP_VISION,
    image: IMAGE,
    strength: Factor = 0.8,
    start_percent: PartOfWalk = 0.0,
    end_percent: PartOfWalk = 1.0,
    negative_image: OptionalImage = None,
    mask: OptionalMask = None,
    weighting: Weighting = EVEN,
    weights: ByAttention = "",
) -> MODEL:
    """Lets a model see pictures beside the text, during a part of the walk.

    All pictures of a batch are seen together. They count where ``mask`` is 1. ``weighting`` says in which attentions:
    for SDXL where the style or the composition of a picture is, for all networks rising or falling with the depth;
    ``weights`` gives each attention a factor of its own, separated by commas. What is not wanted sees
    ``negative_image``; without one, what the adapter was trained to see as nothing.
    """
    influence = Influence.of(strength, weighting, _numbers(weights), mask)
    seen = clip_vision.encode(image)
    unseen = ip_adapter.unseen(clip_vision, seen) if negative_image is None else clip_vision.encode(negative_image)
    span = Span(start_percent, end_percent)
    patches = (ip_adapter.attention(shown, influence) for shown in (seen, unseen))
    return _in_both(model, patches, span)


def _stamp(*, recogniser: str | None, folders: Folders) -> str:
    """Changes when the file is replaced."""
    try:
        path = folders.find(KIND, recogniser or "")
        return f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}"
    except (LimnerError, OSError):
        return "missing"


@node(
    name="LoadFaceRecogniser",
    title="Load Face Recogniser",
    category="loaders",
    outputs=("face_recogniser",),
    fingerprint=_stamp,
    module=OWN,
)
def load_face_recogniser(*, recogniser: Annotated[str, Choice(source=KIND)], folders: FolderService) -> FACE_RECOGNISER:
    """A network that tells who a face is: an ONNX file in the folder ``insightface``. Needs the extra ``faces``."""
    try:
        path = folders.find(KIND, recogniser)
    except LimnerError as error:
        raise ModelFileError(f"{error} {ADVICE}") from error
    return FaceRecogniser(path)


@node(name="ApplyIPAdapterToFace", title="Apply IP-Adapter to Face", category=ADAPTERS, module=OWN)
def apply_ip_adapter_to_face(
    *,
    model: MODEL,
    ip_adapter: IP_ADAPTER,
    face_recogniser: FACE_RECOGNISER,
    image: IMAGE,
    strength: Factor = 0.8,
    lora_strength: Factor = 1.0,
    start_percent: PartOfWalk = 0.0,
    end_percent: PartOfWalk = 1.0,
    clip_vision: OptionalVision = None,
    version: Annotated[str, Choice(AS_NAMED, PLUS, SECOND), Flags(optional=True)] = AS_NAMED,
    structure: Annotated[float, Number(min=0.0, max=5.0, step=0.01), Flags(optional=True)] = 1.0,
    mask: OptionalMask = None,
    weighting: Weighting = EVEN,
    weights: ByAttention = "",
    detector: Annotated[str, Flags(optional=True)] = "",
    folders: FolderService,
) -> MODEL:
    """Lets a model draw the person of a picture, the largest face of each in a batch. Use it on people who agree.

    FaceID adapters bring changes of the model's weights, which hold during the whole walk at ``lora_strength``. The
    plus kinds also look at the face by ``clip_vision`` (CLIP ViT-H); those of version 2 let that count by
    ``structure``. ``detector`` is a YuNet file in the folder ``detection``; empty: what OpenCV carries.
    """
    influence = Influence.of(strength, weighting, _numbers(weights), mask)
    finder = face_detector(folders.find("detection", detector) if detector else None)
    identity, crops = _faces(finder, face_recogniser, image)
    nobody = torch.zeros_like(identity[:1])
    second = ip_adapter.second if version == AS_NAMED else version == SECOND
    depth = structure if second else None
    seen = unseen = None
    if clip_vision is not None and ip_adapter.states:
        seen, unseen = clip_vision.encode(crops), clip_vision.encode_nothing()
    patches = (
        ip_adapter.face_attention(shown, picture, influence, depth)
        for shown, picture in ((identity, seen), (nobody, unseen))
    )
    model = _in_both(model, patches, Span(start_percent, end_percent))
    if ip_adapter.changes is None:
        return model
    return model.with_network(with_face_changes(model.network, ip_adapter.changes, lora_strength))


def _in_both(model: Any, patches: Any, span: Span) -> Any:
    """A model with one patch for what is wanted and one for what is not."""
    for branch, patch in enumerate(patches):
        model = with_variation(model, Sometimes(patch, span, branch))
    return model


def _faces(finder: Any, recogniser: Any, image: Tensor) -> tuple[Tensor, Tensor]:
    """Who is in each picture, and the face upright. Shapes: image [b h w c]; returns [b 512], [b side side 3]."""
    identities: list[np.ndarray] = []
    crops: list[np.ndarray] = []
    for number, frame in enumerate(image):
        pixels = np.ascontiguousarray(to_bytes(frame[..., :3].expand(*frame.shape[:2], 3)))
        found = finder.faces(pixels)
        if not found:
            raise StepError(
                f"No face was found in picture {number + 1}. Take one that looks at the camera, or use YuNet."
            )
        identities.append(recogniser.identity(pixels, found[0]))
        crops.append(recogniser.aligned(pixels, found[0], FACE_SIDE))
    shown = torch.from_numpy(np.stack(crops).astype(np.float32) / 255.0)
    return torch.from_numpy(np.concatenate(identities)), shown


def _numbers(text: str) -> tuple[float, ...]:
    """Numbers separated by commas."""
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise StepError(
            f"weights should be numbers separated by commas, like 1, 0.5, 0; it is {text!r:.80}."
        ) from error
