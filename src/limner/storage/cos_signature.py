"""Signed addresses of Tencent COS: its own signature, which holds for custom domains and CDNs as well.

Source: Tencent Cloud's documentation of COS, "Request Signature" (version 5).
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

ALGORITHM = "sha1"


def signed_address(
    base: str, key: str, *, secret_id: str, secret_key: str, begins: int, ends: int, query: Mapping[str, str] = {}
) -> str:
    """An address under which an object may be fetched.

    The host is not signed, so the address of a custom domain is as good as the bucket's own.

    Args:
        base: Where the bucket's objects are, without a slash at the end.
        key: Of the object.
        secret_id: Whose signature it is.
        secret_key: What it is made with.
        begins: Seconds since the epoch from which on it holds.
        ends: Until when.
        query: Further parameters, which are signed: a temporary key's ``x-cos-security-token``.
    """
    period = f"{begins};{ends}"
    named = {_encoded(name.lower()): _encoded(value) for name, value in query.items()}
    names = sorted(named)
    parameters = "&".join(f"{name}={named[name]}" for name in names)
    request = f"get\n/{key}\n{parameters}\n\n"
    to_sign = f"{ALGORITHM}\n{period}\n{hashlib.sha1(request.encode(), usedforsecurity=False).hexdigest()}\n"
    signature = _keyed(_keyed(secret_key, period), to_sign)
    signed = {
        "q-sign-algorithm": ALGORITHM,
        "q-ak": secret_id,
        "q-sign-time": period,
        "q-key-time": period,
        "q-header-list": "",
        "q-url-param-list": ";".join(names),
        "q-signature": signature,
    }
    pairs = "&".join(f"{name}={_encoded(value)}" for name, value in signed.items())
    return f"{base}/{quote(key)}?{pairs}{f'&{parameters}' if parameters else ''}"


def _keyed(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha1).hexdigest()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
