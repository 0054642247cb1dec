"""Takes uploaded files in: streamed to disk, then put in place under a free name, never half written."""

import asyncio
import errno
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from limner.graph.errors import DocumentError, StorageError
from limner.server.whole_files import put_in_place
from limner.storage.folders import ANNOTATIONS, MODEL_SUFFIXES, Folders, resolve

CHUNK = 1 << 18
LONGEST_FIELD = 64 << 10
MOST_FIELDS = 1000
LARGEST_TEXTS = 4 << 20
"""Bounds of a form's parts, and of the letters in those that are no file: these are kept in memory."""

LONGEST_NAME = 200
"""Bytes of a file name; file systems allow 255, and room is left for a number."""

SAFE_SUFFIXES = frozenset({".safetensors", ".sft"})
"""Formats of models that run nothing when they are opened."""

PATIENCE = 30.0
"""Seconds that a client may be silent in the middle of an upload."""


@dataclass
class Upload:
    """A received form.

    Attributes:
        file: Where the bytes lie until they are put in place, or None if there was no file.
        name: The client's name for it, without folders.
        digest: SHA-256 of the bytes.
        fields: The other parts, as text; of equal names the last.
        pairs: The other parts, as text, in order.
    """

    file: Path | None = None
    name: str = ""
    digest: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def discard(self) -> None:
        """Removes the bytes, if they were not put in place."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


@dataclass(frozen=True)
class Placed:
    """Where an upload went, as clients name it."""

    name: str
    subfolder: str
    type: str


async def receive(request: web.Request, folder: Path, limit: int, name: str = "image") -> Upload:
    """Reads a multipart form; its file part of that name goes to ``folder`` under a name of its own.

    Raises:
        DocumentError: if it is no form, or its file has no usable name.
        HTTPRequestEntityTooLarge: above ``limit`` bytes.
    """
    if not request.content_type.startswith("multipart/"):
        raise DocumentError(f"Send a multipart/form-data body with the file in a part named {name!r}.")
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=request.content_length or 0)
    upload = Upload()
    try:
        reader = await request.multipart()
        parts = 0
        while (part := await next_part(reader)) is not None:
            parts += 1
            if parts > MOST_FIELDS:
                raise DocumentError(f"The form has more than {MOST_FIELDS} parts.")
            await _take(part, upload, folder, limit, name)
    except (ValueError, AssertionError, HttpProcessingError) as error:
        upload.discard()
        raise DocumentError(f"The form cannot be read ({error}).") from error
    except BaseException:
        upload.discard()
        raise
    return upload


async def next_part(reader: MultipartReader) -> BodyPartReader | None:
    """A form's next part; None: there is none.

    Raises:
        DocumentError: if it is a form itself.
        HTTPRequestTimeout: if it does not come in time.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            part = await reader.next()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    if isinstance(part, MultipartReader):
        raise DocumentError("A form in a form was sent; send plain parts.")
    return part


async def _take(part: BodyPartReader, upload: Upload, folder: Path, limit: int, name: str) -> None:
    if part.name == name and upload.file is None and part.filename is not None:
        upload.name = file_name(part.filename)
        upload.file = folder / f".upload-{secrets.token_hex(8)}"
        upload.digest = await _store(part, upload.file, limit)
    elif part.name and part.name != name:
        text = (await read_short(part)).decode("utf-8", "replace")
        if sum(len(known) for _, known in upload.pairs) + len(text) > min(limit, LARGEST_TEXTS):
            raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_TEXTS, actual_size=LARGEST_TEXTS + 1)
        upload.fields[part.name] = text
        upload.pairs.append((part.name, text))


async def read_short(part: BodyPartReader) -> bytes:
    """A short part, whether it came as text or as a file.

    Raises:
        DocumentError: if it is longer.
    """
    data = b""
    while chunk := await read_chunk(part):
        data += chunk
        if len(data) > LONGEST_FIELD:
            raise DocumentError(f"Part {part.name!r} is longer than {LONGEST_FIELD} bytes.")
    return data


async def _store(part: BodyPartReader, target: Path, limit: int) -> str:
    try:
        return await _copy(part, target, limit)
    except ConnectionError:
        raise
    except OSError as error:
        raise storing_failed(error, part.filename or "") from error


