"""What a recipe is, and the graph that it writes: nodes with titles, and which widget plays which role."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from limner.dialects.recipes.family_settings import FamilySettings
from limner.graph.api_document import to_document
from limner.graph.graph import Graph, Link, Node

CHECKPOINTS, NETWORKS = "checkpoints", "diffusion_models"
"""Kinds of files that draw: with all that belongs to them, and networks alone."""

LORAS = "lora.list"
"""The role of the LoRAs: a list of ``{"name", "strength"}``."""

REFERENCES = "image.reference"
"""The role of the pictures that a model looks at beside the first: a list of their names."""


@dataclass(frozen=True, kw_only=True)
class DrawingModel:
    """A model that draws.

    Attributes:
        name: As loaders list it.
        kind: CHECKPOINTS or NETWORKS.
        family: Its family's name; empty: nobody knows.
        variant: ``inpainting`` or ``instructions``, if it was made for that.
        settings: What it draws well with.
        texts: Its text encoders' files, in order; a network's alone.
        autoencoder: Likewise.
        missing: Words for what is not there of those.
        recommended: What people who know it say, by role; where it is silent, its family's settings count.
    """

    name: str
    kind: str
    family: str
    variant: str
    settings: FamilySettings
    texts: tuple[str, ...] = ()
    autoencoder: str = ""
    missing: tuple[str, ...] = ()
    recommended: Mapping[str, Any] = field(default_factory=dict)

    @property
    def edits(self) -> bool:
        """Whether it edits pictures by instruction."""
        return self.settings.shows or self.variant == "instructions"

    @property
    def compares(self) -> bool:
        """Whether it looks at several pictures when it edits."""
        return self.settings.shows and self.variant != "instructions"


@dataclass(frozen=True)
class Wanted:
    """What a graph is asked for.

    Attributes:
        model: That draws.
        values: By role; roles that a task does not have pass by.
    """

    model: DrawingModel
    values: Mapping[str, Any] = field(default_factory=dict)

    def value(self, role: str, default: Any) -> Any:
        """What was said of a role, else what is recommended for the model, else the default."""
        known = (self.values.get(role), self.model.recommended.get(role))
        return next((said for said in known if said is not None), default)


class Draft:
    """A graph on its way.

    Args:
        wanted: What it is for; its values go to the widgets of their roles.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.roles: dict[str, list[dict[str, str]]] = {}
        self._nodes: dict[str, Node] = {}

    def add(self, kind: str, title: str, roles: Mapping[str, str] | None = None, **inputs: Any) -> str:
        """Adds a node and returns its id.

        Args:
            kind: Its type.
            title: What people read on it.
            roles: The roles of its inputs, by input; what was said of a role takes the place of the input's value.
            inputs: Its inputs.
        """
        name = str(len(self._nodes) + 1)
        for widget, role in (roles or {}).items():
            inputs[widget] = self.wanted.value(role, inputs[widget])
            self.roles.setdefault(role, []).append({"node": name, "widget": widget})
        self._nodes[name] = Node(type=kind, inputs=inputs, title=title)
        return name

    def mark(self, role: str, node: str, widget: str) -> None:
        """Says that a widget plays a role, whatever its value came from."""
        self.roles.setdefault(role, []).append({"node": node, "widget": widget})

    def document(self) -> dict[str, Any]:
        """The graph in ComfyUI's API form."""
        return to_document(Graph(self._nodes))


@dataclass(frozen=True)
class Recipe:
    """A task that models do.

    Attributes:
        task: Its name.
        title: What people read.
        build: Writes its graph.
        suits: Which models do it.
        order: Where it stands in lists.
    """

    task: str
    title: str
    build: Callable[[Draft], None]
    suits: Callable[[DrawingModel], bool] = field(default=lambda _: True)
    order: int = 0

    def draft(self, wanted: Wanted) -> Draft:
        """Its graph."""
        made = Draft(wanted)
        self.build(made)
        return made


@dataclass(frozen=True)
class Loaded:
    """Links to what a model's loader gives."""

    network: Link
    texts: Link
    autoencoder: Link


def named_loras(values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The LoRAs that values name."""
    said = values.get(LORAS)
    return [one for one in said if isinstance(one, Mapping) and one.get("name")] if isinstance(said, list) else []


def named_references(values: Mapping[str, Any]) -> Sequence[str]:
    """The reference pictures that values name."""
    said = values.get(REFERENCES)
    return [one for one in said if isinstance(one, str) and one] if isinstance(said, list) else []
