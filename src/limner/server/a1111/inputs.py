"""Pictures that A1111's clients send become input pictures, under the name of their content."""

from aiohttp import web

from limner.dialects.a1111.encoded import picture_bytes
from limner.dialects.a1111.errors import refusal
from limner.graph.errors import DocumentError
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.form_parts import InputPicture, keep_picture
from limner.server.limits import check_storage

UPLOADS = "a1111"
"""Folder of the input pictures."""


async def sent_picture(request: web.Request, text: object) -> InputPicture:
    """A picture of a body, among the input pictures.

    Raises:
        GraphError: if it is none, or a damaged one, or the caller may store nothing more.
        StorageError: if it cannot be kept.
    """
    await check_storage(request)
    folder = folders_of(request).input

    def keep() -> InputPicture:
        return keep_picture(picture_bytes(text), folder, UPLOADS)

    try:
        return await beside(keep)
    except DocumentError as error:
        raise refusal(f"Invalid encoded image: {error}", 500) from error
