"""Where objects go, as people write it: ``s3://bucket/prefix?region=eu-central-1``. Schemes make of it what they like.

Source: RFC 3986 for the form.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from limner.graph.errors import SettingsError, UnknownNameError
from limner.storage.object_names import TEMPLATE, check_template

COMMON = ("expires", "name", "public_url", "sign", "timeout")
"""Options of every scheme."""

LONGEST_EXPIRY = 7 * 86_400
"""Seconds; what S3 allows. Source: Amazon S3 user guide, "Sharing objects with presigned URLs"."""

_NAME = re.compile(r"[\w$.-]+", re.ASCII)
"""What buckets, regions and accounts are called; services make names of hosts of it, which must not lead elsewhere."""

_TRUTH = {"yes": True, "no": False}


@dataclass(frozen=True)
class ObjectPlace:
    """A place for objects.

    Attributes:
        scheme: Which service.
        bucket: Its bucket, container or, for files, nothing.
        prefix: What all keys begin with, without slashes at its ends.
        options: Of the service, by name.
        name: Template of keys below the prefix.
        public_url: What addresses of objects begin with in place of the service's own, without a slash at the end.
        sign: Addresses are signed, so that whoever has one may fetch the object while it holds.
        expires: How long signed addresses hold, in seconds.
        timeout: Seconds for one request.
    """

    scheme: str
    bucket: str
    prefix: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    name: str = TEMPLATE
    public_url: str = ""
    sign: bool = True
    expires: int = LONGEST_EXPIRY
    timeout: float = 120.0

    @property
    def endpoint(self) -> str:
        """Address of a host of its own, with the bucket in its name if that belongs there; empty: the service's."""
        scheme, _, host = self.options.get("endpoint", "").rstrip("/").partition("://")
        if not host:
            return ""
        return f"{scheme}://{self.bucket}.{host}" if self.options.get("style") == "host" else f"{scheme}://{host}"

    def key(self, name: str) -> str:
        """The key of an object by its name below the prefix."""
        return f"{self.prefix}/{name}" if self.prefix else name


def read_place(address: str) -> ObjectPlace:
    """Reads an address.

    Raises:
        SettingsError: if it is none, or an option has no such value.
    """
    try:
        parts = urlsplit(address)
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise SettingsError(f"{address!r:.200} is no place for objects: {error}.") from error
    bucket = unquote(parts.netloc)
    if not parts.scheme or "@" in parts.netloc:
        raise SettingsError(
            f"{address.partition('?')[0].rpartition('@')[2]!r:.200} is no place for objects: expected "
            "scheme://bucket/prefix?option=value, and keys in the environment or in a file of stores."
        )
    options = dict(pairs)
    _check_names({"bucket": bucket} | options)
    common = {name: options.pop(name) for name in COMMON if name in options}
    public_url = common.get("public_url", "").rstrip("/")
    if public_url and not public_url.startswith(("http://", "https://")):
        raise SettingsError(f"public_url must begin with https:// or http://; it is {public_url!r:.200}.")
    name = common.get("name") or TEMPLATE
    check_template(name)
    return ObjectPlace(
        scheme=parts.scheme.lower(),
        bucket=bucket,
        prefix=unquote(parts.path).strip("/"),
        options=options,
        name=name,
        public_url=public_url,
        sign=_truth(common["sign"]) if "sign" in common else not public_url,
        expires=int(_number("expires", common.get("expires", str(LONGEST_EXPIRY)), LONGEST_EXPIRY)),
        timeout=_number("timeout", common.get("timeout", "120"), 3600),
    )


def check_options(place: ObjectPlace, known: tuple[str, ...]) -> None:
    """Refuses options that a scheme does not have.

    Raises:
        UnknownNameError: names the nearest ones.
    """
    for name in place.options:
        if name not in known:
            raise UnknownNameError(f"option of {place.scheme}://", name, (*known, *COMMON))


def _check_names(named: Mapping[str, str]) -> None:
    """Refuses what leads elsewhere than it says, such as a region with a slash in it, and what leads nowhere."""
    for what in ("bucket", "account", "region"):
        text = named.get(what, "")
        if text and not _NAME.fullmatch(text):
            raise SettingsError(f"{text!r:.100} is no {what}: letters, digits, '-', '_', '.' and '$' were expected.")
    endpoint = named.get("endpoint")
    if endpoint is not None and not endpoint.startswith(("http://", "https://")):
        raise SettingsError(f"endpoint must begin with https:// or http://; it is {endpoint!r:.200}.")


def _truth(text: str) -> bool:
    if text not in _TRUTH:
        raise SettingsError(f"sign must be yes or no; it is {text!r:.40}.")
    return _TRUTH[text]


def _number(name: str, text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= most:
        raise SettingsError(f"{name} must be a number of seconds up to {most:g}; it is {text!r:.40}.")
    return number
