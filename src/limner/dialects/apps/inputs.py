"""Finds what an app asks for: what its author declares, placeholders, titles of nodes; else what every workflow has.

With no named text, the prompts are those that the sampler's links lead to. Pictures and seeds that nobody named are
inputs too, unless the author has placed inputs: then the declaration is all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from limner.dialects.apps.declaration import image_ids, places_of, refined
from limner.dialects.apps.placeholders import find_placeholders
from limner.dialects.apps.records import AppInput, Declaration, Kind
from limner.dialects.apps.sockets import Sockets
from limner.dialects.apps.titles import find_titled
from limner.graph.coercion import CoercionError, coerce
from limner.graph.graph import Link
from limner.graph.prompts import Place, find_prompts
from limner.graph.ui.app_mode import read_app_mode

MOST_INPUTS = 200
"""Inputs of an app; more would be no tool that anybody could call."""

_DESCRIPTIONS = {
    "prompt": "What the picture shows.",
    "positive_prompt": "What the picture shows.",
    "negative_prompt": "What the picture should not show.",
    "seed": "A whole number; the same one gives the same picture. A new one is drawn if it is left out.",
}
_TYPES: dict[Kind, str] = {"integer": "INT", "number": "FLOAT"}


def find_inputs(sockets: Sockets, declaration: Declaration, page: Any = None) -> tuple[AppInput, ...]:
    """The inputs of an app, in the order in which they were named.

    Args:
        sockets: The workflow.
        declaration: What its author says.
        page: The UI document that it came from, if there is one; its app mode names inputs.

    Raises:
        UnknownNameError: if the declaration names a node or an input that is not there.
        GraphError: if a declared input cannot be found.
    """
    named = _Named(sockets)
    for entry in declaration.inputs:
        if entry.is_placed:
            named.add(entry.name, places_of(entry, sockets.graph, sockets.catalog), "declared")
    is_complete = bool(named.found)
    _add_placeholders(named)
    for titled in find_titled(sockets.graph, sockets.catalog):
        named.add(titled.name, [titled.place], "title", titled.written)
    _add_page(named, page)
    if not is_complete:
        _add_found(named, declaration)
    found = named.inputs()
    return tuple(refined(found, declaration.inputs).values())[:MOST_INPUTS]


@dataclass
class _Named:
    """Inputs on their way: places by name."""

    sockets: Sockets
    found: dict[str, list[Place]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, places: Sequence[Place], source: str, written: str = "") -> None:
        """Adds places; those that have another name already keep it."""
        taken = self.taken() if source != "placeholder" else set(self.found.get(name, ()))
        free = [place for place in places if place not in taken]
        if free:
            self.found.setdefault(name, []).extend(free)
            self.sources.setdefault(name, source)
            self.written.setdefault(name, written)

    def taken(self) -> set[Place]:
        """All places that have a name."""
        return {place for places in self.found.values() for place in places}

    def has_text(self) -> bool:
        """Whether somebody named a text."""
        return any(self.sockets.kind(place) == "text" for place in self.taken())

    def free_name(self, name: str) -> str:
        """The name, with a number if it is taken."""
        names = [name, *(f"{name}_{number}" for number in range(2, MOST_INPUTS + 2))]
        return next(free for free in names if free not in self.found)

    def inputs(self) -> dict[str, AppInput]:
        """The inputs, described."""
        described = (self._described(name, places) for name, places in self.found.items())
        return {entry.name: entry for entry in described}

    def _described(self, name: str, places: Sequence[Place]) -> AppInput:
        entry = self.sockets.describe(name, places, self.sources[name])
        written = self.written.get(name, "")
        said = _DESCRIPTIONS.get(name, written if written != name else "") or entry.description
        entry = msgspec.structs.replace(entry, description=said)
        default = self.defaults.get(name)
        if default is None and name == "negative_prompt" and entry.required:
            default = ""
        return entry if default is None else _with_default(entry, default)


def _with_default(entry: AppInput, text: str) -> AppInput:
    """An input with the default that its placeholder writes."""
    try:
        value: Any = coerce(_TYPES.get(entry.kind, "STRING"), text)
    except CoercionError:
        return entry
    if entry.kind == "boolean":
        value = text.strip().lower() in ("true", "1", "yes", "on")
    return msgspec.structs.replace(entry, default=value, required=False, random=False)


def _add_placeholders(named: _Named) -> None:
    for name, places in find_placeholders(named.sockets.graph).items():
        named.add(name, list(places), "placeholder")
        default = next((written for written in places.values() if written is not None), None)
        if default is not None:
            named.defaults[name] = default


def _add_page(named: _Named, page: Any) -> None:
    """What the page's app mode shows to people."""
    mode = read_app_mode(page) if isinstance(page, dict) else None
    for entry in mode.inputs if mode else ():
        node = named.sockets.graph.nodes.get(entry.node)
        if node is not None and entry.widget in node.inputs and not isinstance(node.inputs[entry.widget], Link):
            place = (entry.node, entry.widget)
            if place not in named.taken():
                named.add(named.free_name(entry.widget), [place], "page")


def _add_found(named: _Named, declaration: Declaration) -> None:
    """What nobody named: prompts, pictures, seeds."""
    prompts = find_prompts(named.sockets.graph, named.sockets.catalog)
    if not named.has_text():
        for name, places in (("prompt", prompts.positive), ("negative_prompt", prompts.negative)):
            named.add(name, places, "found")
    for place in _pictures(named, declaration):
        if place not in named.taken():
            named.add(named.free_name("image"), [place], "found")
    if "seed" not in named.found:
        named.add("seed", prompts.seeds, "found")


def _pictures(named: _Named, declaration: Declaration) -> Iterator[Place]:
    """The places of pictures: those of the nodes that the author lists first, in that order."""
    places = named.sockets.pictures()
    for wanted in image_ids(declaration.image_ids):
        yield from (place for place in places if place[0] == wanted)
    yield from places
