"""How long nodes are going to take, by how long they took before. Pure; the figures come from the journal's file.

What a node has to do is told by few things: its type, the model of its graph, the pixels, and its steps. Of what never
ran quite like this, the nearest that did is taken and scaled.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from limner.jobs.usage import LOADERS

MOST_STEPS = 100_000
LARGEST = 1 << 40
FARTHEST = 64.0
"""The most that a figure is scaled by."""


class Load(NamedTuple):
    """What a node has to do: its type, the graph's model, pixels of all pictures together, and steps."""

    type: str
    model: str
    pixels: int
    steps: int


class Pace(NamedTuple):
    """What a node took lately, as the table ``pace`` has it."""

    type: str
    model: str
    pixels: int
    steps: int
    seconds: float
    runs: int


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """How long a graph is going to take.

    Attributes:
        seconds: All nodes together; None: nothing is known of any of them.
        known: How many of its nodes ran before, 0..1.
        nodes: Seconds by node, of those that ran before.
    """

    seconds: float | None
    known: float
    nodes: dict[str, float]


def loads_of(document: Mapping[str, Any]) -> dict[str, Load]:
    """What the nodes of a graph in API form have to do."""
    nodes = dict(_nodes(document))
    inputs = [fields for _, fields in nodes.values()]
    model, pixels = _model(inputs), _pixels(inputs)
    return {name: Load(kind, model, pixels, _steps(fields)) for name, (kind, fields) in nodes.items()}


def estimate(loads: Mapping[str, Load], paces: Iterable[Pace]) -> Estimate:
    """How long nodes are going to take."""
    by_type: dict[str, list[Pace]] = {}
    for pace in paces:
        by_type.setdefault(pace.type, []).append(pace)
    nodes = {name: _seconds(load, by_type[load.type]) for name, load in loads.items() if load.type in by_type}
    seconds = round(sum(nodes.values()), 3) if nodes else None
    return Estimate(seconds=seconds, known=len(nodes) / max(1, len(loads)), nodes=nodes)


def _seconds(load: Load, paces: list[Pace]) -> float:
    def distance(pace: Pace) -> tuple[bool, bool, float, int]:
        far = _ratio(load.steps, pace.steps) * _ratio(load.pixels, pace.pixels)
        return pace.model != load.model, pace.pixels != load.pixels, max(far, 1 / far), -pace.runs

    nearest = min(paces, key=distance)
    scale = _ratio(load.steps, nearest.steps) * _ratio(load.pixels, nearest.pixels)
    return round(nearest.seconds * min(FARTHEST, max(1 / FARTHEST, scale)), 4)


def _ratio(wanted: int, known: int) -> float:
    return wanted / known if wanted > 0 and known > 0 else 1.0


def _nodes(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    for name, node in document.items():
        if isinstance(node, Mapping) and isinstance(node.get("class_type"), str):
            fields = node.get("inputs")
            yield name, (node["class_type"][:200], fields if isinstance(fields, Mapping) else {})


def _model(inputs: Iterable[Mapping[str, Any]]) -> str:
    named = {field: entry[field] for entry in inputs for field in LOADERS if isinstance(entry.get(field), str)}
    return next((named[field][:300] for field in LOADERS if field in named), "")


def _pixels(inputs: Iterable[Mapping[str, Any]]) -> int:
    """Pixels of the largest batch that any node names; 0 if none does."""
    sizes = [
        _number(entry.get("width")) * _number(entry.get("height")) * max(1, _number(entry.get("batch_size")))
        for entry in inputs
    ]
    return min(LARGEST, max(sizes, default=0))


def _steps(fields: Mapping[str, Any]) -> int:
    return min(MOST_STEPS, max(1, _number(fields.get("steps"))))


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 < value < LARGEST else 0
