"""Where objects go, as people write it: ``s3://bucket/prefix?region=eu-central-1``. Schemes make of it what they like.

Source: RFC 3986 for the form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from limner.graph.errors import SettingsError, UnknownNameError
from limner.storage.object_names import TEMPLATE, check_template

COMMON = ("expires", "name", "public_url", "sign", "timeout")
"""Options of every scheme."""

LONGEST_EXPIRY = 7 * 86_400
"""Seconds; what S3 allows. Source: Amazon S3 user guide, "Sharing objects with presigned URLs"."""

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
    if not parts.scheme or "@" in parts.netloc:
        raise SettingsError(
            f"{address.partition('?')[0].rpartition('@')[2]!r:.200} is no place for objects: expected "
            "scheme://bucket/prefix?option=value, and keys in the environment or in a file of stores."
        )
    options = dict(pairs)
    common = {name: options.pop(name) for name in COMMON if name in options}
    public_url = common.get("public_url", "").rstrip("/")
    if public_url and not public_url.startswith(("http://", "https://")):
        raise SettingsError(f"public_url must begin with https:// or http://; it is {public_url!r:.200}.")
    name = common.get("name") or TEMPLATE
    check_template(name)
    return ObjectPlace(
        scheme=parts.scheme.lower(),
        bucket=unquote(parts.netloc),
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
