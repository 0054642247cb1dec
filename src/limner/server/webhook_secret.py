"""What webhooks are signed with: one secret of the server's, and one for everybody with an account, made from it.

Source: Standard Webhooks, "Signature scheme" (https://www.standardwebhooks.com).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from pathlib import Path

from limner.graph.errors import SettingsError
from limner.storage.folders import ONLY_OWNER

PREFIX = "whsec_"
LEAST, MOST = 24, 64
"""Bytes of a secret."""


def read_secret(text: str) -> bytes:
    """The key that a secret stands for.

    Raises:
        SettingsError: if it is none.
    """
    try:
        key = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not LEAST <= len(key) <= MOST:
        raise SettingsError(
            f"A webhook's secret is whsec_ and the base64 of {LEAST} to {MOST} random bytes; this one is not. "
            "`openssl rand -base64 32` makes what follows whsec_."
        )
    return key


def kept_secret(chosen: str, file: Path) -> str:
    """The server's secret: as it was chosen, else the one in the file, which is made if it is not there.

    Raises:
        SettingsError: if the chosen one is none, or the file cannot be kept.
    """
    if chosen:
        read_secret(chosen)
        return chosen
    try:
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(PREFIX + base64.b64encode(secrets.token_bytes(32)).decode())
        text = file.read_text().strip()
    except OSError as error:
        raise SettingsError(f"The secret of webhooks cannot be kept in {file}: {error.strerror or error}.") from error
    read_secret(text)
    return text


def secret_of(owner: str, server: str) -> str:
    """The secret of somebody's webhooks: nobody who has it can sign for anybody else. Without accounts, the server's.

    Args:
        owner: Whose.
        server: The server's secret.
    """
    if owner == ONLY_OWNER:
        return server
    made = hmac.new(read_secret(server), f"owner:{owner}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def signature(secret: str, identifier: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``.

    Args:
        secret: With ``whsec_`` before it.
        identifier: The header ``webhook-id``.
        timestamp: The header ``webhook-timestamp``, seconds since the epoch.
        body: Exactly as it is sent.
    """
    signed = f"{identifier}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(read_secret(secret), signed, hashlib.sha256).digest()).decode()}"