async def _copy(part: BodyPartReader, target: Path, limit: int) -> str:
    digest, size = hashlib.sha256(), 0
    with await asyncio.to_thread(target.open, "wb") as file:
        while chunk := await read_chunk(part):
            size += len(chunk)
            if size > limit:
                raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=size)
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
    return digest.hexdigest()


def storing_failed(error: OSError, name: str) -> DocumentError | StorageError:
    """What the disk said, as the client's mistake or as ours."""
    if error.errno in (errno.ENAMETOOLONG, errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.EINVAL):
        return DocumentError(
            f"{name!r:.100} cannot be stored there ({error.strerror}): choose another name or subfolder."
        )
    return StorageError(f"{name!r:.100} cannot be stored ({error.strerror}); nothing of it was kept.")


async def read_chunk(part: BodyPartReader) -> bytes:
    """The next bytes of a part; none at its end.

    Raises:
        HTTPRequestTimeout: if they do not come in time.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await part.read_chunk(CHUNK)
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error


def file_name(name: str) -> str:
    """A client's file name without its folders.

    Raises:
        DocumentError: if nothing usable is left.
    """
    bare = PurePosixPath(name.replace("\\", "/")).name.strip()
    if (
        not bare
        or bare.startswith(".")
        or not bare.isprintable()
        or len(bare.encode("utf-8", "replace")) > LONGEST_NAME
    ):
        raise DocumentError(f"{name!r:.100} is not a file name: use 1 to {LONGEST_NAME} printable characters.")
    return bare


def destination(folders: Folders, fields: dict[str, str]) -> tuple[Path, str, str]:
    """The folder that a form asks for, with its type and subfolder.

    Raises:
        DocumentError: for an unknown type or a subfolder that leaves it.
    """
    kind = fields.get("type") or "input"
    if kind not in ANNOTATIONS:
        raise DocumentError(f"There is no folder type {kind!r:.60}: use input, output or temp.")
    subfolder = fields.get("subfolder", "").replace("\\", "/").rstrip("/")
    root = folders.of_type(kind)
    if not subfolder:
        return root, kind, ""
    try:
        folder = resolve(root, subfolder)
    except StorageError as error:
        raise DocumentError(str(error)) from error
    return folder, kind, subfolder


def refuse_pickles(folders: Folders, folder: Path, name: str) -> None:
    """Keeps out files that loaders of node packs would unpickle; folders of models can lie in the output folder.

    Raises:
        DocumentError: for such a file in a folder of models.
    """
    if PurePosixPath(name).suffix.lower() not in MODEL_SUFFIXES - SAFE_SUFFIXES:
        return
    place = folder.resolve()
    if any(place.is_relative_to(root.resolve()) for kind in folders.kinds() for root in folders.roots(kind)):
        raise DocumentError(f"{name!r:.100} cannot be uploaded as a model: only safetensors files are taken.")


def place(file: Path, digest: str, folder: Path, name: str, *, overwrite: bool) -> str:
    """Puts received bytes in place and gives the name they got.

    A file that has the name and the same bytes is left as it is. One with other bytes makes the new one ``a (1).png``.

    Args:
        file: The bytes.
        digest: Their SHA-256; empty: not known, it is read if it matters.
        folder: Where they go,
        name: and under which name.
        overwrite: They may take the place of others.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if overwrite:
            put_in_place(file, folder / name, overwrite=True)
            return name
        return _free_place(file, digest, folder, name)
    except OSError as error:
        raise storing_failed(error, name) from error


def _free_place(file: Path, digest: str, folder: Path, name: str) -> str:
    for candidate in _candidates(name):
        target = folder / candidate
        if _claim(file, target):
            return candidate
        if target.is_file() and target.stat().st_size == file.stat().st_size:
            digest = digest or digest_of(file)
            if digest_of(target) == digest:
                return candidate
    raise StorageError(f"No free name like {name!r} is left in its folder.")


def _candidates(name: str) -> Iterator[str]:
    yield name
    path = PurePosixPath(name)
    for number in range(1, 10_000):
        yield f"{path.stem} ({number}){path.suffix}"


def _claim(file: Path, target: Path) -> bool:
    """Moves a file to a name that nothing has; False if something has it. Other uploads may try at the same time."""
    try:
        put_in_place(file, target, overwrite=False)
    except FileExistsError:
        return False
    return True


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
