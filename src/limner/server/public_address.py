"""The addresses under which clients reach what this server made."""

import urllib.parse
from collections.abc import Mapping

from aiohttp import web

from limner.accounts.signing import ADDRESSES, SIGNED, Signer
from limner.server.caller import caller_of
from limner.server.route import SERVICE
from limner.server.service import Service


def address_of(request: web.Request) -> str:
    """Where clients reach this server, without a slash at the end: as ``--public-url`` says, or the Host they named."""
    return request.app[SERVICE].settings.public_url or f"{request.scheme}://{request.host}"


def file_address(request: web.Request, file: Mapping[str, str], owner: str | None = None, **query: str) -> str:
    """An absolute address of a file that a job saved; whoever has it may fetch the file without a key.

    Args:
        request: Whose answer names it.
        file: Its ``filename``, ``subfolder`` and ``type``.
        owner: Whose it is; None: the caller's.
        query: Further parameters of ``/view``.
    """
    named = _signed(request.app[SERVICE], owner or caller_of(request).owner, file)
    return f"{address_of(request)}/view?{urllib.parse.urlencode(named | query)}"


def saved_address(service: Service, owner: str, file: Mapping[str, str]) -> str:
    """What ``file_address`` gives, for those who are told of a job without asking: there is no Host that they named.

    Args:
        service: Whose settings say where clients reach the server.
        owner: Whose the file is.
        file: Its ``filename``, ``subfolder`` and ``type``.
    """
    settings = service.settings
    here = settings.public_url
    if not here and settings.port:  # a port that was taken at random is known to nobody here
        here = f"http://{settings.host.partition(',')[0]}:{settings.port}"
    return f"{here}/view?{urllib.parse.urlencode(_signed(service, owner, file))}"


def _signed(service: Service, owner: str, file: Mapping[str, str]) -> dict[str, str]:
    """What names a file; where accounts are on with a signature, so that for a day it opens without a key."""
    named = {name: file[name] for name in SIGNED if name in file}
    if service.accounts is None:
        return named
    return named | Signer(service.accounts.secret(ADDRESSES)).signed(named, owner)
