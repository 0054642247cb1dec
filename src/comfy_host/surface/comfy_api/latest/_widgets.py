"""Types whose values are typed in: numbers, text, choices, and what newer front ends draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from comfy_api.internal import prune_dict
from comfy_api.latest._declarations import ComfyTypeI, ComfyTypeIO, Leaf, Output, WidgetInput, comfytype
from comfy_api.latest._options import FolderType, NumberDisplay, RemoteOptions, UploadType


@comfytype(io_type="BOOLEAN")
class Boolean(ComfyTypeIO):
    """True or false."""

    Type = bool

    class Input(WidgetInput):
        """A switch."""

        def __init__(
            self,
            id: str,
            display_name: str | None = None,
            optional: bool = False,
            tooltip: str | None = None,
            lazy: bool | None = None,
            default: bool | None = None,
            label_on: str | None = None,
            label_off: str | None = None,
            **further: Any,
        ) -> None:
            super().__init__(id, display_name, optional, tooltip, lazy, default, **further)
            self.label_on, self.label_off = label_on, label_off

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            return super().as_dict() | prune_dict({"label_on": self.label_on, "label_off": self.label_off})


class _NumberInput(WidgetInput):
    """A number within limits."""

    def __init__(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        default: float | None = None,
        min: float | None = None,
        max: float | None = None,
        step: float | None = None,
        display_mode: NumberDisplay | str | None = None,
        gradient_stops: list[dict[str, Any]] | None = None,
        **further: Any,
    ) -> None:
        super().__init__(id, display_name, optional, tooltip, lazy, default, **further)
        self.min, self.max, self.step = min, max, step
        self.display_mode, self.gradient_stops = display_mode, gradient_stops

    def as_dict(self) -> dict[str, Any]:
        """See ``Input``."""
        limits = {"min": self.min, "max": self.max, "step": self.step}
        shown = {"display": word(self.display_mode), "gradient_stops": self.gradient_stops}
        return super().as_dict() | prune_dict(limits | shown)

    def validate(self) -> None:
        """See ``Input``."""
        super().validate()
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"The input {self.id!r} allows nothing: its min is {self.min} and its max {self.max}.")


@comfytype(io_type="INT")
class Int(ComfyTypeIO):
    """A whole number."""

    Type = int

    class Input(_NumberInput):
        """A whole number."""

        def __init__(self, *declared: Any, **further: Any) -> None:
            # The tenth positional parameter is this one for whole numbers, and the rounding for others.
            first, rest = declared[:9], declared[9:]
            further |= dict(zip(("control_after_generate", "display_mode"), rest, strict=False))
            self.control_after_generate = further.pop("control_after_generate", None)
            super().__init__(*first, **further)

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            return super().as_dict() | prune_dict({"control_after_generate": word(self.control_after_generate)})


@comfytype(io_type="FLOAT")
class Float(ComfyTypeIO):
    """A number."""

    Type = float

    class Input(_NumberInput):
        """A number."""

        def __init__(self, *declared: Any, **further: Any) -> None:
            first, rest = declared[:9], declared[9:]
            further |= dict(zip(("round", "display_mode"), rest, strict=False))
            self.round = further.pop("round", None)
            super().__init__(*first, **further)

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            return super().as_dict() | prune_dict({"round": self.round})


@comfytype(io_type="STRING")
class String(ComfyTypeIO):
    """A text."""

    Type = str

    class Input(WidgetInput):
        """A text of one line or several."""

        def __init__(
            self,
            id: str,
            display_name: str | None = None,
            optional: bool = False,
            tooltip: str | None = None,
            lazy: bool | None = None,
            multiline: bool = False,
            placeholder: str | None = None,
            default: str | None = None,
            dynamic_prompts: bool | None = None,
            **further: Any,
        ) -> None:
            super().__init__(id, display_name, optional, tooltip, lazy, default, **further)
            self.multiline, self.placeholder, self.dynamic_prompts = multiline, placeholder, dynamic_prompts

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            shown = {"placeholder": self.placeholder, "dynamicPrompts": self.dynamic_prompts}
            return super().as_dict() | {"multiline": self.multiline} | prune_dict(shown)


class _ChoiceInput(WidgetInput):
    """One of several values, or several of them."""

    multiselect = False

    def __init__(
        self,
        id: str,
        options: Iterable[Any] | type[Enum] | None = None,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        default: Any = None,
        control_after_generate: Any = None,
        remote: RemoteOptions | None = None,
        **further: Any,
    ) -> None:
        super().__init__(id, display_name, optional, tooltip, lazy, default, **further)
        self.options = [word(option) for option in options] if options is not None else []
        self.default = [word(item) for item in default] if isinstance(default, list) else word(default)
        self.control_after_generate, self.remote = control_after_generate, remote

    def as_dict(self) -> dict[str, Any]:
        """See ``Input``."""
        named = {
            "multiselect": self.multiselect,
            "options": self.options,
            "control_after_generate": word(self.control_after_generate),
            "remote": self.remote.as_dict() if isinstance(self.remote, RemoteOptions) else self.remote,
        }
        return super().as_dict() | prune_dict(named)

    def choices(self) -> tuple[str, ...] | None:
        """See ``Input``. A list that clients fetch or add files to is not fixed."""
        fixed = self.remote is None and all(isinstance(option, str) for option in self.options)
        return tuple(self.options) if fixed and self.options else None


@comfytype(io_type="COMBO")
class Combo(ComfyTypeIO):
    """One of several values."""

    Type = str

    class Input(_ChoiceInput):
        """A choice of one."""

        def __init__(
            self,
            id: str,
            options: Iterable[Any] | type[Enum] | None = None,
            display_name: str | None = None,
            optional: bool = False,
            tooltip: str | None = None,
            lazy: bool | None = None,
            default: Any = None,
            control_after_generate: Any = None,
            upload: UploadType | None = None,
            image_folder: FolderType | None = None,
            remote: RemoteOptions | None = None,
            **further: Any,
        ) -> None:
            super().__init__(
                id, options, display_name, optional, tooltip, lazy, default, control_after_generate, remote, **further
            )
            self.upload, self.image_folder = upload, image_folder

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            shown = {word(self.upload): True} if self.upload is not None else {}
            return super().as_dict() | shown | prune_dict({"image_folder": word(self.image_folder)})

        def choices(self) -> tuple[str, ...] | None:
            """See ``_ChoiceInput``."""
            return None if self.upload is not None else super().choices()

    class Output(Output):
        """A value of a choice; its list may be told."""

        def __init__(
            self,
            id: str | None = None,
            display_name: str | None = None,
            options: Iterable[Any] | None = None,
            tooltip: str | None = None,
            is_output_list: bool = False,
            **_: Any,
        ) -> None:
            super().__init__(id, display_name, tooltip, is_output_list)
            self.options = [word(option) for option in options or ()]


@comfytype(io_type="COMBO")
class MultiCombo(ComfyTypeI):
    """Several of several values."""

    Type = list[str]

    class Input(_ChoiceInput):
        """A choice of any number."""

        multiselect = True

        def __init__(
            self,
            id: str,
            options: Iterable[Any] | type[Enum],
            display_name: str | None = None,
            optional: bool = False,
            tooltip: str | None = None,
            lazy: bool | None = None,
            default: list[str] | None = None,
            placeholder: str | None = None,
            chip: bool | None = None,
            control_after_generate: Any = None,
            **further: Any,
        ) -> None:
            super().__init__(
                id, options, display_name, optional, tooltip, lazy, default, control_after_generate, **further
            )
            self.placeholder, self.chip = placeholder, chip

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``. The look is told inside and outside of ``multi_select``, as clients differ."""
            shown = prune_dict({"placeholder": self.placeholder, "chip": self.chip})
            return super().as_dict() | {"multi_select": shown or True} | shown

        def nested(self, key: str, values: Mapping[str, Any], leaf: Leaf) -> Any:
            """See ``Input``. A list in a prompt, which is wrapped there, comes as a list."""
            found = super().nested(key, values, leaf)
            return list(found) if isinstance(found, tuple) and isinstance(values[key], tuple) else found


