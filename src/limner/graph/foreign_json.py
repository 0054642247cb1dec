"""Decodes JSON of strangers to values that every other process can be told.

Python reads more than JSON can say and than MessagePack can hold: NaN, half a surrogate pair, integers of any length.
They are turned here, where documents come in, and nowhere later.
"""

import json
import re
from typing import Any

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


def decode_foreign(source: str | bytes) -> Any:
    """The value of a JSON text.

    NaN and infinities become null, lone surrogates a ``?``, integers beyond 64 bits floats.

    Raises:
        ValueError: if it is no JSON, or has a number of thousands of digits.
        RecursionError: if it is nested too deeply.
    """
    text = source if isinstance(source, str) else source.decode(json.detect_encoding(source), "surrogatepass")
    value = json.loads(text, parse_constant=lambda _: None, parse_int=_integer)
    if _SURROGATE.search(text):
        value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    return value


def _integer(text: str) -> int | float:
    value = int(text)
    return value if len(text) < 19 or -(1 << 63) <= value < 1 << 64 else float(text)
