"""Small things that classes of node packs are made with; some packs import them too."""

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any


class classproperty:
    """A property of the class itself, computed from the class that it is read from."""

    def __init__(self, getter: Callable[[Any], Any]) -> None:
        self.getter = getter
        self.__doc__ = getter.__doc__

    def __get__(self, instance: Any, owner: type) -> Any:
        return self.getter(owner)


class _ComfyNodeInternal:
    """Root of all classes of nodes, for ``issubclass`` without knowing a version."""


class _NodeOutputInternal:
    """Root of all results of nodes, for ``isinstance`` without knowing a version."""


def is_class(entry: Any) -> bool:
    """Whether this is a class and no instance."""
    return isinstance(entry, type)


def prune_dict(entries: dict[str, Any]) -> dict[str, Any]:
    """The entries that are not None."""
    return {name: value for name, value in entries.items() if value is not None}


def first_real_override(cls: type, name: str, *, base: type | None = None) -> Callable[..., Any] | None:
    """The method as some class below ``base`` defines it, bound to ``cls``; None if nobody redefines it.

    Args:
        cls: Where to look, and in its bases.
        name: The method.
        base: The class whose own definition does not count; by default the root that declares the interface.
    """
    for holder in cls.__mro__:
        if holder is base or (base is None and holder.__dict__.get("IS_INTERFACE", False)):
            return None
        if name in holder.__dict__:
            return getattr(cls, name)
    return None


def shallow_clone_class(cls: type, new_name: str | None = None) -> type:
    """A subclass that differs in nothing but its identity: what is set on it does not reach the original."""
    return type(cls)(new_name or f"{cls.__name__}Clone", (cls,), _identity(cls))


def lock_class(cls: type, **attributes: Any) -> type:
    """A subclass with some attributes set, none of which can be changed afterwards.

    Cost: some 20 microseconds; one is made for every call of a node.
    """
    return _locking(type(cls))(cls.__name__, (cls,), {**_identity(cls), **attributes, "ORIGINAL_CLASS": cls})


def make_locked_method_func(type_obj: type, func: str, class_clone: type) -> Callable[..., Any]:
    """A method of ``type_obj`` that sees ``class_clone`` as its class."""
    method = getattr(type_obj, func).__func__
    if inspect.iscoroutinefunction(method):

        async def awaited(**inputs: Any) -> Any:
            return await method(class_clone, **inputs)

        return awaited

    def called(**inputs: Any) -> Any:
        return method(class_clone, **inputs)

    return called


def _identity(cls: type) -> dict[str, Any]:
    return {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}


@lru_cache(maxsize=64)
def _locking(kind: type) -> type:
    """A metaclass whose classes refuse to be changed."""

    def refuse(cls: type, name: str, *_: Any) -> None:
        raise AttributeError(
            f"{cls.__name__}.{name} cannot be changed while the node runs: its class is shared by all runs. "
            "Return what you computed, or keep it in a module of your own."
        )

    return type("LockedClass", (kind,), {"__setattr__": refuse, "__delattr__": refuse})
