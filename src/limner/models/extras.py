"""Packages that Limner runs without, and what to install where one is asked for."""

import importlib
from types import ModuleType

from limner.graph.errors import SettingsError


def extra_module(module: str, extra: str, purpose: str) -> ModuleType:
    """A module of an optional package.

    Args:
        module: Its name.
        extra: The extra of Limner that installs it.
        purpose: What it is needed for, as the beginning of a sentence.

    Raises:
        SettingsError: if it is not installed; says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SettingsError(
            f"{purpose} needs the package {module.split('.')[0]}, which cannot be imported here ({error}). Install it: "
            f"pip install 'limner[{extra}]'"
        ) from error
