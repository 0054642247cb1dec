"""What requests send to apps: fields from any kind of body, and pictures that become input pictures."""

import re
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from limner.dialects.apps.declaration import image_ids
from limner.dialects.apps.records import AppInput
from limner.dialects.comfy.asset_json import DIGEST, PREFIX
from limner.graph.errors import DocumentError, GraphError
from limner.graph.problem import Problem
from limner.server.assets.parts import assets_of
from limner.server.bodies import beside, read_bytes, read_document
from limner.server.caller import folders_of
from limner.server.form_parts import keep_picture, read_form
from limner.server.limits import check_storage
from limner.server.sent_pictures import sent_picture
from limner.storage.folders import Folders

UPLOADS = "apps"
"""Folder of the input pictures."""

IMAGES = "images"
"""The field for pictures by their order."""

MOST_PICTURES = 32
LONGEST_NAME = 1000

_ASSET = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Sent:
    """What a request sends.

    Attributes:
        fields: By name; of a form texts, of JSON any values.
        files: Uploaded bytes by name.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Sequence[bytes]] = field(default_factory=dict)


async def read_sent(request: web.Request) -> Sent:
    """The fields of a body: a multipart or a plain form, or JSON whatever its content type says; none at all is none.

    Raises:
        DocumentError: if it is neither.
    """
    if request.content_type.startswith("multipart/"):
        form = await read_form(request)
        return Sent(form.fields, form.files)
    raw = await read_bytes(request)
    if not raw.strip():
        return Sent()
    if request.content_type == "application/x-www-form-urlencoded" and raw.lstrip()[:1] not in (b"{", b"["):
        try:
            return Sent(dict(urllib.parse.parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)))
        except ValueError as error:
            raise DocumentError(f"The form cannot be read ({error}).") from error
    body = await read_document(request)
    if not isinstance(body, Mapping):
        raise DocumentError("Send a JSON object with a field for each input.")
    return Sent(body)


async def input_values(request: web.Request, inputs: Sequence[AppInput], sent: Sent, ids: str) -> dict[str, Any]:
    """What is sent for the inputs of an app, pictures as the names of input pictures.

    Fields lie side by side, or in an object under ``inputs``; pictures also come in order, under ``images``.

    Args:
        request: Who sends.
        inputs: What the app asks for.
        sent: The body.
        ids: Ids of picture nodes in the order of ``images``, separated by commas.

    Raises:
        GraphError: if a picture cannot be had.
        DocumentError: if there are more pictures than inputs for them.
    """
    values = _fields(inputs, sent)
    ordered = iter(_in_order(inputs, ids))
    for picture in _listed(sent, inputs):
        entry = next((entry for entry in ordered if entry.name not in values), None)
        if entry is None:
            raise DocumentError(f"There are more pictures under {IMAGES!r} than the app takes.")
        values[entry.name] = picture
    for entry in inputs:
        if entry.kind == "image" and values.get(entry.name) not in (None, ""):
            values[entry.name] = await _picture(request, entry, values[entry.name])
    return values


def nested(fields: Mapping[str, Any], inputs: Sequence[AppInput]) -> Mapping[str, Any]:
    """The fields under ``inputs``, unless an input has that name."""
    inner = fields.get("inputs")
    return inner if isinstance(inner, Mapping) and all(entry.name != "inputs" for entry in inputs) else {}


def _fields(inputs: Sequence[AppInput], sent: Sent) -> dict[str, Any]:
    inner = nested(sent.fields, inputs)
    values: dict[str, Any] = {}
    for entry in inputs:
        files = sent.files.get(entry.name)
        if files and entry.kind == "image":
            values[entry.name] = files[0]
        elif entry.name in inner or entry.name in sent.fields:
            values[entry.name] = inner.get(entry.name, sent.fields.get(entry.name))
    return values


def _in_order(inputs: Sequence[AppInput], ids: str) -> list[AppInput]:
    """The inputs for pictures: those of the nodes that are listed, in that order, else as they come.

    Raises:
        DocumentError: if a listed node takes no picture.
    """
    pictures = [entry for entry in inputs if entry.kind == "image"]
    wanted = image_ids(ids)
    if not wanted:
        return pictures
    by_node = {node: entry for entry in pictures for node, _ in entry.places}
    for node in wanted:
        if node not in by_node:
            known = ", ".join(by_node) or "none"
            raise DocumentError(f"Node {node!r:.60} of 'image_ids' takes no picture; those that do: {known}.")
    return [by_node[node] for node in wanted]


def _listed(sent: Sent, inputs: Sequence[AppInput]) -> list[Any]:
    """The pictures under ``images``: uploads, then what is named there."""
    if any(entry.name == IMAGES for entry in inputs):
        return []
    named = sent.fields.get(IMAGES)
    listed = [named] if isinstance(named, str) and named else named if isinstance(named, list) else []
    found = [*sent.files.get(IMAGES, ()), *listed]
    if len(found) > MOST_PICTURES:
        raise DocumentError(f"{IMAGES!r} has {len(found)} pictures; at most {MOST_PICTURES} are taken.")
    return found


async def _picture(request: web.Request, entry: AppInput, given: Any) -> str:
    """The name of the input picture that something stands for.

    Raises:
        GraphError: if it stands for none.
    """
    folders = folders_of(request)
    try:
        if isinstance(given, bytes):
            await check_storage(request)
            return (await beside(lambda: keep_picture(given, folders.input, UPLOADS))).name
        if not isinstance(given, str):
            raise DocumentError("send an address, a data URI, an uploaded file, or the id of an asset")
        known = await beside(lambda: _known(request, folders, given.strip()))
        return known or (await sent_picture(request, given.strip(), UPLOADS)).name
    except DocumentError as error:
        extra = {"input_name": entry.name, "kind": entry.kind}
        what = f"Input {entry.name!r} is no picture"
        problem = Problem(code="invalid_picture", message=what, details=str(error), extra=extra)
        raise GraphError(f"{what}: {error}", [problem]) from error


def _known(request: web.Request, folders: Folders, given: str) -> str | None:
    """The name of a picture that is here: an input file by its name, an asset by its id or hash. Blocks."""
    if exists(folders, given):
        return given
    library, digest = assets_of(request), given.removeprefix(PREFIX)
    if library is None:
        return None
    if DIGEST.fullmatch(digest):
        return next((name for asset, _ in library.with_digest(digest) if (name := _named(folders, asset))), None)
    asset = library.index.get(given) if _ASSET.fullmatch(given) else None
    return _named(folders, asset) if asset is not None else None


def _named(folders: Folders, asset: Any) -> str | None:
    """An asset as nodes name it, if it is among the caller's files."""
    name = f"{asset.path} [{asset.place}]"
    return name if exists(folders, name) else None


def exists(folders: Folders, name: str) -> bool:
    """Whether a file of the caller has a name; data URIs and addresses, which may come instead, are none."""
    try:
        return len(name) < LONGEST_NAME and folders.has(name)
    except (OSError, ValueError):  # Names that no file can have.
        return False
