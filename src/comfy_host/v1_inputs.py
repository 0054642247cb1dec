"""What a V1 class declares, read with the leniency that packs rely on.

A class may give lists for tuples, a bare type for a tuple of one, a string subclass that equals every type, numbers in
a list of choices, and dictionaries that hold whatever is asked for ("flexible" inputs).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limner.graph.node_type import ANY, Input, Output

PROBE = "A TYPE THAT NOBODY DECLARES"
LARGEST = 2**63 - 1


def plain_text(text: Any) -> str:
    """A text without the behaviour that a subclass of str may have added."""
    return str.__str__(text) if isinstance(text, str) else str(text)


def type_name(kind: Any) -> str:
    """The socket type of a declared type: ``COMBO`` for a list of choices, ``*`` for a text that equals every type."""
    if isinstance(kind, list | tuple | set | dict):
        return "COMBO"
    if isinstance(kind, str) and type(kind) is not str and not kind != PROBE:  # noqa: SIM202 - it overrides !=
        return ANY
    return plain_text(kind)


@dataclass(frozen=True)
class DeclaredInputs:
    """What ``INPUT_TYPES`` gave.

    Attributes:
        written: As it came, by category.
    """

    written: Mapping[str, Any]

    @classmethod
    def read(cls, kind: Any) -> DeclaredInputs:
        """Asks a class.

        Raises:
            TypeError: if it gives no mapping.
            Exception: whatever the class raises.
        """
        written = kind.INPUT_TYPES()
        if not isinstance(written, Mapping):
            raise TypeError(f"{kind.__name__}.INPUT_TYPES gave a {type(written).__name__}; expected a dict.")
        return cls(written)

    @property
    def is_flexible(self) -> bool:
        """Whether some category holds more than it lists: a subclass of dict that answers ``in`` itself."""
        return any(type(self._of(category)).__contains__ is not dict.__contains__ for category in self.written)

    def _of(self, category: str) -> Any:
        return self.written.get(category, {})

    def accepted(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Those inputs that some category holds; what is linked or hidden is held anyway (it is no constant)."""
        constant = (str, int, float, bool, list, tuple, dict, type(None))
        return {
            name: value
            for name, value in inputs.items()
            if not isinstance(value, constant) or any(name in self._of(category) for category in self.written)
        }

    def inputs(self) -> tuple[Input, ...]:
        """Required and optional inputs, in the order of declaration."""
        return tuple(
            _input(plain_text(name), entry, category == "required")
            for category in ("required", "optional")
            for name, entry in self._of(category).items()
        )

    def hidden(self) -> dict[str, str]:
        """Hidden inputs and their kinds."""
        return {plain_text(name): type_name(_parted(entry)[0]) for name, entry in self._of("hidden").items()}


def _parted(entry: Any) -> tuple[Any, Mapping[str, Any]]:
    """Type and options of a declaration."""
    if not isinstance(entry, tuple | list) or len(entry) == 0:
        return entry, {}
    parts = list(entry)
    return parts[0], parts[1] if len(parts) > 1 and isinstance(parts[1], Mapping) else {}


def _input(name: str, entry: Any, required: bool) -> Input:
    kind, options = _parted(entry)
    listed = options.get("options") if isinstance(kind, str) and kind == "COMBO" else kind
    choices = _choices(listed) if isinstance(listed, list | tuple | set | dict) else None
    return Input(
        name=name,
        type=type_name(kind),
        required=required,
        options=as_data(options),
        choices=choices,
        lazy=bool(options.get("lazy", False)),
    )


def _choices(listed: Any) -> tuple[Any, ...]:
    return tuple(item if isinstance(item, bool | int | float) else plain_text(item) for item in listed)


def as_data(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as JSON values that cross a process border: numbers within 64 bits, anything else as text."""
    return _bounded(json.loads(json.dumps({plain_text(key): value for key, value in options.items()}, default=str)))


def _bounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_bounded(item) for item in value]
    if isinstance(value, int) and not -LARGEST - 1 <= value <= 2 * LARGEST + 1:
        return float(value)
    return value


def declared_outputs(kind: Any) -> tuple[Output, ...]:
    """What ``RETURN_TYPES``, ``RETURN_NAMES`` and ``OUTPUT_IS_LIST`` say."""
    types = kind.RETURN_TYPES
    if isinstance(types, str):  # a comma was forgotten
        types = (types,)
    names = getattr(kind, "RETURN_NAMES", None) or types
    names = (names,) if isinstance(names, str) else names
    lists = getattr(kind, "OUTPUT_IS_LIST", ())
    lists = (lists,) * len(types) if isinstance(lists, bool) else lists
    return tuple(
        Output(
            name=_label(names[index]) if index < len(names) else type_name(declared),
            type=type_name(declared),
            is_list=bool(lists[index]) if index < len(lists) else False,
        )
        for index, declared in enumerate(types)
    )


def _label(name: Any) -> str:
    return plain_text(name) if isinstance(name, str) else type_name(name)
