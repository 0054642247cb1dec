"""Fingerprints: equal nodes have equal ones, wherever they stand and whatever they are called.

A fingerprint covers the node type's name and version, every input (a link counts as its source's fingerprint and the
output's number), what the node's own function contributes (a file's hash), and the node's id only where equal inputs
do not mean equal results. Each is hashed once from its sources' fingerprints, so the cost is linear in the graph.
"""

import struct
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from limner.graph.graph import Link
from limner.graph.node_type import NodeType

Key = bytes
"""A fingerprint."""

SIZE = 16
"""Bytes of a fingerprint: two of 10^12 results are equal by chance with a probability of 10^-15."""


class UnequalError(ValueError):
    """A value that equals nothing, not even itself: NaN, or an object that has no canonical text."""


def canonical(value: Any) -> bytes:
    """Bytes that are equal exactly when two constants are: type, length and content, depth first.

    Lists and tuples are the same; 1, 1.0 and True are three values; the order of a mapping does not matter.

    Raises:
        UnequalError: for NaN and for anything that is not a JSON value or bytes.
    """
    parts: list[bytes] = []
    # An explicit stack: documents nest as deep as their author wants.
    stack: list[Any] = [value]
    while stack:
        entry = stack.pop()
        plain = _plain(entry)
        if plain is not None:
            parts.append(plain)
        elif isinstance(entry, list | tuple):
            parts.append(b"[%d;" % len(entry))
            stack.extend(reversed(entry))
        elif isinstance(entry, Mapping):
            parts.append(b"{%d;" % len(entry))
            for key in sorted(map(_key, entry), reverse=True):
                stack += (entry[key], key)
        else:
            raise UnequalError(f"{type(entry).__name__} objects have no canonical text")
    return b"".join(parts)


def _plain(value: Any) -> bytes | None:
    """A constant without parts, or None if it has some."""
    kind = type(value)
    if kind is str:
        text = value.encode("utf-8", "surrogatepass")
        return b"s%d;" % len(text) + text
    if kind is bool:
        return b"t" if value else b"f"
    if kind is int:
        # Hexadecimal: linear in the number of digits, and without Python's limit on decimal text.
        return b"i%x;" % value
    if kind is float:
        if value != value:  # the definition of NaN
            raise UnequalError("NaN equals nothing")
        return b"d" + struct.pack("<d", value)
    if value is None:
        return b"n"
    if kind is bytes:
        return b"b%d;" % len(value) + value
    return _derived(value)


def _derived(value: Any) -> bytes | None:
    """A constant of a class derived from a plain one (a text of a node pack, a number of an array library)."""
    for plain in (str, int, float):
        if isinstance(value, plain):
            return _plain(plain(value))
    return None


def _key(key: Any) -> str:
    if type(key) is not str:
        raise UnequalError("a mapping with keys that are no text has no canonical text")
    return key


def fingerprint(
    node_type: NodeType, inputs: Iterable[tuple[str, Any]], keys: Mapping[str, Key], extra: bytes = b""
) -> Key:
    """The fingerprint of one use of a node type.

    Args:
        node_type: The type.
        inputs: Pairs of name and constant or Link.
        keys: The fingerprints of all sources, by node id.
        extra: Whatever else makes a difference.

    Raises:
        UnequalError: if a constant equals nothing.
    """
    parts = [_text(node_type.name), b"%d;" % node_type.version, _text(extra)]
    for name, value in sorted(inputs, key=_first):
        parts.append(_text(name))
        if type(value) is Link:
            parts += (b"L", keys[value.source], b"%d;" % value.output)
        else:
            parts.append(canonical(value))
    return blake2b(b"".join(parts), digest_size=SIZE).digest()


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _text(text: str | bytes) -> bytes:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return b"%d;" % len(data) + data