def _drawn(io_type: str, kind: Any, doc: str) -> Any:
    """A type of widget that newer front ends draw."""

    class Drawn(ComfyTypeIO):
        Type = kind

        class Input(WidgetInput):
            """The widget."""

            def __init__(self, id: str, *declared: Any, default: Any = None, **further: Any) -> None:
                names = ("display_name", "optional", "tooltip", "lazy")
                super().__init__(
                    id, **dict(zip(names, declared, strict=False)), default=plain(default), **plain(further)
                )

    Drawn.__doc__ = doc
    return comfytype(io_type=io_type)(Drawn)


def word(value: Any) -> Any:
    """A member of an enumeration as its value, anything else as it is."""
    return value.value if isinstance(value, Enum) else value


def plain(value: Any) -> Any:
    """A value made of JSON's kinds: enumerations as values, objects as their dictionaries."""
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if hasattr(value, "as_dict"):
        return value.as_dict()
    return word(value)


Color = _drawn("COLOR", str, "A colour, ``#rrggbb``.")
Colors = _drawn("COLORS", list[str], "Several colours.")
BoundingBox = _drawn("BOUNDING_BOX", dict[str, int], "A rectangle: x, y, width, height in pixels.")
BoundingBoxes = _drawn("BOUNDING_BOXES", list[dict[str, int]], "Several rectangles.")
Curve = _drawn("CURVE", Any, "A function drawn through points.")
Range = _drawn("RANGE", Any, "Two ends of a range of numbers.")
ImageCompare = _drawn("IMAGECOMPARE", Any, "Two pictures, compared by a divider.")
