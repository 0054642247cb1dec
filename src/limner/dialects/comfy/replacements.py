"""Node types that took the place of others: what ``/node_replacements`` lists, and how a prompt is changed by it.

A replacement says which input of the new type takes what an input of the old type had (``old_id``) or a value of its
own (``set_value``), and which output stands for which. What it does not mention is gone; without a mapping names and
numbers stay.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import msgspec


class InputMapping(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An input of the new type: from an input of the old one, or with a value of its own."""

    new_id: str
    old_id: str | msgspec.UnsetType = msgspec.UNSET
    set_value: Any = msgspec.UNSET


class OutputMapping(msgspec.Struct, frozen=True, kw_only=True):
    """An output of the new type and the one of the old type that it stands for."""

    new_idx: int
    old_idx: int


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """A node type that takes the place of another one.

    Attributes:
        new_node_id: The type that is used.
        old_node_id: The type that is gone.
        old_widget_ids: Names of the old type's widgets in the order of their values in saved files, if it is known.
        input_mapping: Where inputs get their values from; None: names stay.
        output_mapping: Where links lead; None: numbers stay.
    """

    new_node_id: str
    old_node_id: str
    old_widget_ids: tuple[str, ...] | None = None
    input_mapping: tuple[InputMapping, ...] | None = None
    output_mapping: tuple[OutputMapping, ...] | None = None


Table = Mapping[str, Sequence[Replacement]]
"""Replacements by old type, the preferred one first."""


def read_table(entries: Iterable[Mapping[str, Any]]) -> dict[str, list[Replacement]]:
    """A table from replacements as data; what is no replacement is left out."""
    table: dict[str, list[Replacement]] = {}
    for entry in entries:
        try:
            found = msgspec.convert(entry, Replacement)
        except msgspec.ValidationError:
            continue
        table.setdefault(found.old_node_id, []).append(found)
    return table


def replacements_body(table: Table) -> dict[str, list[Any]]:
    """The body of ``/node_replacements``."""
    return {old: [msgspec.to_builtins(found) for found in table[old]] for old in table}


def replace_nodes(
    document: Mapping[str, Any], table: Table, known: Container[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The prompt with nodes of unknown types replaced, and the old type of each node that was; the argument stays.

    A type is replaced by the first entry of the table whose new type is known. What is no node is left for the check.

    Args:
        document: A prompt in API form.
        table: Replacements by old type.
        known: The types that there are.
    """
    chosen = {name: found for name, node in document.items() if (found := _replacement(node, table, known))}
    if not chosen:
        return dict(document), {}
    moved = {name: _moves(found) for name, found in chosen.items()}
    changed: dict[str, Any] = {}
    for name, node in document.items():
        fresh = _replaced(node, chosen[name]) if name in chosen else node
        changed[name] = _relinked(fresh, moved)
    return changed, {name: found.old_node_id for name, found in chosen.items()}


def _replacement(node: Any, table: Table, known: Container[str]) -> Replacement | None:
    kind = node.get("class_type") if isinstance(node, Mapping) else None
    if not isinstance(kind, str) or kind in known:
        return None
    return next((found for found in table.get(kind, ()) if found.new_node_id in known), None)


def _replaced(node: Mapping[str, Any], found: Replacement) -> dict[str, Any]:
    """The node as one of the new type."""
    inputs = node.get("inputs")
    fresh = dict(node) | {"class_type": found.new_node_id}
    if found.input_mapping is None or not isinstance(inputs, Mapping):
        return fresh
    named: dict[str, Any] = {}
    for mapping in found.input_mapping:
        if mapping.set_value is not msgspec.UNSET:
            named[mapping.new_id] = mapping.set_value
        elif mapping.old_id in inputs:
            named[mapping.new_id] = inputs[mapping.old_id]
    return fresh | {"inputs": named}


def _moves(found: Replacement) -> dict[int, int] | None:
    """The new number of each output of the old type; None: numbers stay."""
    if found.output_mapping is None:
        return None
    return {mapping.old_idx: mapping.new_idx for mapping in found.output_mapping}


def _relinked(node: Any, moved: Mapping[str, Mapping[int, int] | None]) -> Any:
    """The node with its links to replaced nodes led to their new outputs."""
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    if not isinstance(inputs, Mapping):
        return node
    return dict(node) | {"inputs": {name: _link(value, moved) for name, value in inputs.items()}}


def _link(value: Any, moved: Mapping[str, Mapping[int, int] | None]) -> Any:
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str) or type(value[1]) is not int:
        return value
    moves = moved.get(value[0])
    return [value[0], moves.get(value[1], value[1])] if moves is not None else value
