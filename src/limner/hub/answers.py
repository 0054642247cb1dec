"""What a server's answer to a request for a part of a file says. Source: RFC 9110, sections 8.8, 14.4 and 15.5.17."""

import re
from dataclasses import dataclass

import aiohttp
from aiohttp import hdrs

from limner.hub.refusal import PullError

_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass(frozen=True)
class Answer:
    """What an answer holds.

    Attributes:
        partial: It holds the part that was asked for; else the whole file.
        begin: Its first byte's place in the file.
        total: Bytes of the whole file; None: the server does not say.
        validator: ETag or date of this version of the file, or empty.
    """

    partial: bool
    begin: int
    total: int | None
    validator: str


def read_answer(response: aiohttp.ClientResponse) -> Answer:
    """What an answer of status 200 or 206 holds.

    Raises:
        PullError: if it says nothing that can be understood.
    """
    headers = response.headers
    validator = headers.get(hdrs.ETAG) or headers.get(hdrs.LAST_MODIFIED) or ""
    if response.status == 200:
        length = headers.get(hdrs.CONTENT_LENGTH, "")
        plain = headers.get(hdrs.CONTENT_ENCODING, "identity") == "identity"
        return Answer(False, 0, int(length) if length.isdigit() and plain else None, validator)
    found = _RANGE.fullmatch(headers.get(hdrs.CONTENT_RANGE, "").strip())
    if found is None or found[1] is None or found[3] == "*":
        raise PullError(
            "unreachable",
            f"{response.url} sends a part of a file without saying which: expected a Content-Range with the size of "
            f"the whole, not {headers.get(hdrs.CONTENT_RANGE)!r}.",
        )
    return Answer(True, int(found[1]), int(found[3]), validator)


def range_headers(begin: int, end: int, validator: str) -> dict[str, str]:
    """Headers that ask for a part, if the file still is the version that was begun."""
    headers: dict[str, str] = {hdrs.RANGE: f"bytes={begin}-{end - 1}", hdrs.ACCEPT_ENCODING: "identity"}
    if validator and not validator.startswith("W/"):
        headers[hdrs.IF_RANGE] = validator
    return headers


def refuse_page(response: aiohttp.ClientResponse, name: str) -> None:
    """Refuses a web page that comes in place of a file.

    Raises:
        PullError: if it is one.
    """
    if response.content_type in ("text/html", "application/xhtml+xml"):
        raise PullError(
            "wrong_file",
            f"{response.url.origin()} sends a web page in place of {name}: it wants a login, a licence click or a "
            "browser. Open the address in one to see what.",
        )
