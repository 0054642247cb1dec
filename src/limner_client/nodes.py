"""Uses of node types, and what links them: the bricks of a workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner_client.errors import ClientError


@dataclass(frozen=True)
class Output:
    """One output of a node; given as an input of another one, it is a link.

    Attributes:
        node: Whose output it is.
        index: Its number, from 0.
        name: Its label.
        type: Its socket type, ``IMAGE`` for instance.
    """

    node: Node
    index: int
    name: str = ""
    type: str = "*"


class Node:
    """A use of a node type.

        loaded = Node("CheckpointLoaderSimple", {"ckpt_name": "a.safetensors"}, [("MODEL", "MODEL"), ("CLIP", "CLIP")])
        model, clip = loaded
        latent = Node("KSampler", {"model": model, ...})

    A node given as an input stands for its first output. Inputs may be changed until the workflow is sent.
    """

    def __init__(
        self,
        class_type: str,
        inputs: Mapping[str, Any] | None = None,
        outputs: Sequence[tuple[str, str]] = (),
        *,
        title: str | None = None,
        node_id: str | None = None,
    ) -> None:
        """Makes a node.

        Args:
            class_type: Its class.
            inputs: Values, Outputs or Nodes by name. None is left out.
            outputs: Name and socket type of each output; without them any output may be taken by number.
            title: What people see.
            node_id: Its id in the document; given by the workflow if absent.
        """
        self.class_type, self.title, self.id = class_type, title, node_id
        self.inputs: dict[str, Any] = {name: value for name, value in (inputs or {}).items() if value is not None}
        self._outputs = tuple(Output(self, index, name, kind) for index, (name, kind) in enumerate(outputs))

    @property
    def outputs(self) -> tuple[Output, ...]:
        """All outputs that are known."""
        return self._outputs

    def out(self, which: int | str = 0) -> Output:
        """An output by number or by name.

        Raises:
            ClientError: if there is none.
        """
        if isinstance(which, int):
            if which < len(self._outputs):
                return self._outputs[which]
            if not self._outputs and which >= 0:
                return Output(self, which)
        found = next((output for output in self._outputs if output.name == which), None)
        if found is None:
            names = ", ".join(output.name for output in self._outputs) or "none"
            raise ClientError(f"{self.class_type} has no output {which!r}; it has {names}.")
        return found

    def links(self) -> Iterator[tuple[str, Output]]:
        """Inputs that come from other nodes."""
        for name, value in self.inputs.items():
            linked = as_link(value)
            if linked is not None:
                yield name, linked

    def __iter__(self) -> Iterator[Output]:
        return iter(self._outputs)

    def __getitem__(self, which: int | str) -> Output:
        return self.out(which)

    def __repr__(self) -> str:
        return f"<{self.class_type}{f' {self.title!r}' if self.title else ''}>"


def as_link(value: Any) -> Output | None:
    """The output that an input's value stands for, or None if it is a constant."""
    return value.out() if isinstance(value, Node) else value if isinstance(value, Output) else None
