"""Inputs that stand for several keys of a prompt: ``<id>.<name>`` in the prompt, one nested value for the node.

What clients do with them is theirs; here they list all keys that may belong to them, each with the loosest declaration
that is right whatever the others hold, and say in sentences what is wrong with the keys that a prompt has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from comfy_api.internal import prune_dict
from comfy_api.latest._declarations import (
    ABSENT,
    ComfyTypeI,
    DeclaredInput,
    Input,
    Leaf,
    comfytype,
)


def input_dict(inputs: Iterable[Input]) -> dict[str, dict[str, Any]]:
    """Inputs as clients get them: ``{"required": {id: (type, options)}, "optional": {...}}``."""
    listed: dict[str, dict[str, Any]] = {"required": {}}
    for entry in inputs:
        category = "optional" if entry.optional else "required"
        listed.setdefault(category, {})[entry.id] = (entry.get_io_type(), entry.as_dict())
    return listed


class DynamicInput(Input):
    """An input that stands for several keys."""

    inner: Sequence[Input] = ()

    def get_all(self) -> list[Input]:
        """See ``Input``."""
        return [self, *(found for entry in self.inner for found in entry.get_all())]

    def validate(self) -> None:
        """See ``Input``."""
        super().validate()
        for entry in self.inner:
            entry.validate()

    def head(self, key: str, required: bool = False, choices: tuple[str, ...] | None = None) -> DeclaredInput:
        """The declaration of the input itself, which says to readers of saved workflows what the other keys are."""
        return DeclaredInput(name=key, type=self.io_type, required=required, choices=choices, options=self.as_dict())


class _Template:
    """What an Autogrow repeats: an input, and the names of its copies."""

    def __init__(self, input: Input, minimum: int) -> None:
        self.input, self.min = input, minimum
        self.names: list[str] = []

    def as_dict(self) -> dict[str, Any]:
        """What clients get."""
        return {"input": input_dict([self.input])}


@comfytype(io_type="COMFY_AUTOGROW_V3")
class Autogrow(ComfyTypeI):
    """An input that is repeated as often as needed."""

    Type = dict[str, Any]
    _MaxNames = 100

    class TemplatePrefix(_Template):
        """Copies that are numbered from 0: ``image0``, ``image1`` ..."""

        def __init__(self, input: Input, prefix: str, min: int = 1, max: int = 10) -> None:
            super().__init__(input, min)
            if not 0 <= min <= max <= Autogrow._MaxNames or max < 1:
                raise ValueError(f"{prefix!r} grows from {min} to {max}; expected 0 <= min <= max, 1 <= max <= 100.")
            self.prefix, self.max = prefix, max
            self.names = [f"{prefix}{number}" for number in range(max)]

        def as_dict(self) -> dict[str, Any]:
            """See ``_Template``."""
            return super().as_dict() | {"prefix": self.prefix, "min": self.min, "max": self.max}

    class TemplateNames(_Template):
        """Copies with names of their own."""

        def __init__(self, input: Input, names: list[str], min: int = 1) -> None:
            super().__init__(input, min)
            self.names = list(dict.fromkeys(names))[: Autogrow._MaxNames]
            if not self.names or not 0 <= min <= len(self.names):
                raise ValueError(f"There are {len(self.names)} names to grow by, but at least {min} are asked for.")

        def as_dict(self) -> dict[str, Any]:
            """See ``_Template``."""
            return super().as_dict() | {"names": self.names, "min": self.min}

    class Input(DynamicInput):
        """Received as a dictionary by name, in the order of the names."""

        def __init__(self, id: str, template: Any, display_name: str | None = None, **further: Any) -> None:
            super().__init__(id, display_name, **further)
            self.template = template
            self.inner = [template.input]

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            return super().as_dict() | {"template": self.template.as_dict()}

        def declared(self, key: str, optional: bool = False) -> Iterator[DeclaredInput]:
            """See ``Input``."""
            yield self.head(key)
            for number, name in enumerate(self.template.names):
                spare = optional or self.optional or number >= self.template.min
                yield from self.template.input.declared(f"{key}.{name}", spare)

        def nested(self, key: str, values: Mapping[str, Any], leaf: Leaf) -> Any:
            """See ``Input``."""
            found = {name: self.template.input.nested(f"{key}.{name}", values, leaf) for name in self.template.names}
            return {name: value for name, value in found.items() if value is not ABSENT}

        def problems(self, key: str, values: Mapping[str, Any]) -> Iterator[str]:
            """See ``Input``."""
            for name in self.template.names:
                yield from self.template.input.problems(f"{key}.{name}", values)
            known = set(self.template.names)
            for other in values:
                if other.startswith(f"{key}.") and other[len(key) + 1 :].split(".")[0] not in known:
                    yield f"{other} is not one of the {len(known)} inputs that {key} can have"


@comfytype(io_type="COMFY_DYNAMICCOMBO_V3")
class DynamicCombo(ComfyTypeI):
    """A choice that brings further inputs."""

    Type = dict[str, Any]

    class Option:
        """One value of the choice and the inputs that come with it."""

        def __init__(self, key: str, inputs: list[Input]) -> None:
            self.key, self.inputs = key, list(inputs)

        def as_dict(self) -> dict[str, Any]:
            """What clients get."""
            return {"key": self.key, "inputs": input_dict(self.inputs)}

    class Input(DynamicInput):
        """Received as a dictionary: the choice under the id, and the inputs of that choice by theirs."""

        def __init__(self, id: str, options: list[Any], display_name: str | None = None, **further: Any) -> None:
            super().__init__(id, display_name, **further)
            self.options = {option.key: option for option in options}
            self.inner = [entry for option in options for entry in option.inputs]

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            return super().as_dict() | {"options": [option.as_dict() for option in self.options.values()]}

        def validate(self) -> None:
            """See ``Input``."""
            super().validate()
            if not self.options:
                raise ValueError(f"The input {self.id!r} is a choice of nothing: give it options.")
            for option in self.options.values():
                refuse_repeated([entry.id for entry in option.inputs], f"the option {option.key!r} of {self.id!r}")

        def declared(self, key: str, optional: bool = False) -> Iterator[DeclaredInput]:
            """See ``Input``."""
            yield self.head(key, not (optional or self.optional), tuple(self.options))
            inner: dict[str, list[DeclaredInput]] = {}
            for entry in self.inner:
                for found in entry.declared(f"{key}.{entry.id}", True):
                    inner.setdefault(found.name, []).append(found)
            yield from map(_loosest, inner.values())

        def nested(self, key: str, values: Mapping[str, Any], leaf: Leaf) -> Any:
            """See ``Input``."""
            if key not in values:
                return ABSENT
            chosen = self._chosen(values[key])
            return {self.id: values[key], **_nested(chosen, key, values, leaf)}

        def problems(self, key: str, values: Mapping[str, Any]) -> Iterator[str]:
            """See ``Input``."""
            if values.get(key) is None:
                return
            if _single(values[key]) not in self.options:
                yield f"{key}: {_single(values[key])!r} is not one of {', '.join(map(str, self.options))}"
            yield from _lacking(self._chosen(values[key]), key, values)

        def _chosen(self, value: Any) -> Sequence[Input]:
            """The inputs that come with a choice."""
            option = self.options.get(_single(value))
            return option.inputs if option is not None else ()


@comfytype(io_type="COMFY_DYNAMICSLOT_V3")
class DynamicSlot(ComfyTypeI):
    """A socket that brings further inputs once it is linked."""

    Type = dict[str, Any]

    class Input(DynamicInput):
        """Received as a dictionary: the slot's value under the id, and the further inputs by theirs."""

        def __init__(self, slot: Input, inputs: list[Input], display_name: str | None = None, **further: Any) -> None:
            further.setdefault("optional", slot.optional)
            further.setdefault("lazy", slot.lazy)
            super().__init__(slot.id, display_name or slot.display_name, **further)
            self.slot, self.inner = slot, list(inputs)

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            shown = {"slotType": self.slot.get_io_type(), "inputs": input_dict(self.inner), "forceInput": True}
            return super().as_dict() | shown

        def declared(self, key: str, optional: bool = False) -> Iterator[DeclaredInput]:
            """See ``Input``."""
            yield from self.slot.declared(key, optional or self.optional)
            for entry in self.inner:
                yield from entry.declared(f"{key}.{entry.id}", True)

        def nested(self, key: str, values: Mapping[str, Any], leaf: Leaf) -> Any:
            """See ``Input``."""
            value = self.slot.nested(key, values, leaf)
            return ABSENT if value is ABSENT else {self.slot.id: value, **_nested(self.inner, key, values, leaf)}

        def problems(self, key: str, values: Mapping[str, Any]) -> Iterator[str]:
            """See ``Input``."""
            if key in values:
                yield from _lacking(self.inner, key, values)


