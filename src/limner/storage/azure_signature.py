"""Signed addresses of Azure's blobs, made with an account's key.

The library's own do not open for names with spaces or letters beyond ASCII.

Source: Microsoft's documentation of Azure Storage, "Create a service SAS" (version 2020-12-06 and later).
"""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from limner.graph.errors import SettingsError

VERSION = "2022-11-02"
FIELDS = 16
"""Lines of what is signed; those that are not used are empty."""


def signed_address(
    base: str, key: str, *, account: str, container: str, account_key: str, begins: float, ends: float
) -> str:
    """An address under which a blob may be read.

    Args:
        base: Where the container's blobs are, without a slash at the end.
        key: The blob's name.
        account: Name of the account,
        container: and of the container.
        account_key: What it is made with, base64.
        begins: Seconds since the epoch from which on it holds.
        ends: Until when.

    Raises:
        SettingsError: if the key is none.
    """
    try:
        secret = base64.b64decode(account_key, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError("The key of an Azure account is base64; this one is not.") from error
    start, expiry = _moment(begins), _moment(ends)
    used = ["r", start, expiry, f"/blob/{account}/{container}/{key}", "", "", "", VERSION, "b"]
    to_sign = "\n".join([*used, *[""] * (FIELDS - len(used))])
    signature = base64.b64encode(hmac.new(secret, to_sign.encode(), hashlib.sha256).digest()).decode()
    query = {"sp": "r", "st": start, "se": expiry, "sv": VERSION, "sr": "b", "sig": signature}
    return f"{base}/{quote(key)}?{urlencode(query)}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
