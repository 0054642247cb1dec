"""What an option of ComfyUI's command line is, and the words its table is written in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Callable[[Any], Any]]
"""Names of settings, and how each follows from an option's value."""


@dataclass(frozen=True)
class ComfyFlag:
    """One option.

    Attributes:
        name: Without the dashes.
        argument: What argparse should know of its value; None: it takes none.
        settings: What it sets here; nothing: it is accepted and has no effect.
        because: Why it has none.
    """

    name: str
    argument: Mapping[str, Any] | None = None
    settings: Values = field(default_factory=dict)
    because: str = ""

    @property
    def key(self) -> str:
        """Where its value is kept among the parsed arguments."""
        return f"comfy_{self.name.replace('-', '_')}"


def flag(
    name: str, argument: Mapping[str, Any] | None = None, settings: Values | None = None, *, because: str = ""
) -> ComfyFlag:
    """An option."""
    return ComfyFlag(name, argument, settings or {}, because)


def text(alone: str | None = None) -> Mapping[str, Any]:
    """One value; ``alone`` is meant if the option stands without one."""
    return {"metavar": "VALUE"} if alone is None else {"metavar": "VALUE", "nargs": "?", "const": alone}


def number() -> Mapping[str, Any]:
    """One number."""
    return {"metavar": "N", "type": float}


def numbers() -> Mapping[str, Any]:
    """Any number of numbers."""
    return {"metavar": "N", "type": float, "nargs": "*"}


def listed() -> Mapping[str, Any]:
    """Any number of values; the option may be repeated."""
    return {"metavar": "VALUE", "nargs": "*", "action": "extend"}


def renamed(setting: str) -> Values:
    """The value is that of a setting."""
    return {setting: lambda value: value}


def derived(**settings: Callable[[Any], Any]) -> Values:
    """Settings that follow from the value."""
    return settings


def constant(**settings: Any) -> Values:
    """Settings that the option's presence decides."""
    return {name: (lambda _, decided=decided: decided) for name, decided in settings.items()}
