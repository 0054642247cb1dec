"""Classes of node packs as node definitions: the seam that the loader uses, whatever kind a class is of."""

from __future__ import annotations

from typing import Any

from comfy_host import v1, v3
from comfy_host.isolation import isolated_class
from limner.graph.declare import NodeDefinition


def _maker(kind: type) -> Any:
    """The module that understands a class."""
    if isinstance(kind, isolated_class.IsolatedClass):
        return isolated_class
    return v3 if v3.is_v3(kind) else v1


def definition_of(kind: type, name: str, display_name: str | None, module: str) -> NodeDefinition:
    """A pack's class as a node definition, whether it is a V1 or a V3 class.

    Args:
        kind: The class.
        name: What documents call it.
        display_name: What people see; the class's own, or its name, if absent.
        module: As clients are told: ``custom_nodes.<folder>``.

    Raises:
        Exception: whatever the class raises while it is asked for its inputs.
    """
    return _maker(kind).definition_of(kind, name, display_name, module)


def node_info(kind: type, name: str, display_name: str | None, module: str) -> dict[str, Any]:
    """A pack's class as ``/object_info`` shows it now; asks the class again each time.

    Raises:
        Exception: whatever the class raises.
    """
    return _maker(kind).node_info(kind, name, display_name, module)
