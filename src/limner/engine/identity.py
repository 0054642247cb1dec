"""The fingerprints of a run's nodes, from their sources up."""

from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from itertools import count
from os import urandom
from types import MappingProxyType
from typing import Any

from limner.engine.events import NodePlace
from limner.engine.fingerprint import SIZE, Key, UnequalError, canonical, fingerprint
from limner.engine.overlay import Overlay
from limner.graph.errors import UnknownNameError
from limner.graph.graph import Node
from limner.graph.node_type import NodeType

Contribute = Callable[[NodePlace, Node], Any]
"""Asks a node's own function what else makes a difference; NaN: it equals nothing."""


class Identities:
    """Knows the fingerprint of every node it was asked for.

    Attributes:
        keys: By node id.
        ephemeral: Nodes that equal nothing, or descend from one: their results are useless after the run.
    """

    def __init__(
        self,
        overlay: Overlay,
        types: Mapping[str, NodeType],
        contribute: Contribute,
        salt: bytes = b"",
        owned: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self.keys: dict[str, Key] = {}
        self.ephemeral: set[str] = set()
        self._overlay, self._types, self._contribute, self._salt = overlay, types, contribute, salt
        self._owned = owned
        """What is added for node types whose results belong to somebody."""
        self._unequal, self._counter = urandom(SIZE), count()

    def type_of(self, name: str) -> NodeType:
        """The type of a node.

        Raises:
            GraphError: if there is no such node.
            UnknownNameError: if nobody can run its type.
        """
        type_name = self._overlay.node(name).type
        try:
            return self._types[type_name]
        except KeyError:
            raise UnknownNameError("node type", type_name, self._types, "Install what provides it.") from None

    def identify(self, names: Iterable[str]) -> None:
        """Computes the fingerprints of nodes and of all their ancestors, lazy ones included.

        Nodes on a cycle get a fingerprint that equals nothing; scheduling finds the cycle. Cost: linear.

        Raises:
            GraphError: if a link leads nowhere.
            UnknownNameError: if nobody can run a node's type.
            InterruptedRun: if the run was asked to stop.
        """
        keys = self.keys
        stack = [name for name in names if name not in keys]
        entered: set[str] = set()
        while stack:
            name = stack[-1]
            if name in keys:
                stack.pop()
                continue
            if name not in entered:
                entered.add(name)
                missing = [link.source for _, link in self._overlay.node(name).links() if link.source not in keys]
                if missing:
                    stack += missing
                    continue
            # All sources are known now, except those of which this node is an ancestor: a cycle.
            stack.pop()
            keys[name] = self._key(name)

    def forget(self, names: Iterable[str]) -> None:
        """Forgets nodes that were replaced."""
        for name in names:
            self.keys.pop(name, None)
            self.ephemeral.discard(name)

    def _key(self, name: str) -> Key:
        node, node_type = self._overlay.node(name), self.type_of(name)
        sources = [link.source for _, link in node.links()]
        try:
            if any(source not in self.keys for source in sources):
                raise UnequalError("a node on a cycle equals nothing")
            key = fingerprint(node_type, node.inputs.items(), self.keys, self._extra(name, node, node_type))
        except UnequalError:
            self.ephemeral.add(name)
            return blake2b(self._unequal + b"%d" % next(self._counter), digest_size=SIZE).digest()
        if not self.ephemeral.isdisjoint(sources):
            self.ephemeral.add(name)
        return key

    def _extra(self, name: str, node: Node, node_type: NodeType) -> bytes:
        extra = self._salt + self._owned.get(node.type, b"")
        if not node_type.idempotent or (node_type.hidden and "UNIQUE_ID" in node_type.hidden.values()):
            extra += b"@" + canonical(name)
        if node_type.asks_fingerprint:
            extra += b"+" + canonical(self._contribute(self._overlay.place(name), node))
        return extra
