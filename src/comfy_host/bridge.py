"""Values at the border between Limner's nodes and a pack's: each side sees its own kind of model.

Limner's MODEL, CLIP, VAE, SAMPLER, GUIDER ... values are its own immutable objects. Packs expect objects with the
attributes of ``comfy.model_patcher.ModelPatcher`` and its like. A facade class registers itself for the class that it
stands for; values are wrapped before a pack's function is called and unwrapped after it returned. Everything that has
no facade passes as it is (tensors, dicts, a pack's own objects).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Facade(Protocol):
    """An object of the host modules that stands for one of Limner's."""

    def to_native(self) -> Any:
        """Limner's object, with everything that was set on the facade."""
        ...


class Bridge:
    """Knows the facade for each of Limner's classes."""

    def __init__(self) -> None:
        self._facades: list[tuple[type, Callable[[Any], Any]]] = []

    def register(self, kind: type, wrap: Callable[[Any], Any]) -> None:
        """Values of ``kind`` (or of a subclass) are handed to packs as ``wrap(value)``; the last registered wins."""
        self._facades.insert(0, (kind, wrap))

    def to_host(self, value: Any) -> Any:
        """A value as packs expect it. Lists and tuples are looked into one level deep."""
        if type(value) in (list, tuple):
            return type(value)(self._wrapped(item) for item in value)
        return self._wrapped(value)

    def to_native(self, value: Any) -> Any:
        """A value as Limner's nodes expect it. Lists and tuples are looked into one level deep."""
        if type(value) in (list, tuple):
            return type(value)(item.to_native() if isinstance(item, Facade) else item for item in value)
        return value.to_native() if isinstance(value, Facade) else value

    def _wrapped(self, value: Any) -> Any:
        return next((wrap(value) for kind, wrap in self._facades if isinstance(value, kind)), value)
