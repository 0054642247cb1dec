"""Pictures and sound into files, with the prompt inside, for nodes of packs."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image as Pictures
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from comfy_api.latest._options import FolderType
from comfy_host.context import folders, host, running
from limner.graph.errors import NumericsError, SettingsError
from limner.media.pictures import to_bytes
from limner.media.png import encode_png
from limner.media.series import Series
from limner.nodes.save import document_texts, place

EXIF_MODEL, EXIF_MAKE = 0x0110, 0x010F
"""Where a WEBP file keeps the prompt, and from where downwards the other documents."""

OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
CODECS = {"flac": "flac", "mp3": "libmp3lame", "opus": "libopus"}


class SavedResult(dict[str, Any]):
    """A file as clients are told of it."""

    def __init__(self, filename: str, subfolder: str, type: FolderType | str) -> None:
        super().__init__(filename=filename, subfolder=subfolder, type=FolderType(type).value)

    @property
    def filename(self) -> str:
        """Its name."""
        return self["filename"]

    @property
    def subfolder(self) -> str:
        """Where in its folder; empty: at the top."""
        return self["subfolder"]

    @property
    def type(self) -> FolderType:
        """Its folder."""
        return FolderType(self["type"])


def metadata(cls: Any) -> dict[str, str]:
    """What is embedded in files of a node: the prompt and what came beside it, as JSON by keyword.

    Args:
        cls: The node's class; without one, or without hidden values, the running job says it.
    """
    if _is_told_not_to():
        return {}
    hidden = getattr(cls, "hidden", None)
    if hidden is not None and (hidden.prompt is not None or hidden.extra_pnginfo is not None):
        return document_texts(hidden.prompt, hidden.extra_pnginfo)
    request = running().request
    if request is None:
        return {}
    return document_texts(request.document, request.extra.get("extra_pnginfo"))


def _is_told_not_to() -> bool:
    try:
        return bool(host().arguments.get("disable_metadata", False))
    except SettingsError:
        return False


class _Target:
    """Where the files of one batch go."""

    def __init__(self, prefix: str, folder_type: FolderType | str, width: int = 0, height: int = 0) -> None:
        self.type = FolderType(folder_type)
        root: Path = folders().of_type(self.type.value)
        folder, self.subfolder, stem = place(root, prefix, width, height)
        self._series = Series(folder, stem, durable=self.type is not FolderType.temp)

    def save(self, data: bytes, suffix: str, index: int = 0) -> SavedResult:
        """Saves one file."""
        return SavedResult(self._series.save(data, suffix, index), self.subfolder, self.type)


def temporary_prefix() -> str:
    """A name in the temporary folder that nobody else uses."""
    return "ComfyUI_temp_" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(5))


def save_pictures(images: Any, prefix: str, folder_type: FolderType, texts: Mapping[str, str]) -> list[SavedResult]:
    """Saves a batch as PNG files. Shapes: images [b h w c] in 0..1.

    Raises:
        NumericsError: if it is no batch of pictures.
    """
    _check(images)
    target = _Target(prefix, folder_type, images[0].shape[1], images[0].shape[0])
    return [target.save(encode_png(to_bytes(image), texts), ".png", index) for index, image in enumerate(images)]


def _check(images: Any) -> None:
    first = images[0] if len(images) else None
    if not isinstance(first, Tensor) or first.ndim != 3:
        shape = list(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise NumericsError(f"Expected pictures [b h w c] with b >= 1 to save; got {shape}.")


def picture_of(image: Tensor) -> Pictures.Image:
    """A tensor [h w c] as a Pillow image."""
    pixels = to_bytes(image)
    return Pictures.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def png_info(texts: Mapping[str, str]) -> PngInfo | None:
    """Texts for a PNG that Pillow writes; None if there are none."""
    if not texts:
        return None
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    return info


def animated_png_info(texts: Mapping[str, str]) -> PngInfo | None:
    """Texts for an animated PNG: they come after the pictures, as readers of animations expect."""
    if not texts:
        return None
    info = PngInfo()
    for key, text in texts.items():
        info.add(b"comf", key.encode("latin-1", "replace") + b"\0" + text.encode("latin-1", "replace"), after_idat=True)
    return info


def webp_exif(image: Pictures.Image, texts: Mapping[str, str]) -> Pictures.Exif:
    """Texts for a WEBP file."""
    exif = image.getexif()
    others = [key for key in texts if key != "prompt"]
    if "prompt" in texts:
        exif[EXIF_MODEL] = f"prompt:{texts['prompt']}"
    for number, key in enumerate(others):
        exif[EXIF_MAKE - number] = f"{key}:{texts[key]}"
    return exif


def save_animation(
    images: Any, prefix: str, folder_type: FolderType, suffix: str, fps: float, **options: Any
) -> SavedResult:
    """Saves a batch as one moving picture.

    Args:
        images: [b h w c] in 0..1.
        prefix: See ``_Target``.
        folder_type: Its folder.
        suffix: ``.png`` or ``.webp``.
        fps: Pictures a second.
        options: What Pillow is to do.
    """
    _check(images)
    if fps <= 0:
        raise ValueError(f"A moving picture needs more than 0 pictures a second; got {fps}.")
    frames = [picture_of(image) for image in images]
    target, written = _Target(prefix, folder_type, frames[0].width, frames[0].height), BytesIO()
    frames[0].save(
        written,
        suffix[1:].upper(),
        save_all=True,
        append_images=frames[1:],
        duration=int(1000.0 / fps),
        **options,
    )
    return target.save(written.getvalue(), suffix)


def save_sound(
    audio: Mapping[str, Any], prefix: str, folder_type: FolderType, texts: Mapping[str, str], form: str, quality: str
) -> list[SavedResult]:
    """Saves each sound of a batch as a file.

    Args:
        audio: ``waveform`` [b c n] in -1..1, ``sample_rate``.
        prefix: See ``_Target``.
        folder_type: Its folder.
        texts: Tags of the file.
        form: ``flac``, ``mp3`` or ``opus``.
        quality: Bits a second (``128k``), or ``V0`` for the best MP3.
    """
    target = _Target(prefix, folder_type)
    return [
        target.save(encode_sound(waveform, int(audio["sample_rate"]), texts, form, quality), f".{form}", index)
        for index, waveform in enumerate(audio["waveform"].cpu())
    ]


def encode_sound(waveform: Tensor, rate: int, texts: Mapping[str, str], form: str, quality: str) -> bytes:
    """A sound as a file.

    Shapes: waveform [c n] with 1 or 2 channels.

    Raises:
        SettingsError: if PyAV is not installed.
        ValueError: for another form or number of channels.
    """
    try:
        import av
    except ImportError:
        raise SettingsError("Saving sound needs PyAV: install it with `pip install av`, then run again.") from None
    if form not in CODECS or waveform.ndim != 2 or waveform.shape[0] not in (1, 2):
        raise ValueError(
            f"Expected a sound [1 or 2 channels, samples] and one of {', '.join(CODECS)}; "
            f"got {list(waveform.shape)} and {form!r}."
        )
    layout = "mono" if waveform.shape[0] == 1 else "stereo"
    written = BytesIO()
    with av.open(written, mode="w", format=form) as container:
        container.metadata.update(texts)
        out_rate = rate if form != "opus" or rate in OPUS_RATES else OPUS_RATES[-1]
        stream = container.add_stream(CODECS[form], rate=out_rate, layout=layout)
        if form == "mp3" and quality.startswith("V"):
            stream.codec_context.qscale = int(quality[1:] or 0)
        elif form != "flac":
            stream.bit_rate = int(quality.removesuffix("k")) * 1000
        frame = av.AudioFrame.from_ndarray(
            waveform.float().T.reshape(1, -1).contiguous().numpy(), format="flt", layout=layout
        )
        frame.sample_rate, frame.pts = rate, 0
        for part in (frame, None):
            container.mux(stream.encode(part))
    return written.getvalue()
