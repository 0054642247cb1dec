"""ComfyUI's UI format, the file that its page saves: nodes with positions, links by number, widget values in arrays.

Formats 0.4 and 1.0, with group nodes and subgraphs. Converting never fails for a node whose type is unknown: what its
file says of it is kept, for ``check`` to report.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import DocumentError
from limner.graph.graph import Graph, Link, Node
from limner.graph.ui.dynamic_prompts import Draw, resolve_prompt
from limner.graph.ui.filename_tokens import PREFIX, resolve_tokens
from limner.graph.ui.instances import Scope, read_instances, running_nodes
from limner.graph.ui.links import Constant, Sources
from limner.graph.ui.nodes import UiNode
from limner.graph.ui.virtual import is_virtual
from limner.graph.ui.widgets import read_array, widget_values

_SEARCHED = "Node name for S&R"


@dataclass(frozen=True)
class Converted:
    """A UI workflow as a Graph.

    Attributes:
        graph: What the page would send.
        unknown: Ids of the nodes of every type that nobody knows, by type.
        notes: What could not be read of it, as sentences for people.
    """

    graph: Graph
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def is_ui_workflow(document: object) -> bool:
    """Whether a JSON value is a UI workflow. In the API format ``nodes`` could only be a node's id."""
    return isinstance(document, Mapping) and isinstance(document.get("nodes"), list)


def from_ui_document(
    document: Mapping[str, Any],
    catalog: Catalog,
    lists: Lists,
    draw: Draw = secrets.randbelow,
    now: datetime | None = None,
) -> Graph:
    """Converts a UI workflow to the Graph that the page would send; see ``convert_ui_document``."""
    return convert_ui_document(document, catalog, lists, draw, now).graph


def convert_ui_document(
    document: Mapping[str, Any],
    catalog: Catalog,
    lists: Lists,
    draw: Draw = secrets.randbelow,
    now: datetime | None = None,
) -> Converted:
    """Converts a UI workflow to the Graph that the page would send, and says what is unknown in it.

    Args:
        document: The file's content.
        catalog: Says which inputs a node type has, and in which order.
        lists: Named lists of choices, for values that the file lacks.
        draw: Draws the options of dynamic prompts.
        now: For dates in file names; the present time if absent.

    Raises:
        DocumentError: if a node or link cannot be read, or a subgraph contains itself or is too large.
    """
    if not is_ui_workflow(document):
        raise DocumentError("A UI workflow is an object with a list of 'nodes'; this is something else.")
    root = read_instances(document, catalog.nodes)
    sources = Sources(catalog.nodes)
    values: dict[str, dict[str, Any]] = {}
    drawn: dict[str, UiNode] = {}
    linked: dict[str, dict[str, Link]] = {}
    for scope, node in running_nodes(root):
        if node.type not in catalog.nodes and is_virtual(node.type):
            continue
        name = scope.prefix + node.id
        drawn[name] = node
        values[name] = _texts(node, widget_values(node, catalog.nodes.get(node.type), catalog, lists), catalog, draw)
        linked[name] = _linked(scope, node, sources, values[name])
    _fill_prefixes(values, drawn, now or datetime.now())
    nodes = {name: _node(node, values[name], linked[name], drawn, catalog) for name, node in drawn.items()}
    return Converted(Graph(nodes), _unknown(drawn, catalog), tuple(_notes(drawn, catalog)))


def _texts(node: UiNode, values: dict[str, Any], catalog: Catalog, draw: Draw) -> dict[str, Any]:
    """Widget values with dynamic prompts resolved."""
    kind = catalog.nodes.get(node.type)
    for entry in kind.inputs if kind else ():
        value = values.get(entry.name)
        if entry.options.get("dynamicPrompts") and isinstance(value, str):
            values[entry.name] = resolve_prompt(value, draw)
    return values


def _linked(scope: Scope, node: UiNode, sources: Sources, values: dict[str, Any]) -> dict[str, Link]:
    """The links of a node's inputs. Constants that they lead to go to its values."""
    links: dict[str, Link] = {}
    for entry in node.inputs:
        name = entry.get("name")
        if not isinstance(name, str):
            continue
        source = sources.of(scope, entry.get("link"))
        if isinstance(source, Constant):
            values[name] = source.value
        elif source is not None:
            links[name] = source
    return links


def _fill_prefixes(values: Mapping[str, dict[str, Any]], drawn: Mapping[str, UiNode], now: datetime) -> None:
    """Fills in the page's tokens in file name prefixes."""
    searched: dict[str, str] = {}
    titled: dict[str, str] = {}
    typed: dict[str, str] = {}
    for name, node in drawn.items():
        searched.setdefault(str(node.properties.get(_SEARCHED)), name)
        titled.setdefault(str(node.title), name)
        typed.setdefault(node.type, name)

    def lookup(title: str, widget: str) -> object:
        found = (names[title] for names in (searched, titled, typed) if title in names)
        read = (values[name].get(widget) for name in found)
        return next((value for value in read if isinstance(value, str | int | float)), None)

    for own in values.values():
        text = own.get(PREFIX)
        if isinstance(text, str) and "%" in text:
            own[PREFIX] = resolve_tokens(text, now, lookup)


def _node(
    node: UiNode, values: dict[str, Any], links: Mapping[str, Link], drawn: Mapping[str, UiNode], catalog: Catalog
) -> Node:
    """The node without links to nodes that were left out."""
    kind = catalog.nodes.get(node.type)
    title = node.title or (kind.title if kind else None)
    kept = {name: link for name, link in links.items() if link.source in drawn}
    return Node(type=node.type, inputs=values | kept, title=title)


def _unknown(drawn: Mapping[str, UiNode], catalog: Catalog) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, node in drawn.items():
        if node.type not in catalog.nodes:
            found.setdefault(node.type, []).append(name)
    return {kind: tuple(names) for kind, names in found.items()}


def _notes(drawn: Mapping[str, UiNode], catalog: Catalog) -> list[str]:
    """What was lost of nodes that nobody knows: values without a name."""
    return [
        f"{name} ({node.type[:80]}): the names of its {len(node.values)} values are unknown; they are left out"
        for name, node in drawn.items()
        if node.type not in catalog.nodes and node.values and not node.named and read_array(node, None).left
    ]