@comfytype(io_type="COMFY_DYNAMICGROUP_V3")
class DynamicGroup(ComfyTypeI):
    """Rows that all have the same fields."""

    Type = list[dict[str, Any]]

    class Input(DynamicInput):
        """Received as a list of dictionaries; a row or field that a prompt leaves out is None."""

        def __init__(
            self,
            id: str,
            template: list[Input],
            display_name: str | None = None,
            min: int = 0,
            max: int = 20,
            group_name: str | None = None,
            **further: Any,
        ) -> None:
            super().__init__(id, display_name, **further)
            self.inner, self.min, self.max, self.group_name = list(template), min, max, group_name

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            shown = {"template": input_dict(self.inner), "min": self.min, "max": self.max}
            return super().as_dict() | shown | prune_dict({"group_name": self.group_name})

        def validate(self) -> None:
            """See ``Input``."""
            super().validate()
            refuse_repeated([entry.id for entry in self.inner], f"the group {self.id!r}")
            if not self.inner or not 0 <= self.min <= self.max <= Autogrow._MaxNames:
                raise ValueError(f"The group {self.id!r} needs fields, and limits 0 <= min <= max <= 100.")

        def declared(self, key: str, optional: bool = False) -> Iterator[DeclaredInput]:
            """See ``Input``."""
            yield self.head(key)
            for row in range(self.max):
                for entry in self.inner:
                    yield from entry.declared(f"{key}.{row}.{entry.id}", optional or row >= self.min)

        def nested(self, key: str, values: Mapping[str, Any], leaf: Leaf) -> Any:
            """See ``Input``."""
            last = max(self._rows(key, values), default=-1)
            empty = {entry.id: None for entry in self.inner}
            return [empty | _nested(self.inner, f"{key}.{row}", values, leaf) for row in range(last + 1)]

        def problems(self, key: str, values: Mapping[str, Any]) -> Iterator[str]:
            """See ``Input``."""
            rows = self._rows(key, values)
            for row in rows:
                if row >= self.max:
                    yield f"{key}.{row} is one row too many: {key} has at most {self.max}, counted from 0"
                yield from _lacking(self.inner, f"{key}.{row}", values)
            if len(rows) < self.min:
                yield f"{key} needs at least {self.min} rows; it has {len(rows)}"

        def _rows(self, key: str, values: Mapping[str, Any]) -> list[int]:
            """The numbers of the rows that a prompt has something for."""
            written = {other[len(key) + 1 :].split(".")[0] for other in values if other.startswith(f"{key}.")}
            return sorted(int(row) for row in written if row.isascii() and row.isdigit() and len(row) < 4)


