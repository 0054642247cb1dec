"""The texts that a file carries beside its content: where ComfyUI and its kin leave the workflow that made it.

Pictures, animations, videos, sounds, models and latents are recognised by their first bytes, never by a name. Readers
look at headers only, and never at more than they promised. One reader a container, in the files beside this one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from limner.graph.embedded.audio import flac_texts, id3_texts, ogg_texts
from limner.graph.embedded.exif import jpeg_texts, webp_texts
from limner.graph.embedded.models import glb_texts, is_safetensors, safetensors_texts, svg_texts
from limner.graph.embedded.png import PNG, png_texts
from limner.graph.embedded.video import matroska_texts, mp4_texts
from limner.graph.foreign_json import decode_foreign

_COMMENTS = ("comment", "description", "usercomment", "imagedescription")
_CARRIED = ("prompt", "workflow")


@dataclass(frozen=True)
class Container:
    """A kind of file: its short name, what it is called in messages, and its reader."""

    name: str
    called: str
    read: Callable[[bytes], dict[str, str]]


_PNG = Container("png", "PNG picture", png_texts)
_WEBP = Container("webp", "WEBP picture", webp_texts)
_JPEG = Container("jpeg", "JPEG picture", jpeg_texts)
_MP4 = Container("mp4", "MP4 video", mp4_texts)
_MATROSKA = Container("webm", "WEBM video", matroska_texts)
_FLAC = Container("flac", "FLAC sound", flac_texts)
_OGG = Container("ogg", "Ogg sound", ogg_texts)
_MP3 = Container("mp3", "MP3 sound", id3_texts)
_GLB = Container("glb", "GLB model", glb_texts)
_SVG = Container("svg", "SVG drawing", svg_texts)
_SAFETENSORS = Container("safetensors", "safetensors file", safetensors_texts)

_SIGNATURES = (
    (b"\xff\xd8\xff", _JPEG),
    (b"\x1a\x45\xdf\xa3", _MATROSKA),
    (b"fLaC", _FLAC),
    (b"OggS", _OGG),
    (b"ID3", _MP3),
    (b"\xff\xfb", _MP3),
    (b"glTF", _GLB),
    (PNG, _PNG),
)


def container_of(data: bytes) -> Container | None:
    """What kind of file carries texts of its own here, or None."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _WEBP
    if data[4:8] == b"ftyp":
        return _MP4
    found = next((container for signature, container in _SIGNATURES if data.startswith(signature)), None)
    if found is not None:
        return found
    if data[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<svg", b"<?xml", b"<!DOCTYPE svg", b"<!--")):
        return _SVG
    return _SAFETENSORS if is_safetensors(data) else None


def carried_texts(container: Container, data: bytes) -> dict[str, str]:
    """The texts of a file by keyword. A comment that holds several of them as JSON counts as these.

    Raises:
        DocumentError: if the file is damaged where its texts should be, or a text is too large.
    """
    texts = container.read(data)
    for keyword in _COMMENTS:
        for name, text in _spread(texts.get(keyword, "")).items():
            texts.setdefault(name, text)
    return texts


def _spread(text: str) -> Mapping[str, str]:
    """The workflow and prompt inside a comment."""
    if not text.lstrip().startswith("{"):
        return {}
    try:
        value = decode_foreign(text)
    except (ValueError, RecursionError):
        return {}
    return {
        name: found if isinstance(found := value[name], str) else json.dumps(found)
        for name in _CARRIED
        if isinstance(value, dict) and value.get(name)
    }
