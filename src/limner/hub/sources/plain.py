"""Any other address on the web. What lies there is asked with its first bytes: the name, the size, the version."""

from urllib.parse import urlsplit

import aiohttp
from aiohttp import hdrs

from limner.hub.answers import range_headers, read_answer, refuse_page
from limner.hub.names import fit_name, name_of_disposition, name_of_url
from limner.hub.refusal import PullError
from limner.hub.source import Offer, Reach, RemoteFile, Source, Wanted


def _understands(reference: str) -> bool:
    return urlsplit(reference).scheme in ("http", "https")


async def _resolve(wanted: Wanted, reach: Reach) -> Offer:
    """Asks for one byte of the file, since some servers refuse to be asked for none.

    Raises:
        PullError: if it cannot be had.
    """
    url = wanted.reference

    async def take(response: aiohttp.ClientResponse) -> RemoteFile:
        return _file(url, response)

    file = await reach.web.ask(url, take, headers=range_headers(0, 1, ""))
    return Offer("plain", file.address, file.name, (file,), page=file.address)


def _file(url: str, response: aiohttp.ClientResponse) -> RemoteFile:
    """The file that an answer belongs to; its name as the server states it, or the last part of an address."""
    named = name_of_disposition(response.headers.get(hdrs.CONTENT_DISPOSITION, ""))
    candidates = [name for name in (named, name_of_url(url), name_of_url(str(response.url))) if name]
    name = next((name for name in candidates if _fits(name)), candidates[0] if candidates else "")
    refuse_page(response, name or url)
    said = read_answer(response)
    return RemoteFile(url=url, name=name, size=said.total, validator=said.validator)


def _fits(name: str) -> bool:
    try:
        fit_name(name)
    except PullError:
        return False
    return True


PLAIN = Source("plain", 90, ("https://example.org/model.safetensors",), _understands, _resolve)
