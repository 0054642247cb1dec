"""ComfyUI's UI format, the file that its page saves: nodes with positions, links by number, widget values in arrays.

Formats 0.4 and 1.0. Subgraphs and group nodes are recognised and refused by name.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.dynamic_prompts import Draw, resolve_prompt
from limner.graph.errors import DocumentError
from limner.graph.graph import Graph, Node
from limner.graph.node_type import NodeType
from limner.graph.ui_links import BYPASSED, MUTED, Constant, UiGraph, UiNode, is_virtual, read_constant
from limner.graph.ui_widgets import widget_values


def is_ui_workflow(document: object) -> bool:
    """Whether a JSON value is a UI workflow. In the API format ``nodes`` could only be a node's id."""
    return isinstance(document, Mapping) and isinstance(document.get("nodes"), list)


def from_ui_document(
    document: Mapping[str, Any], catalog: Catalog, lists: Lists, draw: Draw = secrets.randbelow
) -> Graph:
    """Converts a UI workflow to the Graph that the page would send.

    Nodes of unknown types are kept with their links, for ``check`` to report.

    Args:
        document: The file's content.
        catalog: Says which inputs a node type has, and in which order.
        lists: Named lists of choices, for values that the file lacks.
        draw: Draws the options of dynamic prompts.

    Raises:
        DocumentError: if a node or link cannot be read, or needs what is not supported yet.
    """
    if not is_ui_workflow(document):
        raise DocumentError("A UI workflow is an object with a list of 'nodes'; this is something else.")
    drawing = UiGraph.read(document)
    subgraphs = _subgraphs(document)
    nodes: dict[str, Node] = {}
    for node in drawing.nodes.values():
        if node.mode in (MUTED, BYPASSED):
            continue
        _refuse_unsupported(node, subgraphs)
        kind = catalog.nodes.get(node.type)
        if kind is not None or not is_virtual(node.type):
            inputs = _inputs(node, kind, drawing, catalog, lists, draw)
            nodes[node.id] = Node(type=node.type, inputs=inputs, title=node.title or (kind.title if kind else None))
    return Graph({name: _without_dangling(node, nodes) for name, node in nodes.items()})


def _inputs(
    node: UiNode, kind: NodeType | None, drawing: UiGraph, catalog: Catalog, lists: Lists, draw: Draw
) -> dict[str, Any]:
    """Widget values first, then links over them."""
    if kind is not None:
        inputs = widget_values(node, kind, catalog, lists)
        for entry in kind.inputs:
            value = inputs.get(entry.name)
            if entry.options.get("dynamicPrompts") and isinstance(value, str):
                inputs[entry.name] = resolve_prompt(value, draw)
    else:
        inputs = {str(name): read_constant(value) for name, value in node.named.items()}
    for entry in node.inputs:
        source = drawing.source(entry.get("link"))
        if source is not None and isinstance(entry.get("name"), str):
            inputs[entry["name"]] = source.value if isinstance(source, Constant) else source
    return inputs


def _without_dangling(node: Node, nodes: Mapping[str, Node]) -> Node:
    """The node without links to nodes that were left out."""
    dangling = {name for name, link in node.links() if link.source not in nodes}
    if not dangling:
        return node
    inputs = {name: value for name, value in node.inputs.items() if name not in dangling}
    return Node(type=node.type, inputs=inputs, title=node.title)


def _subgraphs(document: Mapping[str, Any]) -> dict[str, str]:
    """Names of the subgraphs that a document defines, by the node type that stands for them."""
    definitions = document.get("definitions")
    entries = definitions.get("subgraphs") if isinstance(definitions, Mapping) else None
    found = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    return {str(entry.get("id")): str(entry.get("name")) for entry in found}


def _refuse_unsupported(node: UiNode, subgraphs: Mapping[str, str]) -> None:
    advice = "Save the workflow in the API format (Export (API)), or unpack it in the editor, and try again."
    if node.type in subgraphs:
        name = subgraphs[node.type]
        raise DocumentError(f"Node {node.id} is the subgraph {name!r}, which cannot be read here yet. {advice}")
    if node.type.startswith(("workflow>", "workflow/")):
        name = node.type[len("workflow>") :]
        raise DocumentError(f"Node {node.id} is the group node {name!r}, which cannot be read here yet. {advice}")
