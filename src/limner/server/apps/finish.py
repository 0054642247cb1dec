"""What becomes of pictures before they are answered: another form or size, a watermark, the number of a page.

A finished picture is a file beside the one that it was made of, named by what was done, so that it is made once.
"""

import contextlib
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from limner.dialects.apps.answer import mark_of
from limner.dialects.apps.options import Finish
from limner.dialects.apps.outputs import OutputFile, files_of, renamed
from limner.graph.errors import DocumentError
from limner.jobs.records import Job
from limner.server.apps.marks import stamped
from limner.server.pictures import open_picture, readable
from limner.server.whole_files import store_whole
from limner.storage.folders import Folders, resolve

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
KEPT_FORMS = {"JPEG": "jpeg", "WEBP": "webp"}


def finished_files(job: Job, folders: Folders) -> Iterator[tuple[OutputFile, Path]]:
    """The files of a run as its request wants them, and where they lie; those that are gone are left out. Blocks.

    Args:
        job: The run.
        folders: Those of its owner.

    Raises:
        DocumentError: if a picture cannot be finished.
    """
    finish, files, number = mark_of(job).finish, files_of(job), 0
    total = len([file for file in files if file.kind == "image"])
    for file in files:
        number += file.kind == "image"
        with contextlib.suppress(FileNotFoundError):  # Somebody has removed it.
            yield finished_file(file, folders, finish, number, total)


def finished_file(
    file: OutputFile, folders: Folders, finish: Finish, number: int, total: int
) -> tuple[OutputFile, Path]:
    """A file as it is answered, and where it lies. Blocks.

    Args:
        file: As its node saved it.
        folders: Where files lie.
        finish: What is to become of it, if it is a picture.
        number: Which picture of the run it is,
        total: and of how many.

    Raises:
        DocumentError: if it is a picture that cannot be read.
        OSError: if it is not there.
        StorageError: if it cannot be written.
    """
    path = _place(file, folders)
    if finish.is_nothing or file.kind != "image":
        path.stat()
        return file, path
    form = _form(path, finish)
    if not form:
        return file, path
    done = msgspec.json.encode([finish, number, total, path.stat().st_mtime_ns])
    named = renamed(file.filename, f"-{hashlib.sha256(done).hexdigest()[:12]}{SUFFIXES[form]}")
    target = path.with_name(named)
    if not target.is_file():
        store_whole(target, finished(path, folders, finish, form, f"{number}/{total}"))
    return msgspec.structs.replace(file, filename=named), target


def _place(file: OutputFile, folders: Folders) -> Path:
    folder = folders.of_type(file.folder)
    return resolve(resolve(folder, file.subfolder) if file.subfolder else folder, file.filename)


def _form(path: Path, finish: Finish) -> str:
    """The form that a picture is to have; empty: it moves, and stays as it is."""
    with open_picture(path) as picture:
        if getattr(picture, "is_animated", False):
            return ""
        return KEPT_FORMS.get(picture.format or "", "png") if finish.form == "original" else finish.form


def finished(path: Path, folders: Folders, finish: Finish, form: str, page: str) -> bytes:
    """The bytes of a finished picture.

    Args:
        path: Where it lies.
        folders: Where the picture of a watermark lies.
        finish: What is to be done.
        form: ``png``, ``jpeg`` or ``webp``.
        page: Its number and how many there are, ``2/7``.

    Raises:
        DocumentError: if it, or the watermark, cannot be read.
    """
    with open_picture(path) as opened, readable(path.name):
        opened.load()
        texts = dict(getattr(opened, "text", {}))
        picture = opened.convert("RGBA") if opened.mode != "RGB" else opened.copy()
    picture = _sized(picture, finish)
    picture = stamped(picture, finish, _mark(folders, finish), page)
    return _encoded(picture, finish, form, texts)


def _mark(folders: Folders, finish: Finish) -> "Image.Image | None":
    """The picture of the watermark."""
    if not finish.watermark_image:
        return None
    if not folders.has(finish.watermark_image):
        raise DocumentError(f"The watermark {finish.watermark_image!r:.100} is not among the input pictures.")
    with open_picture(folders.file(finish.watermark_image)) as opened, readable("the watermark"):
        return opened.convert("RGBA")


def _sized(picture: "Image.Image", finish: Finish) -> "Image.Image":
    from PIL import Image, ImageOps

    size = finish.size
    if size is None:
        return picture
    method = Image.Resampling.LANCZOS
    match finish.fit:
        case "cover":
            return ImageOps.fit(picture, size, method)
        case "pad":
            return ImageOps.pad(picture, size, method, color=_colour(finish.background, picture.mode))
        case "stretch":
            return picture.resize(size, method)
        case _:
            return ImageOps.contain(picture, size, method)


def check_background(finish: Finish) -> None:
    """Refuses a background that is no colour, before anything is drawn.

    Raises:
        DocumentError: says what a colour is.
    """
    if finish.background != Finish().background:
        _colour(finish.background, "RGB")


def _colour(name: str, mode: str) -> tuple[int, ...]:
    """A colour by its name or in digits.

    Raises:
        DocumentError: if it is none.
    """
    from PIL import ImageColor

    with contextlib.suppress(ValueError):
        return ImageColor.getcolor(name, mode)  # type: ignore[return-value]
    raise DocumentError(f"'background' is {name!r:.40}, which is no colour: write white, #ffcc00 or rgb(255, 204, 0).")


def _encoded(picture: "Image.Image", finish: Finish, form: str, texts: dict[str, str]) -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    buffer = io.BytesIO()
    if form == "png":
        kept = PngInfo()
        for key, text in texts.items():  # The workflow that it was made by.
            kept.add_text(key, text)
        picture.save(buffer, "PNG", compress_level=4, pnginfo=kept)
        return buffer.getvalue()
    if form == "jpeg" and picture.mode == "RGBA":
        below = Image.new("RGB", picture.size, _colour(finish.background, "RGB"))
        below.paste(picture, mask=picture.getchannel("A"))
        picture = below
    picture.save(buffer, form.upper(), quality=finish.quality)
    return buffer.getvalue()
