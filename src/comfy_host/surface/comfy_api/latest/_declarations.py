"""Inputs and outputs as packs declare them, and types as namespaces of the two.

An Input knows three things: how clients see it (``as_dict``), which keys of a prompt belong to it (``declared``), and
what the node receives for those keys (``nested``). Dynamic inputs differ in all three; see ``_dynamic``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from comfy_api.internal import prune_dict
from limner.graph.node_type import Input as DeclaredInput

ABSENT = object()
"""Stands for an input that a prompt does not have."""

Leaf = Callable[[str, Any], Any]
"""From the key of a prompt and its value to what the node receives."""


class _IO_V3:
    """Root of inputs and outputs."""

    Parent: Any = None

    @property
    def io_type(self) -> str:
        """The type's name, as clients see it."""
        return self.Parent.io_type

    def get_io_type(self) -> str:
        """Same as ``io_type``."""
        return self.io_type

    @property
    def fitting(self) -> str:
        """The type's name for the check of links: a union with commas, ``*`` for anything."""
        return self.get_io_type()

    def validate(self) -> None:
        """Raises ValueError if the declaration makes no sense."""

    def __repr__(self) -> str:
        return f"{self.io_type}.{type(self).__name__}({getattr(self, 'id', None)!r})"


class Input(_IO_V3):
    """One input. Only ``id`` is needed."""

    def __init__(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        extra_dict: dict[str, Any] | None = None,
        raw_link: bool | None = None,
        advanced: bool | None = None,
        **further: Any,
    ) -> None:
        self.id, self.display_name, self.optional = id, display_name, optional
        self.tooltip, self.lazy, self.raw_link, self.advanced = tooltip, lazy, raw_link, advanced
        self.extra_dict = {**further, **(extra_dict or {})}

    def as_dict(self) -> dict[str, Any]:
        """The options that clients get."""
        named = {
            "display_name": self.display_name,
            "tooltip": self.tooltip,
            "lazy": self.lazy,
            "rawLink": self.raw_link,
            "advanced": self.advanced,
        }
        return prune_dict(named) | prune_dict(self.extra_dict)

    def get_all(self) -> list[Input]:
        """This input and those inside of it."""
        return [self]

    def validate(self) -> None:
        """See ``_IO_V3``."""
        if not isinstance(self.id, str) or not self.id:
            raise ValueError(f"An input of type {self.io_type} needs an id that is a text; it has {self.id!r}.")

    def choices(self) -> tuple[str, ...] | None:
        """The allowed values, if they are fixed."""
        return None

    def declared(self, key: str, optional: bool = False) -> Iterator[DeclaredInput]:
        """The keys of a prompt that belong to this input, ``key`` being its own."""
        yield DeclaredInput(
            name=key,
            type=self.fitting,
            required=not (optional or self.optional),
            options=self.as_dict(),
            choices=self.choices(),
            lazy=bool(self.lazy),
        )

    def nested(self, key: str, values: Mapping[str, Any], leaf: Leaf) -> Any:
        """What the node receives for the keys of a prompt, or ABSENT."""
        return leaf(key, values[key]) if key in values else ABSENT

    def problems(self, key: str, values: Mapping[str, Any]) -> Iterator[str]:
        """What a prompt's keys lack that ``declared`` alone cannot tell, as sentences."""
        yield from ()


class WidgetInput(Input):
    """An input whose value can be typed in."""

    def __init__(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        default: Any = None,
        socketless: bool | None = None,
        widget_type: str | None = None,
        force_input: bool | None = None,
        extra_dict: dict[str, Any] | None = None,
        raw_link: bool | None = None,
        advanced: bool | None = None,
        **further: Any,
    ) -> None:
        super().__init__(id, display_name, optional, tooltip, lazy, extra_dict, raw_link, advanced, **further)
        self.default, self.socketless = default, socketless
        self.widget_type, self.force_input = widget_type, force_input

    def as_dict(self) -> dict[str, Any]:
        """See ``Input``."""
        named = {
            "default": self.default,
            "socketless": self.socketless,
            "widgetType": self.widget_type,
            "forceInput": self.force_input,
        }
        return super().as_dict() | prune_dict(named)

    def get_io_type(self) -> str:
        """The type of the socket."""
        return self.io_type


