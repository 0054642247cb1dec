"""Videos from frames and files, and into files with the workflow inside."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from torch import Tensor

from limner.graph.declare import Choice, Flags, NodeResult, Number, Socket, Text, node
from limner.graph.errors import StorageError
from limner.media.animations import encode_gif, encode_webp
from limner.media.pictures import to_bytes
from limner.media.series import Series
from limner.media.videos import MP4, Encoding, FileVideo, Video, VideoParts, webm, write_video
from limner.nodes.growing import OWN
from limner.nodes.save import ExtraDocument, FolderService, PromptDocument, place
from limner.nodes.save_animated import FramesPerSecond, documents
from limner.nodes.sockets import AUDIO, IMAGE, VIDEO
from limner.storage.folders import Folders

CATEGORY = "image/video"
Prefix = Annotated[str, Text(options={"multiline": False})]
VideoFile = Annotated[str, Choice(video_upload=True)]
MaybeSound = Annotated[Any, Socket("AUDIO"), Flags(optional=True)]

FORMATS = ("mp4", "webm vp9", "webm av1", "webp", "gif")
SMALLEST_CRF, LARGEST_CRF = 0, 63
LARGEST_H264_CRF = 51


def rate_of(fps: float) -> Fraction:
    """Frames a second as containers store it."""
    return Fraction(round(fps * 1000), 1000)


def file_digest(*, file: str | None, folders: Folders, **_: object) -> str:
    """Changes when the file's content does."""
    try:
        with folders.file(file or "").open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except (OSError, StorageError):
        return "missing"


def saved(
    folders: Folders, prefix: str, size: tuple[int, int], suffix: str, write: Callable[[Path], None]
) -> NodeResult:
    """Saves one file in the output folder and tells clients that it moves. Args: size: width and height."""
    folder, subfolder, stem = place(folders.output, prefix, *size)
    name = Series(folder, stem).save_through(write, suffix)
    return NodeResult(ui={"images": [{"filename": name, "subfolder": subfolder, "type": "output"}], "animated": [True]})


@node(name="CreateVideo", title="Create Video", category=CATEGORY)
def create_video(
    *,
    images: IMAGE,
    fps: Annotated[float, Number(min=1.0, max=120.0, step=1.0)] = 30.0,
    audio: MaybeSound = None,
) -> VIDEO:
    """A video of pictures, with sound if there is some."""
    return Video(VideoParts(images, rate_of(fps), audio))


@node(name="GetVideoComponents", title="Get Video Components", category=CATEGORY, outputs=("images", "audio", "fps"))
def get_video_components(*, video: VIDEO) -> tuple[IMAGE, AUDIO, float]:
    """The frames, the sound and the frame rate of a video. A silent one has no sound."""
    parts = video.get_components()
    return parts.images, parts.audio, float(parts.frame_rate)


@node(name="LoadVideo", title="Load Video", category=CATEGORY, fingerprint=file_digest)
def load_video(*, file: VideoFile, folders: FolderService) -> VIDEO:
    """A video file of the input folder. Names may say another folder: ``a.mp4 [output]``."""
    return FileVideo(folders.file(file))


@node(name="SaveVideo", title="Save Video", category=CATEGORY, output=True)
def save_video(
    *,
    video: VIDEO,
    filename_prefix: Prefix = "video/ComfyUI",
    format: Annotated[str, Choice("auto", "mp4")] = "auto",  # noqa: A002 - the input's name
    codec: Annotated[str, Choice("auto", "h264")] = "auto",
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves a video as MP4 in the output folder, with its sound and with the workflow inside.

    A video that came from such a file is not encoded again.
    """
    embedded = documents(prompt, extra_pnginfo)

    def write(path: Path) -> None:
        # Node packs ask a format for the end of a file's name; the temporary file has another.
        video.save_to(str(path), format="mp4", codec=codec, metadata=embedded)

    return saved(folders, filename_prefix, video.get_dimensions(), MP4.suffix, write)


@node(name="SaveWEBM", title="SaveWEBM", category=CATEGORY, output=True)
def save_webm(
    *,
    images: IMAGE,
    filename_prefix: Prefix = "ComfyUI",
    codec: Annotated[str, Choice("vp9", "av1")],
    fps: FramesPerSecond = 24.0,
    crf: Annotated[float, Number(min=SMALLEST_CRF, max=LARGEST_CRF, step=1)] = 32.0,
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves a batch as a WEBM video in the output folder, with the workflow inside. A higher ``crf`` loses more."""
    encoding, embedded = webm(codec, crf), documents(prompt, extra_pnginfo)
    parts = VideoParts(images, rate_of(fps))
    size = (images.shape[2], images.shape[1])
    return saved(folders, filename_prefix, size, ".webm", lambda path: write_video(parts, path, encoding, embedded))


@node(name="SaveAnimation", title="Save Animation", category=CATEGORY, output=True, module=OWN)
def save_animation(
    *,
    images: IMAGE,
    filename_prefix: str = "animation/Limner",
    fps: FramesPerSecond = 16.0,
    format: Annotated[str, Choice(*FORMATS)] = "mp4",  # noqa: A002 - as in SaveVideo
    quality: Annotated[int, Number(min=0, max=100)] = 75,
    audio: MaybeSound = None,
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves a batch in a moving format that players, browsers or messengers know, with the workflow inside.

    MP4 and WEBM keep the sound. GIF has 256 colours and room for a comment only, which the workflow becomes.
    """
    embedded, size = documents(prompt, extra_pnginfo), (images.shape[2], images.shape[1])
    if format in ("webp", "gif"):
        data = _picture(images, fps, format, quality, embedded)
        return saved(folders, filename_prefix, size, f".{format}", lambda path: _written(path, data))
    encoding = _encoding(format, quality)
    parts = VideoParts(images, rate_of(fps), audio)
    return saved(
        folders, filename_prefix, size, encoding.suffix, lambda path: write_video(parts, path, encoding, embedded)
    )


def _written(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _picture(images: Tensor, fps: float, form: str, quality: int, embedded: dict[str, Any]) -> bytes:
    frames = [to_bytes(image) for image in images]
    if form == "gif":
        return encode_gif(frames, fps, embedded)
    return encode_webp(frames, fps, lossless=False, quality=quality, effort=4, documents=embedded)


def _encoding(form: str, quality: int) -> Encoding:
    """A file's layout with a quality of 0 to 100 as what its codec calls it."""
    lost = 1.0 - quality / 100
    if form == "mp4":
        return replace(MP4, options={"crf": str(round(LARGEST_H264_CRF * lost))})
    return webm(form.split()[1], LARGEST_CRF * lost)
