"""Lets a workflow run whose model files are missing: a model that is always there stands in for them.

A pure function from Graph to Graph, so that what was changed can be shown and stored. A graph whose files are all there
comes back as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import LimnerError
from limner.graph.graph import Graph, Link, Node
from limner.graph.node_type import VALUE_TYPES, Input, NodeType

_LORAS = "loras"
_NETWORKS = frozenset({"checkpoints", "diffusion_models"})
_TEXT = "text_encoders"
_FITTED = frozenset({"vae", _LORAS, _TEXT})
_MODELS = _NETWORKS | _FITTED
_SIZES = ("width", "height")
_PLACES = ("x", "y")
_GRID = 8
_SMALLEST = 64


@dataclass(frozen=True)
class StandIn:
    """The model that stands in.

    Attributes:
        checkpoint: Its file name, as the lists ``checkpoints`` and ``vae`` have it.
        native_size: Side in pixels of the pictures that it draws best.
    """

    checkpoint: str = "limner-mini.safetensors"
    native_size: int = 128

    @property
    def name(self) -> str:
        """What people call it."""
        return self.checkpoint.rpartition(".")[0] or self.checkpoint


@dataclass(frozen=True)
class Substituted:
    """A graph that can run, and what was changed in it, as sentences for people."""

    graph: Graph
    notes: tuple[str, ...] = ()


def substitute(graph: Graph, catalog: Catalog, lists: Lists, stand_in: StandIn) -> Substituted:
    """Puts the stand-in where a model file is missing.

    Missing checkpoints, VAEs and networks become the stand-in (where its name is in their list). Missing LoRAs get
    strength 0 and are led around. If all networks of a graph were replaced, VAEs, LoRAs and text encoders that are here
    go the same way, since they were made for another model; nodes that would look for an encoder by themselves are told
    of the stand-in; and sizes are scaled to what it draws.
    """
    nodes, notes = dict(graph.nodes), dict[str, None]()
    uses = list(_uses(graph, catalog, lists))
    networks = [use.is_missing and use.has(stand_in) for use in uses if use.list in _NETWORKS]
    is_foreign = bool(networks) and all(networks)
    for use in uses:
        if not use.is_missing and not (is_foreign and use.list in _FITTED and use.file != stand_in.checkpoint):
            continue
        reason = "is not here" if use.is_missing else "was made for another model"
        if use.list == _LORAS:
            nodes[use.node] = _silenced(nodes[use.node])
            nodes = _led_around(nodes, use.node, catalog.nodes[nodes[use.node].type])
            notes[f"{use.file} {reason}: {use.node} ({nodes[use.node].type}) is left out"] = None
        elif use.has(stand_in):
            nodes[use.node] = _with(nodes[use.node], {use.input: stand_in.checkpoint})
            notes[f"{use.file} {reason}: {stand_in.name} stands in"] = None
    if is_foreign:
        nodes, readers = _told(nodes, catalog, lists, stand_in)
        notes |= dict.fromkeys(readers)
    if any(networks):
        nodes, sizes = _scaled(nodes, catalog, stand_in)
        notes |= dict.fromkeys(sizes)
    return Substituted(Graph(nodes), tuple(notes)) if notes else Substituted(graph)


@dataclass(frozen=True)
class _Use:
    """A model file that a node names: where, from which list, and what that list holds."""

    node: str
    input: str
    list: str
    file: str
    choices: frozenset[str]

    @property
    def is_missing(self) -> bool:
        return self.choices.isdisjoint((self.file, self.file.replace("\\", "/")))

    def has(self, stand_in: StandIn) -> bool:
        return stand_in.checkpoint in self.choices


def _uses(graph: Graph, catalog: Catalog, lists: Lists) -> Iterable[_Use]:
    """Every model file that a graph names."""
    choices: dict[str, frozenset[str]] = {}
    for name, entry, wanted, file in _named_files(graph, catalog):
        if wanted not in choices:
            choices[wanted] = frozenset(_choices(entry, catalog, lists))
        yield _Use(name, entry.name, wanted, file, choices[wanted])


def _named_files(graph: Graph, catalog: Catalog) -> Iterable[tuple[str, Input, str, str]]:
    """Node id, input, the list it chooses from, and the file that it names."""
    for name, node in graph.nodes.items():
        kind = catalog.nodes.get(node.type)
        for entry in kind.inputs if kind else ():
            file = node.inputs.get(entry.name)
            if entry.choices_from in _MODELS and isinstance(file, str):
                yield name, entry, str(entry.choices_from), file


def _told(
    nodes: dict[str, Node], catalog: Catalog, lists: Lists, stand_in: StandIn
) -> tuple[dict[str, Node], list[str]]:
    """The nodes with the stand-in where one may be given the file of a text encoder and is given none, and notes."""
    changed, notes = dict(nodes), list[str]()
    for name, node in nodes.items():
        kind = catalog.nodes.get(node.type)
        for entry in kind.inputs if kind else ():
            absent = entry.choices_from == _TEXT and not entry.required and entry.name not in node.inputs
            if absent and stand_in.checkpoint in _choices(entry, catalog, lists):
                changed[name] = _with(changed[name], {entry.name: stand_in.checkpoint})
                notes.append(f"{name} ({node.type}): {stand_in.name} reads the text")
    return changed, notes


def _choices(entry: Input, catalog: Catalog, lists: Lists) -> Iterable[str]:
    try:
        return catalog.choices(entry, lists)
    except (LimnerError, LookupError):  # a folder kind that nobody has
        return ()


def _with(node: Node, inputs: Mapping[str, Any]) -> Node:
    return Node(type=node.type, inputs={**node.inputs, **inputs}, title=node.title, display=node.display)


def _silenced(node: Node) -> Node:
    """A LoRA loader with all its strengths at 0."""
    return _with(node, {name: 0.0 for name in node.inputs if name.startswith("strength")})


def _led_around(nodes: dict[str, Node], name: str, kind: NodeType) -> dict[str, Node]:
    """The nodes with links to outputs of one node replaced by what its inputs of the same type are linked to.

    A LoRA of strength 0 changes nothing, but its file would still be asked for.
    """
    linked = {entry.type: nodes[name].inputs.get(entry.name) for entry in reversed(kind.inputs)}
    sources = {
        index: linked[output.type]
        for index, output in enumerate(kind.outputs)
        if isinstance(linked.get(output.type), Link)
    }
    changed = dict(nodes)
    for other, node in nodes.items():
        moved = {
            key: sources[link.output] for key, link in node.links() if link.source == name and link.output in sources
        }
        if moved:
            changed[other] = _with(node, moved)
    return changed


def _scaled(nodes: dict[str, Node], catalog: Catalog, stand_in: StandIn) -> tuple[dict[str, Node], list[str]]:
    """The nodes with sizes in proportion to what the stand-in draws, and a note for each."""
    known = {name: catalog.nodes[node.type] for name, node in nodes.items() if node.type in catalog.nodes}
    sources = [name for name, kind in known.items() if _makes_latents(kind)]
    longest = max((_longer_side(nodes[name]) for name in sources), default=0)
    if not longest:
        targets = [_longer_side(nodes[name]) for name, kind in known.items() if _resizes(kind)]
        longest = min((side for side in targets if side), default=0)
    if longest in (0, stand_in.native_size):
        return nodes, []
    changed, notes = dict(nodes), list[str]()
    for name, kind in known.items():
        if name in sources or _resizes(kind):
            changed[name] = _resized(nodes[name], stand_in.native_size / longest)
            before, after = _size(nodes[name]), _size(changed[name])
            if before != after:
                reason = f", the size that {stand_in.name} draws" if name in sources else ", in proportion"
                notes.append(f"{name} ({kind.name}): {before} became {after}{reason}")
    return changed, notes


def _has_size(kind: NodeType) -> bool:
    return {entry.name for entry in kind.inputs if entry.type == "INT"}.issuperset(_SIZES)


def _makes_latents(kind: NodeType) -> bool:
    """EmptyLatentImage and its like: sizes in, a latent out, and nothing to draw from."""
    only_values = all(entry.type in VALUE_TYPES for entry in kind.inputs)
    return _has_size(kind) and only_values and any(output.type == "LATENT" for output in kind.outputs)


def _resizes(kind: NodeType) -> bool:
    """LatentUpscale, ImageScale, crops and areas: sizes or places in pixels, and the same kind of thing in and out."""
    passed = {entry.type for entry in kind.inputs} & {output.type for output in kind.outputs}
    placed = {entry.name for entry in kind.inputs if entry.type == "INT"}.issuperset(_PLACES)
    if passed & {"LATENT", "IMAGE"}:
        return _has_size(kind) or placed
    return "CONDITIONING" in passed and _has_size(kind) and placed


def _sides(node: Node) -> list[int]:
    values = [node.inputs.get(name) for name in _SIZES]
    return [value for value in values if isinstance(value, int) and not isinstance(value, bool) and value > 0]


def _longer_side(node: Node) -> int:
    return max(_sides(node), default=0)


def _size(node: Node) -> str:
    """Size, or place, for people."""
    shown = [node.inputs.get(name) for name in _SIZES if name in node.inputs]
    return " x ".join(str(value) for value in shown if isinstance(value, int)) or "its place"


def _resized(node: Node, factor: float) -> Node:
    changes: dict[str, Any] = {}
    for name in (*_SIZES, *_PLACES):
        value = node.inputs.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            scaled = _GRID * round(value * factor / _GRID)
            changes[name] = max(_SMALLEST, scaled) if name in _SIZES else scaled
    return _with(node, changes) if changes else node
