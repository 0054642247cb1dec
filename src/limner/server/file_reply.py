"""Sends files that people or workflows made: never as something that a browser would run in the server's origin."""

import mimetypes
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from aiohttp import hdrs, web

SHOWN_KINDS = ("image/", "audio/", "video/")
SHOWN_TYPES = frozenset({"application/json", "text/plain"})
"""What is sent under its own type, but for XML; a browser would run or open the rest in the server's origin."""

FURTHER_TYPES = {".avif": "image/avif", ".flac": "audio/flac", ".jxl": "image/jxl", ".webp": "image/webp"}
"""What Python's own table does not have in every version."""

BYTES = "application/octet-stream"
SANDBOX = "default-src 'none'; sandbox"


class _AsItIs(web.FileResponse):
    """A file, never the ``.gz`` or ``.br`` beside it, which somebody else may have put there under that name."""

    def _get_file_path_stat_encoding(self, accept_encoding: str) -> tuple[Path | None, os.stat_result, str | None]:
        return super()._get_file_path_stat_encoding("")


def file_reply(path: Path, *, also: Mapping[str, str] | None = None) -> web.FileResponse:
    """A file with its name; as an attachment if a browser should not show it.

    Args:
        path: The file.
        also: Further types by suffix that may be shown.
    """
    kind = (also or {}).get(path.suffix.lower()) or content_type(path.name)
    named = disposition(path.name)
    headers = {
        hdrs.CONTENT_TYPE: kind,
        hdrs.CONTENT_DISPOSITION: f"attachment; {named}" if kind == BYTES else named,
        "Content-Security-Policy": SANDBOX,
    }
    return _AsItIs(path, headers=headers, chunk_size=1 << 18)


def disposition(name: str) -> str:
    """The header that tells a file's name."""
    safe = "".join(letter if letter.isprintable() and letter not in '"\\' else "_" for letter in name)
    return f'filename="{safe}"'


def content_type(name: str) -> str:
    """The type by a file's name, if a browser may show it; else just bytes."""
    kind = FURTHER_TYPES.get(PurePosixPath(name).suffix.lower()) or mimetypes.guess_type(name)[0] or BYTES
    return kind if is_shown(kind) else BYTES


def is_shown(kind: str) -> bool:
    """Whether a browser may show a media type; what it would run or open in the server's origin is none."""
    return kind in SHOWN_TYPES or (kind.startswith(SHOWN_KINDS) and not kind.endswith("xml"))
