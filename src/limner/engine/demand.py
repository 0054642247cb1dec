"""What a run needs and for how long: which nodes have to run, and which results have to stay until then."""

from collections.abc import Iterable, Sequence
from typing import Any

from limner.engine.agenda import Agenda
from limner.engine.backend import Session
from limner.engine.fingerprint import Key
from limner.engine.identity import Identities
from limner.engine.overlay import Overlay
from limner.engine.step import MISSING, Held, Ref, Step
from limner.graph.graph import Link, Node
from limner.graph.node_type import NodeType


class Demand:
    """Puts nodes on the agenda when somebody needs them, and lets go of results when nobody does any more.

    A result stays as long as an unfinished node is linked to it (lazily or not) or would have the same result.
    """

    def __init__(
        self, overlay: Overlay, identities: Identities, agenda: Agenda, session: Session, coroutines: frozenset[str]
    ) -> None:
        self.results: dict[Key, Held] = {}
        """The results that are kept for this run now."""
        self._overlay, self._identities, self._agenda = overlay, identities, agenda
        self._session, self._coroutines = session, coroutines
        self._uses: dict[str, list[Key]] = {}
        self._users: dict[Key, int] = {}
        self._sockets: dict[str, _Sockets] = {}

    def available(self, key: Key) -> bool:
        """Whether a result is there; from now on it is kept."""
        if key in self.results:
            return True
        held = self._session.keep(key)
        if held is None:
            return False
        self.results[key] = held
        return True

    def want(self, names: Sequence[str]) -> None:
        """Puts nodes on the agenda, with all ancestors that are needed for them, depth first.

        Lazy links do not count, and what is held cuts off its ancestors. Cost: linear in nodes and links.
        """
        added: list[str] = []
        edges: list[tuple[str, str]] = []
        stack = list(reversed(names))
        while stack:
            name = stack.pop()
            if name in self._agenda:
                continue
            added.append(name)
            missing = self._add(name)
            edges += [(name, source) for source in missing]
            stack += reversed(missing)
        for name, source in edges:
            self._agenda.block(name, source)
        self._agenda.settle(added)

    def require(self, name: str, sources: Iterable[str]) -> None:
        """Lets a node that is on the agenda wait for further sources; it is ready at once if all are there."""
        keys = self._identities.keys
        missing = [source for source in sources if not self.available(keys[source])]
        self._agenda.hold(name)
        self.want(missing)
        for source in missing:
            self._agenda.block(name, source)
        self._agenda.unblock(name)

    def use(self, name: str, sources: Iterable[str]) -> None:
        """Lets the results of further nodes stay until a node is finished."""
        keys = [self._identities.keys[source] for source in sources]
        self._uses[name] += keys
        for key in keys:
            self._users[key] = self._users.get(key, 0) + 1

    def finish(self, name: str) -> None:
        """Takes a node off the agenda and lets go of what only it needed."""
        for key in self._uses.pop(name):
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key]
                if self.results.pop(key, None) is not None:
                    self._session.drop(key)
        self._agenda.finish(name)

    def step(self, name: str) -> Step:
        """The call of a node, with Refs to what is there and MISSING for lazy inputs that are not."""
        node, sockets = self._overlay.node(name), self._sockets_of(name)
        keys = self._identities.keys
        inputs: dict[str, Any] = {}
        for field, value in node.inputs.items():
            if type(value) is not Link:
                inputs[field] = value
            elif field in sockets.raw:
                inputs[field] = [value.source, value.output]
            elif field not in sockets.lazy or self.available(keys[value.source]):
                inputs[field] = Ref(keys[value.source], value.output)
            else:
                inputs[field] = MISSING
        return Step(
            key=keys[name],
            place=self._overlay.place(name),
            type=node.type,
            inputs=inputs,
            ephemeral=name in self._identities.ephemeral,
            graph=self._overlay,
        )

    def _add(self, name: str) -> list[str]:
        """Puts one node on the agenda; returns the sources that it has to wait for."""
        sockets = self._sockets_of(name)
        self._agenda.add(name, output=sockets.is_output, urgent=sockets.urgent)
        self._uses[name] = []
        node = self._overlay.node(name)
        self.use(name, (name, *(link.source for _, link in node.links())))
        keys = self._identities.keys
        if self.available(keys[name]):
            return []
        sources = _strong(node, sockets)
        return [source for source in dict.fromkeys(sources) if not self.available(keys[source])]

    def _sockets_of(self, name: str) -> "_Sockets":
        type_name = self._overlay.node(name).type
        sockets = self._sockets.get(type_name)
        if sockets is None:
            node_type = self._identities.type_of(name)
            sockets = self._sockets[type_name] = _Sockets(node_type, type_name in self._coroutines)
        return sockets


class _Sockets:
    """What matters here of a node type: which inputs are lazy, which want the link itself, and how it is ordered."""

    __slots__ = ("is_output", "lazy", "raw", "urgent")

    def __init__(self, node_type: NodeType, urgent: bool) -> None:
        self.is_output, self.urgent = node_type.is_output, urgent
        self.lazy = frozenset(entry.name for entry in node_type.inputs if entry.lazy)
        self.raw = frozenset(entry.name for entry in node_type.inputs if entry.options.get("rawLink"))


def _strong(node: Node, sockets: _Sockets) -> list[str]:
    """The sources without which a node cannot be called."""
    return [link.source for name, link in node.links() if name not in sockets.lazy]
