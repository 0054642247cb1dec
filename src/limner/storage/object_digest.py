"""What the content of a file is called by services: its digests, and the ETag that S3 gives to it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

PART = 8 << 20
"""Bytes of a part of a large object."""

WHOLE = 16 << 20
"""Bytes up to which an object is sent in one piece."""

DIGEST = "sha256"
"""Under this name a digest is kept beside the object."""


@dataclass(frozen=True)
class Content:
    """What is known of a file's content.

    Attributes:
        size: In bytes.
        sha256: Hexadecimal.
        etags: What S3 may call it: sent in one piece, and in parts of ``PART`` bytes.
    """

    size: int
    sha256: str
    etags: frozenset[str]


def content_of(path: Path) -> Content:
    """Reads a file.

    Source: Amazon S3 user guide, "Checking object integrity": the ETag of an object is the MD5 of its content, or of
    the MD5s of its parts with their number.

    Raises:
        OSError: if it cannot be read.
    """
    size, whole, named, parts = 0, hashlib.md5(usedforsecurity=False), hashlib.sha256(), b""
    with path.open("rb") as file:
        while piece := file.read(PART):
            size += len(piece)
            whole.update(piece)
            named.update(piece)
            parts += hashlib.md5(piece, usedforsecurity=False).digest()
    joined = f"{hashlib.md5(parts, usedforsecurity=False).hexdigest()}-{len(parts) // 16}"
    return Content(size, named.hexdigest(), frozenset({whole.hexdigest(), joined}))
