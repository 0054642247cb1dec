"""The pictures of a request to OpenAI's door, whatever kind of body they came in, as input pictures."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from limner.dialects.openai.pictures_sent import MOST_PICTURES, named_mask, named_pictures
from limner.dialects.openai.refusals import refusal
from limner.graph.errors import DocumentError
from limner.server.bodies import beside, read_object
from limner.server.caller import folders_of
from limner.server.form_parts import Form, InputPicture, keep_picture, read_form
from limner.server.limits import check_storage
from limner.server.sent_pictures import sent_picture

UPLOADS = "openai"
"""Folder of the input pictures."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class Inputs:
    """What a request brought.

    Attributes:
        fields: Its fields.
        pictures: The one to be painted over, and further ones.
        mask: Where, or None.
    """

    fields: Mapping[str, Any]
    pictures: tuple[InputPicture, ...] = ()
    mask: InputPicture | None = None

    def origin(self) -> InputPicture:
        """The picture to be painted over.

        Raises:
            GraphError: if there is none, or the mask does not fit it.
        """
        if not self.pictures:
            raise refusal("Missing required parameter: 'image'.", "missing_required_parameter", "image")
        origin, mask = self.pictures[0], self.mask
        if mask is not None and (not mask.alpha or mask.size != origin.size):
            rule = (
                f"have the size of the image ({origin.size[0]} x {origin.size[1]})" if mask.alpha else "be transparent"
            )
            raise refusal(f"'mask' must {rule}; what is transparent is painted anew.", "invalid_image", "mask")
        return origin


async def read_inputs(request: web.Request) -> Inputs:
    """Reads a form, or a JSON body.

    Raises:
        GraphError: if it is neither, or a picture is none.
    """
    if request.content_type.startswith("multipart/"):
        return await _of_form(request, await read_form(request))
    return await inputs_of(request, await read_fields(request))


async def read_fields(request: web.Request) -> Mapping[str, Any]:
    """A JSON body.

    Raises:
        GraphError: if it is none.
    """
    try:
        return await read_object(request)
    except DocumentError as error:
        raise refusal(str(error), "invalid_json") from error


async def inputs_of(request: web.Request, body: Mapping[str, Any]) -> Inputs:
    """What a JSON body brings along or names.

    Raises:
        GraphError: if a picture is none, or cannot be had.
    """
    texts, mask = named_pictures(body), named_mask(body)
    pictures = [await _kept("image", lambda text=text: sent_picture(request, text, UPLOADS)) for text in texts]
    cover = None if mask is None else await _kept("mask", lambda: sent_picture(request, mask, UPLOADS))
    return Inputs(body, tuple(pictures), cover)


async def shown_pictures(request: web.Request, texts: tuple[str, ...]) -> tuple[InputPicture, ...]:
    """Pictures that a conversation shows.

    Raises:
        GraphError: if one is none, or cannot be had.
    """
    kept = [await _kept("messages", lambda text=text: sent_picture(request, text, UPLOADS)) for text in texts]
    return tuple(kept)


async def _of_form(request: web.Request, form: Form) -> Inputs:
    """What a form brings along; some programs send addresses in its texts instead."""
    sent, covers, folder = form.files.get("image", []), form.files.get("mask", []), folders_of(request).input
    if len(sent) > MOST_PICTURES:
        raise refusal(f"'image' has {len(sent)} files; at most {MOST_PICTURES} are taken.", "invalid_value", "image")

    async def keep(name: str, data: bytes) -> InputPicture:
        await check_storage(request)
        return await _kept(name, lambda: beside(lambda: keep_picture(data, folder, UPLOADS)))

    named = await inputs_of(request, {} if sent else form.fields)
    pictures = tuple([await keep("image", data) for data in sent])
    return Inputs(form.fields, pictures or named.pictures, await keep("mask", covers[0]) if covers else named.mask)


async def _kept(name: str, keeping: Callable[[], Awaitable[Value]]) -> Value:
    try:
        return await keeping()
    except DocumentError as error:
        raise refusal(f"{name!r}: {error}", "invalid_image", name) from error
