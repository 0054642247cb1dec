"""What a class of node says about itself, checked, and how clients see it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from comfy_api.latest._declarations import ABSENT, DeclaredInput, Input, Leaf, Output
from comfy_api.latest._dynamic import DynamicInput, input_dict, refuse_repeated
from comfy_api.latest._matching import MatchType
from comfy_api.latest._options import Hidden

_log = logging.getLogger(__name__)


@dataclass
class Schema:
    """A node's declaration.

    Attributes:
        node_id: The class name that prompts use; unique over all packs.
        display_name: What people see; None: the node_id.
        category: Menu path.
        hidden: Values that the engine provides, read as ``cls.hidden.<name>``.
        search_aliases: Further words that people find it by.
        is_input_list: One call with whole lists instead of one call per item.
        is_output_node: Prompts are run for the sake of such nodes.
        not_idempotent: Equal inputs at two places are two results.
        enable_expand: It may return further nodes.
        accept_all_inputs: Inputs that are not declared are passed to ``execute`` too.
        has_intermediate_output: It shows something though no prompt is run for its sake.
    """

    node_id: str
    display_name: str | None = None
    category: str = "sd"
    inputs: list[Input] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    description: str = ""
    search_aliases: list[str] = field(default_factory=list)
    is_input_list: bool = False
    is_output_node: bool = False
    is_deprecated: bool = False
    is_experimental: bool = False
    is_dev_only: bool = False
    is_api_node: bool = False
    price_badge: Any = None
    not_idempotent: bool = False
    enable_expand: bool = False
    accept_all_inputs: bool = False
    essentials_category: str | None = None
    has_intermediate_output: bool = False

    def validate(self) -> None:
        """Checks everything.

        Raises:
            ValueError: if ids are missing or repeated, or a declaration makes no sense.
            TypeError: if something is no declaration.
        """
        if not isinstance(self.node_id, str) or not self.node_id.strip():
            raise ValueError(f"A node needs a node_id that is a text; this one has {self.node_id!r}.")
        self._check_kinds()
        try:
            refuse_repeated([entry.id for entry in self.inputs], "inputs")
            refuse_repeated([entry.id for entry in self.outputs if entry.id is not None], "outputs")
            for entry in (*self.inputs, *self.outputs):
                entry.validate()
        except ValueError as error:
            raise ValueError(f"Node {self.node_id!r}: {error}") from None
        if not self.outputs and not self.is_output_node:
            _log.warning("Node %r can never run: it has no outputs and is no output node.", self.node_id)

    def _check_kinds(self) -> None:
        for role, kind in (("inputs", Input), ("outputs", Output)):
            for entry in getattr(self, role):
                if not isinstance(entry, kind):
                    what = "a class: add ()" if isinstance(entry, type) else f"{type(entry).__name__}"
                    message = f"Node {self.node_id!r}: expected io.<Type>.{kind.__name__}(...) in {role}, got {what}."
                    raise TypeError(message)

    def finalize(self) -> None:
        """Completes what follows from other fields: hidden values, ids of outputs."""
        self.inputs, self.outputs = list(self.inputs or ()), list(self.outputs or ())
        wanted = [_hidden(entry) for entry in self.hidden or ()]
        if self.is_api_node:
            wanted += [Hidden.auth_token_comfy_org, Hidden.api_key_comfy_org]
        if self.is_output_node:
            wanted += [Hidden.prompt, Hidden.extra_pnginfo]
        self.hidden = list(dict.fromkeys(wanted))

    # What the engine needs

    def declared(self) -> Iterator[DeclaredInput]:
        """All keys of a prompt that belong to some input."""
        for entry in self.inputs:
            yield from entry.declared(entry.id)

    def nested(self, values: Mapping[str, Any], leaf: Leaf = lambda _, value: value) -> dict[str, Any]:
        """Inputs as the node receives them.

        Args:
            values: By the keys of a prompt.
            leaf: Makes what is received inside of dynamic inputs from a key and its value.
        """
        found = {
            entry.id: entry.nested(entry.id, values, leaf if isinstance(entry, DynamicInput) else _same)
            for entry in self.inputs
        }
        received = {name: value for name, value in found.items() if value is not ABSENT}
        return self._others(values) | received

    def _others(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values under keys that belong to no input: undeclared links, or anything where all is accepted."""
        dynamic = {entry.id for entry in self.inputs if isinstance(entry, DynamicInput)}
        return {name: value for name, value in values.items() if name.split(".")[0] not in dynamic}

    def problems(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What is wrong with the keys of a prompt: the input, and a sentence."""
        for entry in self.inputs:
            for sentence in entry.problems(entry.id, values):
                yield entry.id, sentence

    @property
    def is_dynamic(self) -> bool:
        """Whether some input stands for several keys."""
        return any(isinstance(entry, DynamicInput) for entry in self.inputs)

    # What clients see

    def get_v1_info(self, cls: Any) -> NodeInfoV1:
        """The node as ``/object_info`` shows it."""
        inputs = input_types(self)
        matched = [
            entry.template.template_id if isinstance(entry, MatchType.Output) else None for entry in self.outputs
        ]
        return NodeInfoV1(
            input=inputs,
            input_order={category: list(entries) for category, entries in inputs.items()},
            is_input_list=self.is_input_list,
            output=[entry.get_io_type() for entry in self.outputs],
            output_is_list=[entry.is_output_list for entry in self.outputs],
            output_name=[entry.label for entry in self.outputs],
            output_tooltips=[entry.tooltip for entry in self.outputs],
            output_matchtypes=matched if any(matched) else None,
            name=self.node_id,
            display_name=self.display_name,
            description=self.description,
            python_module=getattr(cls, "RELATIVE_PYTHON_MODULE", None) or "nodes",
            category=self.category,
            output_node=self.is_output_node,
            has_intermediate_output=self.has_intermediate_output,
            deprecated=self.is_deprecated,
            experimental=self.is_experimental,
            dev_only=self.is_dev_only,
            api_node=self.is_api_node,
            price_badge=self.price_badge.as_dict() if hasattr(self.price_badge, "as_dict") else self.price_badge,
            search_aliases=list(self.search_aliases or ()),
            essentials_category=self.essentials_category,
        )


@dataclass
class NodeInfoV1:
    """A node as ``/object_info`` shows it."""

    input: dict[str, Any]
    input_order: dict[str, list[str]]
    is_input_list: bool
    output: list[str]
    output_is_list: list[bool]
    output_name: list[str]
    output_tooltips: list[str | None]
    output_matchtypes: list[str | None] | None
    name: str
    display_name: str | None
    description: str
    python_module: str
    category: str
    output_node: bool
    has_intermediate_output: bool
    deprecated: bool
    experimental: bool
    dev_only: bool
    api_node: bool
    price_badge: Any
    search_aliases: list[str]
    essentials_category: str | None

    def as_dict(self) -> dict[str, Any]:
        """What is sent; keys that few nodes have are left out where they say nothing."""
        rare = ("output_matchtypes", "price_badge", "essentials_category")
        return {name: value for name, value in asdict(self).items() if value is not None or name not in rare}


def input_types(schema: Schema, include_hidden: bool = True) -> dict[str, Any]:
    """Inputs in the form of classic classes; hidden values as tuples of one."""
    listed: dict[str, Any] = input_dict(schema.inputs)
    if include_hidden and schema.hidden:
        listed["hidden"] = {entry.name: (entry.value,) for entry in schema.hidden}
    return listed


def _same(_: str, value: Any) -> Any:
    return value


def _hidden(entry: Any) -> Hidden:
    """A hidden value by its member, kind or name."""
    if isinstance(entry, str) and entry in Hidden.__members__:
        return Hidden[entry]
    return Hidden(entry)


@dataclass
class PriceBadgeDepends:
    """What a price depends on: names of widgets, inputs and groups of inputs."""

    widgets: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    input_groups: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """What clients get."""
        return asdict(self)


@dataclass
class PriceBadge:
    """What a node costs, as an expression that clients evaluate."""

    expr: str
    depends_on: PriceBadgeDepends = field(default_factory=PriceBadgeDepends)
    engine: str = "jsonata"

    def as_dict(self) -> dict[str, Any]:
        """What clients get."""
        return asdict(self)


@dataclass
class NodeReplace:
    """Says that a node of old prompts is another one now.

    Attributes:
        new_node_id: What it is now.
        old_node_id: What prompts call it.
        old_widget_ids: The old node's widgets in order, for prompts that hold values by position.
        input_mapping: ``{"new_id", "old_id"}`` or ``{"new_id", "set_value"}`` for each input.
        output_mapping: ``{"new_idx", "old_idx"}`` for each output.
    """

    new_node_id: str
    old_node_id: str
    old_widget_ids: list[str] | None = None
    input_mapping: list[Mapping[str, Any]] | None = None
    output_mapping: list[Mapping[str, Any]] | None = None

    def as_dict(self) -> dict[str, Any]:
        """What clients get."""
        return asdict(self)
