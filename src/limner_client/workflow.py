"""A workflow: nodes that lead to the outputs one wants, as the document that servers take."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from limner_client.errors import ClientError
from limner_client.nodes import Node, Output, as_link


class Workflow:
    """Nodes in the order of their documents.

    workflow = Workflow.of(save)                   # built from nodes
    workflow = Workflow.load("workflow_api.json")  # or read, and then changed
    workflow.find(class_type="KSampler").inputs["seed"] = 7
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes: dict[str, Node] = dict(nodes)

    @classmethod
    def of(cls, *targets: Node | Output) -> Workflow:
        """Everything that the targets need, sources first.

        Nodes without an id get the numbers 1, 2, 3 ...

        Raises:
            ClientError: if two nodes have the same id, or nodes need each other.
        """
        ordered = _ordered([target.node if isinstance(target, Output) else target for target in targets])
        taken = {node.id for node in ordered if node.id is not None}
        free = (str(number) for number in range(1, len(ordered) + len(taken) + 1) if str(number) not in taken)
        nodes: dict[str, Node] = {}
        for node in ordered:
            name = node.id if node.id is not None else next(free)
            if name in nodes:
                raise ClientError(f"Two nodes have the id {name!r}: {nodes[name]!r} and {node!r}.")
            nodes[name] = node
        return cls(nodes)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Workflow:
        """A workflow from an API document.

        Raises:
            ClientError: if it is none.
        """
        if not all(isinstance(entry, Mapping) and "class_type" in entry for entry in document.values()):
            raise ClientError(
                "Expected a workflow in API format ({id: {class_type, inputs}}). A file saved by a graph editor is "
                "converted with `limner convert`, and servers of Limner take it as it is: submit the dict itself."
            )
        nodes = {
            str(name): Node(entry["class_type"], title=(entry.get("_meta") or {}).get("title"), node_id=str(name))
            for name, entry in document.items()
        }
        for name, entry in document.items():
            inputs = entry.get("inputs") or {}
            nodes[str(name)].inputs = {key: _linked(value, nodes) for key, value in inputs.items()}
        return cls(nodes)

    @classmethod
    def load(cls, path: str | Path) -> Workflow:
        """A workflow from a file in API format."""
        return cls.from_document(json.loads(Path(path).read_text(encoding="utf-8")))

    def find(self, *, title: str | None = None, class_type: str | None = None) -> Node:
        """The only node of that title or class.

        Raises:
            ClientError: if there is none, or more than one.
        """
        found = [
            node
            for node in self.nodes.values()
            if title in (None, node.title) and class_type in (None, node.class_type)
        ]
        if len(found) != 1:
            what = " and ".join(f"{key} {value!r}" for key, value in (("title", title), ("class", class_type)) if value)
            raise ClientError(f"{len(found)} nodes have {what or 'any title'}; expected one. There are {[*self]}.")
        return found[0]

    def to_document(self) -> dict[str, Any]:
        """The API document.

        Raises:
            ClientError: if a node is linked that is not part of the workflow.
        """
        names = {id(node): name for name, node in self.nodes.items()}
        return {name: _entry(node, names) for name, node in self.nodes.items()}

    def save(self, path: str | Path) -> None:
        """Writes the API document."""
        Path(path).write_text(json.dumps(self.to_document(), indent=2), encoding="utf-8")

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]


def document_of(workflow: Workflow | Node | Output | Mapping[str, Any]) -> dict[str, Any]:
    """The document of anything that can be submitted."""
    if isinstance(workflow, Node | Output):
        workflow = Workflow.of(workflow)
    return workflow.to_document() if isinstance(workflow, Workflow) else dict(workflow)


def _ordered(targets: list[Node]) -> list[Node]:
    """The targets and their ancestors, sources first."""
    ordered: list[Node] = []
    state: dict[int, bool] = {}
    stack = [(node, False) for node in reversed(targets)]
    while stack:
        node, left = stack.pop()
        if left:
            state[id(node)] = True
            ordered.append(node)
        elif id(node) not in state:
            state[id(node)] = False
            stack.append((node, True))
            sources = [output.node for _, output in node.links()]
            open_sources = [source for source in sources if state.get(id(source)) is False]
            if open_sources:
                raise ClientError(f"{node!r} and {open_sources[0]!r} need each other.")
            stack += [(source, False) for source in reversed(sources)]
    return ordered


def _linked(value: Any, nodes: Mapping[str, Node]) -> Any:
    is_link = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)
    return Output(nodes[value[0]], value[1]) if is_link and value[0] in nodes else value


def _entry(node: Node, names: Mapping[int, str]) -> dict[str, Any]:
    inputs = {}
    for name, value in node.inputs.items():
        linked = as_link(value)
        if linked is None:
            # A list alone would be taken for a link.
            inputs[name] = {"__value__": value} if _is_ambiguous(value) else value
        elif id(linked.node) in names:
            inputs[name] = [names[id(linked.node)], linked.index]
        else:
            raise ClientError(f"{node!r}.{name} is linked to {linked.node!r}, which is not part of the workflow.")
    title = {"_meta": {"title": node.title}} if node.title else {}
    return {"class_type": node.class_type, "inputs": inputs, **title}


def _is_ambiguous(value: Any) -> bool:
    return isinstance(value, list | tuple) and not (
        len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)
    )
