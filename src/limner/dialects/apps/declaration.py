"""What an app's author says of it, read from JSON and laid over what was found in the workflow."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from limner.dialects.apps.records import INPUT_NAME, AppInput, Declaration, DeclaredInput
from limner.graph.catalog import Catalog
from limner.graph.errors import DocumentError, UnknownNameError
from limner.graph.graph import Graph, Link
from limner.graph.node_type import ANY, VALUE_TYPES
from limner.graph.prompts import Place, named_node

FIELDS = frozenset(Declaration.__struct_fields__)


def read_declaration(written: Any) -> Declaration:
    """A declaration from what JSON decodes to; null means that nothing is said.

    Raises:
        DocumentError: if it is none; names the field.
    """
    if written is None:
        return Declaration()
    try:
        declaration = msgspec.convert(_without_nulls(written), Declaration, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        raise DocumentError(f"The declaration cannot be read: {str(error).replace('`', '')}.") from error
    names = [entry.name for entry in declaration.inputs]
    for name in names:
        if not INPUT_NAME.fullmatch(name):
            raise DocumentError(f"{name!r:.80} cannot be an input's name: use letters, digits and _, no digit first.")
        if names.count(name) > 1:
            raise DocumentError(f"The declaration has two inputs named {name!r}.")
    return declaration


def _without_nulls(written: Any) -> Any:
    """Null means "not given" in the declaration and in its inputs."""
    if not isinstance(written, Mapping):
        return written
    known = {key: value for key, value in written.items() if value is not None}
    inputs = known.get("inputs")
    if isinstance(inputs, list):
        known["inputs"] = [_without_nulls(entry) for entry in inputs]
    return known


def image_ids(written: str | Sequence[str | int]) -> list[str]:
    """Node ids from a list, or from a text such as ``69,35,87``."""
    parts = written.split(",") if isinstance(written, str) else map(str, written)
    return [part.strip() for part in parts if part.strip()]


def places_of(entry: DeclaredInput, graph: Graph, catalog: Catalog) -> list[Place]:
    """The places that an author gives an input.

    Raises:
        UnknownNameError: if there is no such node, or it has no such input.
        DocumentError: if what is linked there cannot be typed in.
    """
    pairs = [(str(entry.node), entry.input or entry.name)] if entry.node is not None else []
    for place in entry.places:
        node, _, key = place.rpartition(".")
        pairs.append((node, key))
    return [_place(_node(node, graph), key, graph, catalog) for node, key in pairs]


def _place(name: str, key: str, graph: Graph, catalog: Catalog) -> Place:
    node = graph.nodes[name]
    kind = catalog.nodes.get(node.type)
    declared = {entry.name: entry.type for entry in kind.inputs} if kind is not None else {}
    if key not in declared and key not in node.inputs:
        known = dict.fromkeys([*node.inputs, *declared])
        raise UnknownNameError(f"input of node {name} ({node.type})", key, known, f"Inputs: {', '.join(known)}.")
    if isinstance(node.inputs.get(key), Link) and declared.get(key, ANY) not in VALUE_TYPES:
        raise DocumentError(f"Input {key!r} of node {name} ({node.type}) is linked and takes no value that is sent.")
    return name, key


def _node(named: str, graph: Graph) -> str:
    found = named_node(graph, named)
    if found is None:
        known = [*graph.nodes, *(node.title or node.type for node in graph.nodes.values())]
        raise UnknownNameError("node", named, known, "The declaration names nodes of the workflow by id or title.")
    return found


def output_nodes(declaration: Declaration, graph: Graph) -> tuple[str, ...]:
    """The output nodes that an author lists.

    Raises:
        UnknownNameError: if there is no such node.
    """
    return tuple(_node(str(named), graph) for named in declaration.outputs)


def refined(found: Mapping[str, AppInput], declared: Sequence[DeclaredInput]) -> dict[str, AppInput]:
    """The inputs as their author describes them, those that are described first.

    Raises:
        UnknownNameError: if an input is described that nothing in the workflow names.
    """
    first: dict[str, AppInput] = {}
    for entry in declared:
        if entry.name not in found:
            advice = "Give its node and input, or write {{name}} or a title $name in the workflow."
            raise UnknownNameError("input", entry.name, found, advice)
        first[entry.name] = _refined(found[entry.name], entry)
    return first | {name: entry for name, entry in found.items() if name not in first}


def _refined(found: AppInput, said: DeclaredInput) -> AppInput:
    changes: dict[str, Any] = {}
    if said.type is not None:
        changes["kind"] = said.type
    if said.default is not None:
        changes |= {"default": said.default, "required": False, "random": False}
    for name, value in (("least", said.min), ("most", said.max), ("choices", said.choices)):
        if value not in (None, ()):
            changes[name] = value
    if said.description:
        changes["description"] = said.description
    if said.choices and said.type is None:
        changes["kind"] = "choice"
    if said.required is not None:
        changes |= {"required": said.required} | ({"default": None, "random": False} if said.required else {})
    return msgspec.structs.replace(found, **changes)
