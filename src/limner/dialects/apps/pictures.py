"""Pictures by an app, for doors that know no graphs: what they know of pictures goes to the inputs of those names.

What a request does not say keeps the app's default, and what the app has no input for is passed by. Several pictures
are several runs of the app joined into one graph; what they have in common the engine computes once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from limner.dialects.apps.building import build
from limner.dialects.apps.picture_keys import HEIGHTS, MASKS, NAMES, SEEDS, WIDTHS
from limner.dialects.apps.reading import ReadApp
from limner.dialects.apps.records import AppInput
from limner.dialects.apps.values import read_values
from limner.dialects.pictures import PICTURE, cut_out, cutting, scaled
from limner.graph.catalog import Catalog
from limner.graph.errors import GraphError
from limner.graph.graph import Graph, Link, Node
from limner.graph.problem import Problem

CUTTER = "cutter"


@dataclass(frozen=True, kw_only=True)
class AppWish:
    """Pictures that somebody asks of an app.

    Attributes:
        read: The app.
        catalog: What the worker can do.
        said: What the request says, as a ``PictureWish`` calls it.
        named: Further values, by the names of the inputs that they are for.
        size: Width and height if the request says them. An app without inputs for them has its pictures scaled.
        seeds: One a picture.
        seeded: The request says the seed; an app that has one of its own keeps it otherwise.
        pictures: Names of input pictures, for the app's inputs in their order.
        mask: Name of the picture for the input ``mask``; empty: none was sent.
        cutter: As a ``PictureWish`` has it.
    """

    read: ReadApp
    catalog: Catalog
    said: Mapping[str, Any] = field(default_factory=dict)
    named: Mapping[str, Any] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    seeds: tuple[int, ...] = (0,)
    seeded: bool = True
    pictures: tuple[str, ...] = ()
    mask: str = ""
    cutter: str = ""

    def graph(self) -> Graph:
        """The graph that draws them. Its output nodes are called ``picture`` and a number, run after run.

        Raises:
            GraphError: with a Problem for each value that the app cannot take, and for each that it misses; if it
                takes no such pictures, or leaves none.
        """
        outputs = self._outputs()
        nodes = {CUTTER: cutting(self.cutter)} if self.cutter else {}
        for run, seed in enumerate(self.seeds):
            built = build(self.read.workflow.graph, self.read.inputs, self._values(seed))
            nodes |= self._run(built, run, outputs)
        return Graph(nodes)

    @property
    def expected(self) -> tuple[int, int] | None:
        """The size that pictures will have, if that is known: it was asked for, or is the app's default."""
        if self.size is not None:
            return self.size
        sides = [next((self._inputs[name].default for name in names if name in self._inputs), None) for names in _SIDES]
        return (sides[0], sides[1]) if isinstance(sides[0], int) and isinstance(sides[1], int) else None

    @cached_property
    def _inputs(self) -> dict[str, AppInput]:
        return {entry.name: entry for entry in self.read.inputs}

    @cached_property
    def _is_scaled(self) -> bool:
        """Whether pictures have to be brought into the size that was asked for."""
        return self.size is not None and not all(self._first(names) for names in _SIDES)

    def _first(self, names: tuple[str, ...]) -> str | None:
        """The input that has one of some names."""
        return next((name for name in names if name in self._inputs), None)

    def _outputs(self) -> list[str]:
        """The nodes whose pictures count."""
        graph, kinds = self.read.workflow.graph, self.catalog.nodes
        wanted = graph.nodes if self.read.targets is None else self.read.targets
        found = [name for name in wanted if (kind := kinds.get(graph.nodes[name].type)) is not None and kind.is_output]
        if not found:
            raise refused("no_output", "it has no node that saves or shows a picture")
        return found

    def _values(self, seed: int) -> dict[str, Any]:
        """The values of the app's inputs for a run."""
        fields = [entry.name for entry in self.read.inputs if entry.kind != "image"]
        sent = {name: self.named[name] for name in fields if name in self.named}
        size = dict(zip(("width", "height"), self.size or (), strict=False)) if not self._is_scaled else {}
        for thing, value in {**self.said, **size}.items():
            first = self._first(NAMES[thing])
            if first is not None and sent.keys().isdisjoint(NAMES[thing]):
                sent[first] = value
        seeded = self._first(SEEDS)
        if seeded is not None and (self.seeded or len(self.seeds) > 1) and not self._inputs[seeded].random:
            sent[seeded] = seed
        return read_values(self.read.inputs, {**sent, **self._shown()}, seed)

    def _shown(self) -> dict[str, str]:
        """The names of pictures by the inputs that they are for."""
        masked = next((name for name in MASKS if name in self._inputs and self._inputs[name].kind == "image"), None)
        takers = [entry.name for entry in self.read.inputs if entry.kind == "image" and entry.name != masked]
        if len(self.pictures) > len(takers):
            takes = {0: "no input for a picture", 1: "an input for one picture"}.get(
                len(takers), f"inputs for {len(takers)} pictures"
            )
            raise refused("unknown_input", f"it has {takes}, but {len(self.pictures)} came", "image")
        if self.mask and masked is None:
            raise refused("unknown_input", "it has no input 'mask', but a mask came", "mask")
        shown = dict(zip(takers, self.pictures, strict=False))
        return shown | ({masked: self.mask} if self.mask and masked is not None else {})

    def _run(self, built: Graph, run: int, outputs: list[str]) -> dict[str, Node]:
        """The nodes of one run, under names that no other run has."""
        first = run * len(outputs) + 1
        numbers = {name: number for number, name in enumerate(outputs, first)}
        names = {name: f"{PICTURE} {numbers[name]}" if name in numbers else f"run {run + 1} {name}"
                 for name in _needed(built, outputs)}  # fmt: skip
        nodes = {new: _renamed(built.nodes[name], names) for name, new in names.items()}
        for number in numbers.values():
            nodes |= self._finished(number, nodes[f"{PICTURE} {number}"])
        return nodes

    def _finished(self, number: int, output: Node) -> dict[str, Node]:
        """An output node with what is to be done to its pictures before."""
        key = self._picture_input(output)
        if key is None:
            return {}
        picture, nodes = output.inputs[key], dict[str, Node]()
        if self._is_scaled and self.size is not None:
            nodes[f"sized {number}"] = scaled(picture, *self.size)
            picture = Link(f"sized {number}", 0)
        if self.cutter:
            nodes |= cut_out(number, picture)
            picture = Link(f"cut out {number}", 0)
        return nodes | {f"{PICTURE} {number}": _with(output, {**output.inputs, key: picture})}

    def _picture_input(self, output: Node) -> str | None:
        """Where an output node takes its pictures."""
        entries = ((key, self.catalog.nodes[output.type].input(key)) for key, _ in output.links())
        return next((key for key, entry in entries if entry is not None and "IMAGE" in entry.type.split(",")), None)


_SIDES = (WIDTHS, HEIGHTS)


def refused(code: str, why: str, name: str = "") -> GraphError:
    """A wish that an app cannot fulfil. Args: name: What it is about, as inputs are named."""
    extra = {"input_name": name} if name else {}
    return GraphError(f"{why}.", [Problem(code=code, message=why, extra=extra)])


def _needed(graph: Graph, outputs: list[str]) -> list[str]:
    """What some output nodes need and they themselves, in the order of the workflow."""
    found, waiting = set(outputs), list(outputs)
    while waiting:
        sources = [link.source for _, link in graph.nodes[waiting.pop()].links()]
        fresh = {name for name in sources if name in graph.nodes} - found
        found |= fresh
        waiting.extend(fresh)
    return [name for name in graph.nodes if name in found]


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    """A node whose links have the new names."""
    return _with(node, {key: _moved(value, names) for key, value in node.inputs.items()})


def _moved(value: Any, names: Mapping[str, str]) -> Any:
    return Link(names.get(value.source, value.source), value.output) if isinstance(value, Link) else value


def _with(node: Node, inputs: Mapping[str, Any]) -> Node:
    return Node(type=node.type, inputs=inputs, title=node.title, display=node.display)
