"""The text of keys: ``lk_``, an id that may be shown, and a secret that may not.

What is kept of a secret is its SHA-256. Slow hashes are for passwords, which people choose and attackers can guess; 32
random bytes cannot be guessed however fast one tries, so a fast hash is as good, and every request can afford it.
"""

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

PREFIX = "lk_"
"""How keys begin, so that people and scanners of leaked secrets recognise them."""

ID_BYTES = 5
SECRET_BYTES = 32

_KEY = re.compile(r"lk_([0-9a-f]{10})_([A-Za-z0-9_-]{43})")


class KeyText(NamedTuple):
    """A key taken apart."""

    id: str
    secret: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.id}_{self.secret}"


def new_key() -> KeyText:
    """A key that nobody has."""
    return KeyText(secrets.token_hex(ID_BYTES), secrets.token_urlsafe(SECRET_BYTES))


def read_key(text: str) -> KeyText | None:
    """A key taken apart, or None if the text cannot be one."""
    found = _KEY.fullmatch(text)
    return KeyText(*found.groups()) if found else None


def digest_of(key: KeyText) -> bytes:
    """What is kept of a key; the id is in it, so that secrets cannot change places."""
    return hashlib.sha256(str(key).encode()).digest()


def is_same(key: KeyText, digest: bytes) -> bool:
    """Whether a key is the one that something was kept of. Takes the same time whatever is different."""
    return hmac.compare_digest(digest_of(key), digest)