class Output(_IO_V3):
    """One output; everything is optional."""

    def __init__(
        self,
        id: str | None = None,
        display_name: str | None = None,
        tooltip: str | None = None,
        is_output_list: bool = False,
        **_: Any,
    ) -> None:
        self.id, self.display_name, self.tooltip = id, display_name, tooltip
        self.is_output_list = is_output_list

    @property
    def label(self) -> str:
        """What clients show at it."""
        return self.display_name or self.id or self.get_io_type()

    def as_dict(self) -> dict[str, Any]:
        """What clients of newer forms get."""
        display_name = self.display_name or self.id
        return prune_dict(
            {"display_name": display_name, "tooltip": self.tooltip, "is_output_list": self.is_output_list}
        )


class ComfyTypeI:
    """A type that has inputs only."""

    io_type: str = ""
    Type: Any = Any

    class Input(Input):
        """An input of this type."""


class ComfyTypeIO(ComfyTypeI):
    """A type that has inputs and outputs."""

    class Output(Output):
        """An output of this type."""


_ComfyType = ComfyTypeI
"""The name that annotations in packs use."""


def comfytype(io_type: str, **_: Any) -> Callable[[type], type]:
    """Makes a class a type: its ``Input`` and ``Output`` know it, whether they are its own or inherited."""

    def mark(cls: Any) -> Any:
        cls.io_type = io_type
        if not hasattr(cls, "Type"):
            cls.Type = Any
        for role, root in (("Input", Input), ("Output", Output)):
            own = cls.__dict__.get(role)
            if own is None and not hasattr(cls, role):
                continue
            inherited = own or getattr(cls, role, root)
            name = {"__module__": cls.__module__, "__qualname__": f"{cls.__qualname__}.{role}", "Parent": cls}
            setattr(cls, role, type(role, (inherited,), {**name, "__doc__": inherited.__doc__}))
        return cls

    return mark


def Custom(io_type: str) -> Any:
    """A type of a pack's own."""

    @comfytype(io_type=io_type)
    class CustomComfyType(ComfyTypeIO):
        """A type of a pack's own."""

    return CustomComfyType


@comfytype(io_type="*")
class AnyType(ComfyTypeIO):
    """Any type."""


@comfytype(io_type="COMFY_MULTITYPED_V3")
class MultiType:
    """An input that takes several types."""

    Type = Any

    class Input(Input):
        """An input of one of several types; shown as a widget if its id is the declaration of one."""

        def __init__(self, id: Any, types: list[Any], display_name: str | None = None, **further: Any) -> None:
            self.widget = copy.copy(id) if isinstance(id, Input) else None
            self._types = list(types)
            if self.widget is not None:
                further.setdefault("optional", self.widget.optional)
                further.setdefault("lazy", self.widget.lazy)
                display_name = display_name or self.widget.display_name
            super().__init__(id.id if isinstance(id, Input) else id, display_name, **further)

        @property
        def io_types(self) -> list[Any]:
            """The types, without repetitions; that of the widget first."""
            first = [] if self.widget is None else [self.widget.Parent]
            return list({kind.io_type: kind for kind in (*first, *self._types)}.values())

        @property
        def io_type(self) -> str:
            """All types, with commas."""
            return ",".join(kind.io_type for kind in self.io_types)

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            own = super().as_dict()
            if self.widget is None:
                return own
            return self.widget.as_dict() | own | {"widgetType": self.widget.get_io_type()}

        def validate(self) -> None:
            """See ``Input``."""
            super().validate()
            if not self.io_types:
                raise ValueError(f"The input {self.id!r} takes several types, but none is named.")
