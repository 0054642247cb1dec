"""What a source is, and what it says of the files that a name stands for.

A source turns a name into URLs; it never moves a file itself. A module in ``sources`` defines one.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from limner.hub.web import Web

_SECRET = re.compile(r"(x-amz-.*|awsaccesskeyid|token|api_?key|key|signature|sig|expires|policy|se|sp|sv|sr)$", re.I)
"""Names of query parameters that say who asks, not what for."""


@dataclass(frozen=True)
class Accounts:
    """Who asks, and where the services are. Tokens go to their own service only and are never written down.

    Attributes:
        huggingface: Access token; empty: the one that ``hf auth login`` left, if any.
        civitai: API key, or empty.
        huggingface_endpoint: Address of the hub; empty: its own.
        civitai_endpoint: Address of CivitAI; empty: its own.
        s3_endpoint: Address of an S3 service that is not Amazon's, or empty.
    """

    huggingface: str = ""
    civitai: str = ""
    huggingface_endpoint: str = ""
    civitai_endpoint: str = ""
    s3_endpoint: str = ""

    def without(self, service: str) -> "Accounts":
        """The same without a service's token."""
        return replace(self, **{service: ""})

    def endpoints(self) -> tuple[str, ...]:
        """The addresses that were set by whoever runs this program."""
        chosen = (self.huggingface_endpoint, self.civitai_endpoint, self.s3_endpoint)
        return tuple(address for address in chosen if address)


@dataclass(frozen=True)
class Wanted:
    """What somebody asked for.

    Attributes:
        reference: A name, an id or a URL.
        revision: Branch, tag or commit of a repository; empty: its main one, or what the reference says.
        include: Patterns of file names to take from a repository; none: what makes sense.
    """

    reference: str
    revision: str = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemoteFile:
    """A file that can be fetched.

    Attributes:
        url: Where.
        name: Its own name, without folders.
        size: Bytes; None: not known before it is asked for.
        sha256: Digest in 64 hexadecimal digits; empty: the source does not say.
        kind: Model kind; empty: not known before its header is read.
        folder: Folder inside the kind's, for files that belong together; empty: none.
        token: Bearer token for this address, or empty.
        gate: What to do if the address says that one may not have it.
        validator: ETag or date of the version that is there now, if the source asked for it.
    """

    url: str
    name: str
    size: int | None = None
    sha256: str = ""
    kind: str = ""
    folder: str = ""
    token: str = ""
    gate: str = ""
    validator: str = ""

    @property
    def address(self) -> str:
        """The URL without what is secret or changes each time, as it is written down."""
        parts = urlsplit(self.url)
        kept = [(key, value) for key, value in parse_qsl(parts.query) if not _SECRET.match(key)]
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=urlencode(kept)))


@dataclass(frozen=True)
class Offer:
    """The files that a name stands for.

    Attributes:
        source: Name of the source.
        reference: The name in full, so that it means the same tomorrow.
        title: What people call it.
        files: What to fetch.
        licence: Its licence, or empty.
        page: Where people read about it, or empty.
        cautions: What somebody should agree to before it is fetched.
    """

    source: str
    reference: str
    title: str
    files: tuple[RemoteFile, ...]
    licence: str = ""
    page: str = ""
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reach:
    """How sources reach the world: the web client, and the accounts."""

    web: Web
    accounts: Accounts


@dataclass(frozen=True)
class Source:
    """A place where models come from.

    Attributes:
        name: Of the source.
        rank: Sources of a lower rank are asked first whether they understand a name.
        forms: Examples of what it understands.
        understands: Whether a name may be meant for it. No network.
        resolve: Says what a name stands for.
    """

    name: str
    rank: int
    forms: tuple[str, ...]
    understands: Callable[[str], bool]
    resolve: Callable[[Wanted, Reach], Awaitable[Offer]]
