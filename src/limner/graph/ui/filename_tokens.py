"""Tokens in file name prefixes that ComfyUI's page fills in before it sends a prompt: ``%date:yyyy-MM-dd%`` and
``%Title.widget%``. Those that a server fills in (``%width%``, ``%year%`` ...) stay.
"""

import re
from collections.abc import Callable
from datetime import datetime

PREFIX = "filename_prefix"
"""The input whose tokens the page fills in."""

Lookup = Callable[[str, str], object]
"""The value of a widget, by what its node is called and its name; None if there is no such thing."""

_TOKEN = re.compile(r"%([^%]{1,200})%")
_DATE = re.compile(r"yyyy|yy|dd?|MM?|hh?|mm?|ss?")
_ILLEGAL = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')


def resolve_tokens(text: str, now: datetime, lookup: Lookup) -> str:
    """The text with the page's tokens filled in. What nothing is known of stays as it is."""

    def filled(match: re.Match[str]) -> str:
        token = match.group(1)
        if token.startswith("date:") and token != "date:":
            return _DATE.sub(lambda part: _part(part.group(), now), token.removeprefix("date:"))
        title, dot, widget = token.partition(".")
        value = lookup(title, widget) if dot else None
        return match.group() if value is None else _ILLEGAL.sub("_", str(value))

    return _TOKEN.sub(filled, text)


def _part(token: str, now: datetime) -> str:
    """A piece of a date: doubled letters pad with a zero."""
    if token.startswith("y"):
        return str(now.year) if token == "yyyy" else f"{now.year % 100:02}"
    values = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}
    return f"{values[token[0]]:0{len(token)}}"