def refuse_repeated(ids: Sequence[str], where: str) -> None:
    """Raises ValueError if an id occurs twice."""
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise ValueError(f"Every id may be used once in {where}; used more often: {', '.join(repeated)}.")


def _nested(inputs: Sequence[Input], key: str, values: Mapping[str, Any], leaf: Leaf) -> dict[str, Any]:
    found = {entry.id: entry.nested(f"{key}.{entry.id}", values, leaf) for entry in inputs}
    return {name: value for name, value in found.items() if value is not ABSENT}


def _lacking(inputs: Sequence[Input], key: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Required keys that a prompt does not have, and what is wrong with the others."""
    for entry in inputs:
        path = f"{key}.{entry.id}"
        for one in entry.declared(path):
            if one.name in values:
                yield from _outside(one, values[one.name])
            elif one.required:
                yield f"Required input is missing: {one.name}"
        yield from entry.problems(path, values)


def _outside(declared: DeclaredInput, value: Any) -> Iterator[str]:
    """What is wrong with a constant, where several options have the key and the usual check takes the values of all."""
    dynamic = declared.type.startswith("COMFY_")  # says itself what is wrong with its choice
    if declared.choices is not None and not dynamic and isinstance(value, str) and value not in declared.choices:
        yield f"{declared.name}: {value!r} is not one of {', '.join(map(str, declared.choices[:20]))}"
    if isinstance(value, int | float):
        lowest, highest = declared.options.get("min"), declared.options.get("max")
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            yield f"{declared.name}: {value} is outside of {lowest} to {highest}"


def _single(value: Any) -> Any:
    """A value, or the only item of the list that a node receives which takes lists."""
    return value[0] if isinstance(value, list) and value else value


def _loosest(found: list[DeclaredInput]) -> DeclaredInput:
    """One declaration of a key that several options have, each with its own."""
    first = found[0]
    if all(other == first for other in found):
        return first
    types = dict.fromkeys(other.type for other in found)
    lazy = any(other.lazy for other in found)
    return DeclaredInput(name=first.name, type=",".join(types), required=False, lazy=lazy)
