"""Which addresses may be asked: a server must not be led into the network that it stands in.

Names are checked when they have been resolved, by the resolver that the connection itself uses: an answer that
changes between the check and the connection changes nothing. Addresses written as numbers never reach a resolver and
are checked for every request and every redirect.
"""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver
from yarl import URL

from limner.hub.refusal import PullError

SCHEMES = ("http", "https")

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones. Source: RFC 6052, section 2.1."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Addresses:
    """The addresses that may be asked.

    Args:
        private: Addresses of this machine and of its own network may be asked too.
        trusted: URLs whose hosts may be asked wherever they are: those that whoever runs the program has set.
    """

    def __init__(self, *, private: bool, trusted: Iterable[str] = ()) -> None:
        self.private = private
        self._trusted = frozenset(host for url in trusted if (host := urlsplit(url).hostname))

    def check(self, url: URL) -> None:
        """Refuses a URL that may not be asked, as far as that shows in the URL itself.

        Raises:
            PullError: says why.
        """
        if url.scheme not in SCHEMES or not url.host:
            raise PullError("refused", f"{str(url)!r:.200} is no address on the web: expected http:// or https://.")
        try:
            address = ipaddress.ip_address(url.host)
        except ValueError:
            return
        self.check_address(url.host, address)

    def check_address(self, host: str, address: Address) -> None:
        """Refuses an address that a name was resolved to.

        Raises:
            PullError: if it is not one of the public internet.
        """
        if self.private or host in self._trusted or is_public(address):
            return
        raise PullError(
            "refused",
            f"{host} is an address of this machine or its own network, and models are not fetched from there: it could "
            "be anything. If it is yours, start the server with --allow-private-sources, or use `limner pull` here.",
        )


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, whatever it is written as."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


class GuardedResolver(AbstractResolver):
    """Resolves names and refuses answers that may not be asked."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses, self._inner = addresses, DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name.

        Raises:
            PullError: if one of them may not be asked.
        """
        found = await self._inner.resolve(host, port, family)
        for result in found:
            self._addresses.check_address(host, ipaddress.ip_address(result["host"].partition("%")[0]))
        return found

    async def close(self) -> None:
        """Ends it."""
        await self._inner.close()
