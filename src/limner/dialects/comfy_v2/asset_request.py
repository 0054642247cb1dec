"""What requests say of assets: paths, hashes, bodies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath
from typing import Any, NamedTuple

from limner.dialects.comfy_v2.refusals import invalid_field, refusal
from limner.storage.asset_records import MODELS
from limner.storage.asset_scan import UNLISTED
from limner.storage.folders import KINDS

HASH = re.compile(r"blake3:([0-9a-f]{64})", re.IGNORECASE)
LONGEST_PATH = 1024
MOST_TAGS = 100
LONGEST_TAG = 512
LONGEST_TYPE = 200
SHORTEST_STAY, LONGEST_STAY = 60, 604_800
"""Bounds of ``expires_in`` in seconds; assets stay all the same until they are deleted."""

TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*(\s*;.*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """Where a file is to lie.

    Attributes:
        place: ``input`` or ``models/<kind>``.
        folder: Its folder there, or empty.
        name: Its name without folders.
        written: The path as it was given.
    """

    place: str
    folder: str
    name: str
    written: str

    @property
    def is_model(self) -> bool:
        """Whether it goes into a folder of models."""
        return self.place.startswith(MODELS)


@dataclass(frozen=True, kw_only=True)
class AssetRequest:
    """What somebody says of an asset.

    Attributes:
        target: Where it is to lie.
        digest: The BLAKE3 that its bytes have or should have, or empty.
        mime: Media type; empty: by its name.
        tags: Whatever the client wants.
    """

    target: Target
    digest: str = ""
    mime: str = ""
    tags: tuple[str, ...] = ()


class PathRequest(NamedTuple):
    """What somebody says of a file on the server: where it lies, what to call it, its media type; the last two may be
    empty.
    """

    path: str
    shown: str
    mime: str


def read_upload(fields: Mapping[str, str], tags: list[str], part_type: str) -> AssetRequest:
    """Reads the parts of an upload.

    Raises:
        GraphError: if one cannot be what it should be.
    """
    expected = fields.get("expected_hash", "")
    if expected and not HASH.fullmatch(expected):
        raise invalid_field("expected_hash must be 'blake3:' and 64 hexadecimal digits.")
    _check_stay(fields.get("expires_in") or None)
    return AssetRequest(
        target=read_target(fields.get("file_path")),
        digest=read_hash(expected),
        mime=_type(fields.get("content_type") or part_type),
        tags=_tags(tags),
    )


def read_from_hash(body: Any) -> AssetRequest:
    """Reads a request for an asset over bytes that are here; without a path it is named by its hash.

    Raises:
        GraphError: if a field cannot be what it should be.
    """
    if not isinstance(body, Mapping):
        raise refusal("invalid_request", 'Send a JSON object: {"hash": "blake3:..."}.')
    digest = read_hash(body.get("hash"))
    path, tags = body.get("file_path"), body.get("tags")
    if tags is not None and not isinstance(tags, list):
        raise invalid_field("tags must be a list of texts.")
    _check_stay(body.get("expires_in"))
    target = read_target(path) if path is not None else Target("input", "", digest[:32], digest[:32])
    return AssetRequest(target=target, digest=digest, tags=_tags(tags or []))


def read_from_path(body: Any) -> PathRequest:
    """Reads a request for an asset over a file that lies in one of the server's folders.

    Raises:
        GraphError: if a field cannot be what it should be.
    """
    if not isinstance(body, Mapping):
        raise refusal("invalid_request", 'Send a JSON object: {"path": "/..."}.')
    texts = {name: body.get(name) for name in ("path", "file_path", "content_type")}
    for name, text in texts.items():
        if text is not None and (not isinstance(text, str) or len(text) > LONGEST_PATH or not text.isprintable()):
            raise invalid_field(f"{name} must be a text of at most {LONGEST_PATH} printable characters.")
    if not texts["path"] or not PurePath(texts["path"]).is_absolute():
        raise invalid_field("path must be the absolute path of a file on the server.")
    return PathRequest(texts["path"], texts["file_path"] or "", _type(texts["content_type"] or ""))


def read_hash(text: Any) -> str:
    """The digits of a hash, or an empty text if it is none."""
    found = HASH.fullmatch(text) if isinstance(text, str) else None
    return found[1].lower() if found else ""


def read_target(path: Any) -> Target:
    """Where a path leads: a bare name or ``input/...`` to the input folder, ``models/<kind>/...`` to a model folder.

    Raises:
        GraphError: if it leads anywhere else.
    """
    if not isinstance(path, str) or not path or len(path) > LONGEST_PATH or not path.isprintable():
        raise invalid_field(f"file_path must be a text of 1 to {LONGEST_PATH} printable characters.")
    plain = path.replace("\\", "/")
    parts = PurePosixPath(plain).parts
    if plain.startswith("/") or plain.endswith("/") or ":" in parts[0] or ".." in parts:
        raise invalid_field(f"file_path {path!r:.100} must be the relative path of a file, without '..'.")
    if len(parts) == 1:
        return Target("input", "", parts[0], path)
    if parts[0] == "input":
        return Target("input", "/".join(parts[1:-1]), parts[-1], path)
    model = parts[1:] if parts[0] == "models" else parts
    kind = _kind(model[0])
    if kind is None or len(model) < 2:
        raise invalid_field(f"file_path {path!r:.100} must begin with input/ or models/<kind>/, or be a bare name.")
    return Target(MODELS + kind, "/".join(model[1:-1]), model[-1], path)


def _kind(folder: str) -> str | None:
    """The kind of models that a folder's name means."""
    for kind, folders in KINDS.items():
        if kind not in UNLISTED and folder in (kind, *folders):
            return kind
    return None


def _type(text: str) -> str:
    if text and (len(text) > LONGEST_TYPE or not text.isprintable() or not TYPE.fullmatch(text)):
        raise invalid_field("content_type must be a media type: image/png, application/octet-stream ...")
    return text.lower()


def _tags(tags: list[Any]) -> tuple[str, ...]:
    if len(tags) > MOST_TAGS or not all(isinstance(tag, str) and 0 < len(tag) <= LONGEST_TAG for tag in tags):
        raise invalid_field(f"tags must be at most {MOST_TAGS} texts of at most {LONGEST_TAG} characters.")
    return tuple(dict.fromkeys(tags))


def _check_stay(value: Any) -> None:
    if value is None:
        return
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        seconds = 0
    if isinstance(value, bool) or not SHORTEST_STAY <= seconds <= LONGEST_STAY:
        raise invalid_field(f"expires_in must be {SHORTEST_STAY} to {LONGEST_STAY} seconds.")
