"""The addresses under which clients reach what this server made."""

import urllib.parse
from collections.abc import Mapping

from aiohttp import web

from limner.server.route import SERVICE


def address_of(request: web.Request) -> str:
    """Where clients reach this server, without a slash at the end: as ``--public-url`` says, or the Host they named."""
    return request.app[SERVICE].settings.public_url or f"{request.scheme}://{request.host}"


def file_address(request: web.Request, file: Mapping[str, str], **query: str) -> str:
    """An absolute address of a file that a job saved; whoever has it may fetch the file without a key.

    Args:
        request: Whose answer names it.
        file: Its ``filename``, ``subfolder`` and ``type``.
        query: Further parameters of ``/view``.
    """
    named = {name: file[name] for name in ("filename", "subfolder", "type") if name in file}
    return f"{address_of(request)}/view?{urllib.parse.urlencode(named | query)}"
