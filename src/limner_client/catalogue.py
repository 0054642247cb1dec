"""Node types as a server lists them, and nodes made from them by name."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from limner_client.errors import ClientError
from limner_client.nodes import Node

SCALARS = {"INT": "int", "FLOAT": "float", "STRING": "str", "BOOLEAN": "bool"}


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """An input of a node type.

    Attributes:
        name: As in documents.
        type: ``INT``, ``FLOAT``, ``STRING``, ``BOOLEAN``, ``COMBO`` or a socket type.
        choices: Of a COMBO.
        required: False: may be left out.
        default: Of the widget; None if there is none.
        options: Everything else that is listed.
    """

    name: str
    type: str
    required: bool
    choices: tuple[Any, ...] | None = None
    default: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_widget(self) -> bool:
        """Whether a value may be given in place of a link."""
        return self.type in SCALARS or self.type == "COMBO"


@dataclass(frozen=True, kw_only=True)
class NodeSpec:
    """A node type."""

    name: str
    title: str
    doc: str
    category: str
    inputs: tuple[InputSpec, ...]
    outputs: tuple[tuple[str, str], ...]

    def __call__(self, *, title: str | None = None, node_id: str | None = None, **inputs: Any) -> Node:
        """A node of this type; inputs that are left out get their defaults.

        Raises:
            ClientError: for an input that the type does not have, or a required one that is missing.
        """
        known = {entry.argument: entry for entry in map(_Argument, self.inputs)}
        unknown = [name for name in inputs if name not in known]
        if unknown:
            near = get_close_matches(unknown[0], known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(known)}."
            raise ClientError(f"{self.name} has no input {unknown[0]!r}.{hint}")
        given: dict[str, Any] = {}
        for argument, entry in known.items():
            value = inputs.get(argument, entry.spec.default)
            if value is None and entry.spec.required and argument not in inputs:
                if entry.spec.choices:
                    value = entry.spec.choices[0]
                else:
                    raise ClientError(f"{self.name} needs {argument!r} ({entry.spec.type}).")
            given[entry.spec.name] = value
        return Node(self.name, given, self.outputs, title=title, node_id=node_id)


class _Argument:
    """An input with the name that a Python call can use."""

    def __init__(self, spec: InputSpec) -> None:
        self.spec, self.argument = spec, identifier(spec.name)


class Nodes:
    """Node types of a server by name: ``nodes.KSampler(model=..., seed=7)`` or ``nodes["Epsilon Scaling"](...)``."""

    def __init__(self, specs: Mapping[str, NodeSpec]) -> None:
        self._specs = dict(specs)
        self._names = {identifier(name): name for name in specs}

    @classmethod
    def from_object_info(cls, object_info: Mapping[str, Any]) -> Nodes:
        """From the answer of ``/object_info``."""
        return cls({name: read_spec(name, entry) for name, entry in object_info.items()})

    def __getattr__(self, name: str) -> Callable[..., Node]:
        try:
            return self._specs[self._names[name]]
        except KeyError:
            near = ", ".join(get_close_matches(name, self._names, 3)) or "nothing like it"
            raise AttributeError(f"The server has no node type {name!r}; it has {near}.") from None

    def __getitem__(self, name: str) -> NodeSpec:
        return self._specs[name]

    def __iter__(self) -> Iterator[NodeSpec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def __dir__(self) -> list[str]:
        return sorted(self._names)


def identifier(name: str) -> str:
    """A name as Python can write it."""
    written = re.sub(r"\W", "_", name)
    if not written or written[0].isdigit():
        written = f"_{written}"
    return f"{written}_" if keyword.iskeyword(written) else written


def read_spec(name: str, entry: Mapping[str, Any]) -> NodeSpec:
    """One entry of ``/object_info``, in its older or newer form."""
    listed = entry.get("input") or {}
    inputs = [
        _input(key, declared, required=kind == "required")
        for kind in ("required", "optional")
        for key, declared in (listed.get(kind) or {}).items()
    ]
    types, labels = entry.get("output") or [], entry.get("output_name") or []
    outputs = tuple(
        (str(labels[index]) if index < len(labels) and labels[index] else _type(kind), _type(kind))
        for index, kind in enumerate(types)
    )
    return NodeSpec(
        name=name,
        title=entry.get("display_name") or name,
        doc=entry.get("description") or "",
        category=entry.get("category") or "",
        inputs=tuple(inputs),
        outputs=outputs,
    )


def _type(kind: Any) -> str:
    return kind if isinstance(kind, str) else "COMBO"


def _input(name: str, declared: Any, *, required: bool) -> InputSpec:
    parts: list[Any] = list(declared) if isinstance(declared, list | tuple) and declared else ["*"]
    options = dict(parts[1]) if len(parts) > 1 and isinstance(parts[1], Mapping) else {}
    kind = parts[0]
    choices = kind if isinstance(kind, list) else options.get("options") if kind == "COMBO" else None
    return InputSpec(
        name=name,
        type=_type(kind),
        required=required,
        choices=tuple(choices) if isinstance(choices, list) else None,
        default=options.get("default"),
        options=options,
    )
