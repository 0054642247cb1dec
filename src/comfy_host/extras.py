"""``comfy_extras.nodes_<topic>``: modules whose members are Limner's own nodes as classes.

A topic that has more than nodes (functions that packs call) is a file in ``surface/comfy_extras`` and comes first.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from comfy_host.extras_keys import TOPICS
from comfy_host.missing import absent

PREFIX = "comfy_extras.nodes_"


def node_class(module: str) -> Any:
    """A module's ``__getattr__``: a node's class by name, else an error that explains.

    Args:
        module: The module's name.
    """
    explain = absent(module)

    def look_up(name: str) -> Any:
        import nodes  # a host module, on the path of a worker only

        found = nodes.NODE_CLASS_MAPPINGS.get(name)
        return explain(name) if found is None else found

    return look_up


class ExtrasFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes the modules that have no file."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A module for a known topic."""
        if fullname.startswith(PREFIX) and fullname.removeprefix(PREFIX) in TOPICS:
            return importlib.machinery.ModuleSpec(fullname, self)
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Gives the module its members."""
        module.__doc__ = f"``{module.__name__}``: nodes as classes."
        module.__dict__["__getattr__"] = node_class(module.__name__)
