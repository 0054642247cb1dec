"""Finds the leaves: every marked object in the modules of a package, with no list to edit."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TypeVar

from limner.graph.errors import SettingsError

Found = TypeVar("Found")


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """Imports and yields the modules of a package, in the order of their names, folders included.

    Raises:
        SettingsError: if one cannot be imported; names the file's module and the reason.
    """
    for entry in sorted(pkgutil.iter_modules(package.__path__), key=lambda entry: entry.name):
        name = f"{package.__name__}.{entry.name}"
        try:
            yield importlib.import_module(name)
        except Exception as error:
            # Whatever a leaf raises while it is imported, people need to know which leaf it was.
            raise SettingsError(
                f"{name} cannot be imported ({type(error).__name__}: {error}). Mend or remove it."
            ) from error


def discover(package: ModuleType, kind: type[Found], name: Callable[[Found], str]) -> dict[str, Found]:
    """Collects the objects of a kind that the modules of a package define.

    Args:
        package: A package whose modules are leaves.
        kind: The class of the marked objects.
        name: Gives an object's name.

    Returns:
        Objects by name, in the order of modules and of definition.

    Raises:
        SettingsError: if two objects have one name.
    """
    found: dict[str, Found] = {}
    for module in modules(package):
        for value in vars(module).values():
            if not isinstance(value, kind):
                continue
            known = found.setdefault(name(value), value)
            if known is not value:
                raise SettingsError(f"{module.__name__} defines a second {kind.__name__} named {name(value)!r}.")
    return found
