"""What an input of an app takes: told by the socket that it goes to, and by the value that stands there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from limner.dialects.apps.placeholders import PLACEHOLDER, is_whole
from limner.dialects.apps.records import AppInput, Kind
from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import LimnerError
from limner.graph.graph import Graph, Link
from limner.graph.node_type import Input
from limner.graph.prompts import Place

PICTURES = "input pictures"
"""The list that nodes choose pictures from which users bring."""

SEEDS = frozenset({"seed", "noise_seed"})
MOST_CHOICES = 2000

_KINDS: dict[str, Kind] = {"INT": "integer", "FLOAT": "number", "BOOLEAN": "boolean", "STRING": "text"}


@dataclass(frozen=True)
class Sockets:
    """Describes inputs of a graph.

    Attributes:
        graph: The workflow.
        catalog: What the worker can do.
        lists: Named lists of choices.
        exists: Says whether a file of the user exists.
    """

    graph: Graph
    catalog: Catalog
    lists: Lists
    exists: Callable[[str], bool]

    def describe(self, name: str, places: Sequence[Place], source: str) -> AppInput:
        """An input that goes to some places, as the first of them has it."""
        node, key = places[0]
        entry, value = self._entry(places[0]), self.graph.nodes[node].inputs.get(key)
        kind = self.kind(places[0])
        default = self._default(entry, kind, value)
        options = entry.options if entry is not None else {}
        bounded = kind in ("integer", "number")
        random = kind == "integer" and not SEEDS.isdisjoint((key, name))
        return AppInput(
            name=name,
            kind=kind,
            places=tuple(places),
            default=None if random else default,
            required=not random and default is None,
            least=options.get("min") if bounded else None,
            most=options.get("max") if bounded else None,
            choices=self._choices(entry) if kind == "choice" else (),
            description=str(options.get("tooltip") or ""),
            random=random,
            source=source,
        )

    def kind(self, place: Place) -> Kind:
        """What a place takes. A placeholder within a text is text."""
        node, key = place
        entry, value = self._entry(place), self.graph.nodes[node].inputs.get(key)
        if isinstance(value, str) and PLACEHOLDER.search(value) and not is_whole(value):
            return "text"
        if entry is not None and entry.type == "COMBO":
            return _file_kind(entry) or "choice"
        if entry is not None:
            return _KINDS.get(entry.type, "text")
        return _kind_of_value(value, self.graph.nodes[node].type, key)

    def pictures(self) -> list[Place]:
        """The places of all pictures that users bring, in the order of the nodes."""
        return [
            (name, key)
            for name, node in self.graph.nodes.items()
            for key, value in node.inputs.items()
            if not isinstance(value, Link) and self.kind((name, key)) == "image"
        ]

    def _entry(self, place: Place) -> Input | None:
        kind = self.catalog.nodes.get(self.graph.nodes[place[0]].type)
        return kind.input(place[1]) if kind is not None else None

    def _choices(self, entry: Input | None) -> tuple[Any, ...]:
        try:
            return tuple(self.catalog.choices(entry, self.lists))[:MOST_CHOICES] if entry is not None else ()
        except (LimnerError, LookupError, OSError):
            return ()

    def _default(self, entry: Input | None, kind: Kind, value: Any) -> Any:
        if is_whole(value) or isinstance(value, Link):
            plain = entry is not None and kind not in ("text", "image", "file")
            value = entry.options.get("default") if entry is not None and plain else None
        elif isinstance(value, str) and PLACEHOLDER.search(value):
            return None
        if kind in ("image", "file"):
            return value if isinstance(value, str) and value and self.exists(value) else None
        if kind == "choice":
            choices = self._choices(entry)
            return value if value in choices else choices[0] if choices and value is None else value
        return value


def _file_kind(entry: Input) -> Kind | None:
    """What kind of file an input chooses, or None if it chooses something else."""
    if entry.choices_from == PICTURES or entry.options.get("image_upload"):
        return "image"
    uploads = any(entry.options.get(f"{kind}_upload") for kind in ("video", "audio", "file"))
    return "file" if uploads or (entry.choices_from or "").startswith("input ") else None


def _kind_of_value(value: Any, kind: str, key: str) -> Kind:
    """What a place of an unknown node takes, by what stands there."""
    if key == "image" and isinstance(value, str) and "LoadImage" in kind:
        return "image"
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "number" if isinstance(value, float) else "text"
