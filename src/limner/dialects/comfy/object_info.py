"""Node types as ``/object_info`` lists them, in the form of classic (V1) classes.

Choices are written ``[[...], {...}]``: clients read ``input.required.sampler_name[0]`` as a list.
"""

from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.node_type import Input, NodeType
from limner.graph.ui.places import own_inputs


def object_info(catalog: Catalog, lists: Lists) -> dict[str, Any]:
    """All node types by class name."""
    return {name: node_info(described, catalog, lists) for name, described in catalog.nodes.items()}


def node_info(described: NodeType, catalog: Catalog, lists: Lists) -> dict[str, Any]:
    """One node type."""
    inputs: dict[str, dict[str, Any]] = {"required": {}}
    for entry in own_inputs(described):
        category = "required" if entry.required else "optional"
        inputs.setdefault(category, {})[entry.name] = input_config(entry, catalog, lists)
    if described.hidden:
        inputs["hidden"] = dict(described.hidden)
    info: dict[str, Any] = {
        "input": inputs,
        "input_order": {category: list(entries) for category, entries in inputs.items()},
        "output": [output.type for output in described.outputs],
        "output_is_list": [output.is_list for output in described.outputs],
        "output_name": [output.name for output in described.outputs],
        "name": described.name,
        "display_name": described.title,
        "description": described.doc,
        "python_module": described.module,
        "category": described.category,
        "output_node": described.is_output,
    }
    flags = {"deprecated": described.deprecated, "experimental": described.experimental}
    return info | {name: True for name, value in flags.items() if value}


def input_config(entry: Input, catalog: Catalog, lists: Lists) -> list[Any]:
    """``[type, options]``; the type of a choice is the list of its values, unless clients ask for them elsewhere."""
    listed = entry.type == "COMBO" and (entry.choices is not None or entry.choices_from is not None)
    kind: Any = list(catalog.choices(entry, lists)) if listed else entry.type
    return [kind, entry.options] if entry.options else [kind]
