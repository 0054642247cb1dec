"""Sizes of memory as people write them: ``6G``, ``512M``, ``80%``."""

import re

from limner.graph.errors import SettingsError

UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmgt]?)(?:i?b)?|(%))", re.IGNORECASE)


def read_size(text: str, total: int) -> int:
    """Bytes that a text means. Units count by 1024; ``%`` means a part of the total.

    Raises:
        SettingsError: if it means none.
    """
    match = SIZE.fullmatch(text.strip())
    if match is None or not float(match[1]) or (match[3] and float(match[1]) > 100):
        raise SettingsError(
            f"{text!r} is no size of memory: write a number with a unit (6G, 512M), or a part of it (80%)."
        )
    if match[3]:
        return int(total * float(match[1]) / 100)
    return int(float(match[1]) * UNITS[match[2].lower()])


def say_size(size: int) -> str:
    """A number of bytes as people write it: ``79.1M``, ``20G``."""
    fitting = [(name, unit) for name, unit in UNITS.items() if size >= unit]
    name, unit = fitting[-1] if fitting else ("", 1)
    return f"{size / unit:.3g}{name.upper()}" if name else f"{size} bytes"
