"""Addresses that open one file without a key, for some time: signed by the server that gives them out."""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence

SIGNED = ("filename", "subfolder", "type")
"""What of a file's address is signed, beside whose it is and until when it opens."""

OWNER, EXPIRES, SIGNATURE = "owner", "expires", "signature"
ADDRESSES = "addresses"
"""The secret that they are signed with."""

DAY = 24 * 3600
"""Seconds that an address opens if nobody says otherwise."""


class Signer:
    """Signs addresses and knows its own signatures again.

    Args:
        secret: Random bytes that nobody else has.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def signed(self, file: Mapping[str, str], owner: str, seconds: float = DAY) -> dict[str, str]:
        """What an address needs beside the file's names: the owner, the end, the signature."""
        until = str(int(time.time() + seconds))
        return {OWNER: owner, EXPIRES: until, SIGNATURE: self._signature(file, owner, until)}

    def owner_of(self, query: Mapping[str, str]) -> str | None:
        """Whose file an address opens; None if it is not signed, not by us, or too old."""
        owner, until, signature = (query.get(name, "") for name in (OWNER, EXPIRES, SIGNATURE))
        if not owner or not signature or not until.isdecimal() or len(until) > 12 or int(until) < time.time():
            return None
        return owner if hmac.compare_digest(self._signature(query, owner, until).encode(), signature.encode()) else None

    def _signature(self, file: Mapping[str, str], owner: str, until: str) -> str:
        parts = [owner, until, *(file.get(name, "") for name in SIGNED)]
        return hmac.new(self._secret, _joined(parts), hashlib.sha256).hexdigest()


def _joined(parts: Sequence[str]) -> bytes:
    """Texts as bytes from which each can be told again: lengths stand before them."""
    encoded = [part.encode("utf-8", "surrogateescape") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
