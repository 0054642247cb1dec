"""For each: a part of the graph once for every item of a list.

The nodes between ForEachBegin and ForEachEnd are the turn. ForEachEnd is the one that works: it copies them, once for
every item, and lets the engine run the copies. So turns are ordinary nodes: equal ones run once, each is remembered,
and the run can be stopped between any two.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from limner.graph.declare import Flags, NodeResult, Number, Socket, node
from limner.graph.errors import GraphError, StepError
from limner.graph.graph import Graph, Link, Node
from limner.nodes.growing import OWN
from limner.nodes.lists import LARGEST, each, only
from limner.nodes.live_graph import BOUNDARY, Live, LiveGraph, OwnId, copies, node_at, nodes_between
from limner.nodes.sockets import ANYTHING

LOOPS = "utils/loop"
INSIDE = f"{LOOPS}/inside"
"""Nodes that loops put in by themselves."""
MOST_TURNS = 100_000
CARRIED = ("carried_1", "carried_2", "carried_3", "carried_4")
"""Values that every turn gets from the one before."""

RESULTS = "LoopResults"

PLAIN = (str, int, float, bool, type(None))

LOOP = Annotated[Any, Socket("LOOP")]
Whatever = Annotated[Any, Socket("*"), Flags(optional=True)]
Later = Annotated[Any, Socket("*"), Flags(optional=True, lazy=True)]
Index = Annotated[int, Number(min=0, max=LARGEST)]

BEGINNING = ("loop", "item", "index", "count", *CARRIED)


@dataclass(frozen=True)
class Turns:
    """What a loop goes over; the value of the socket LOOP."""

    items: tuple[Any, ...]


@node(name="ForEachBegin", title="For Each: Begin", category=LOOPS, outputs=BEGINNING, takes_lists=True, module=OWN)
def for_each_begin(
    *,
    items: ANYTHING,
    split_batches: bool = True,
    carried_1: Whatever = None,
    carried_2: Whatever = None,
    carried_3: Whatever = None,
    carried_4: Whatever = None,
) -> tuple[LOOP, ANYTHING, int, int, ANYTHING, ANYTHING, ANYTHING, ANYTHING]:
    """Begins a turn for every item of a list, or every picture of a batch. Link ``loop`` to For Each: End.

    ``carried`` values are what the first turn begins with; every further turn gets what the one before left at the end.
    A node in the loop that leads nowhere (a preview) runs for the first item only.
    """
    found = tuple(each(items, split_batches=bool(only(split_batches))))
    carried = [only(value) for value in (carried_1, carried_2, carried_3, carried_4)]
    return Turns(found), found[0] if found else None, 0, len(found), carried[0], carried[1], carried[2], carried[3]


@node(name=BOUNDARY, title="Turn of a Loop", category=INSIDE, outputs=("item", "index", *CARRIED), module=OWN)
def loop_turn(
    *,
    index: Index,
    item: Whatever = None,
    loop: Annotated[Any, Socket("LOOP"), Flags(optional=True)] = None,
    carried_1: Whatever = None,
    carried_2: Whatever = None,
    carried_3: Whatever = None,
    carried_4: Whatever = None,
) -> tuple[ANYTHING, int, ANYTHING, ANYTHING, ANYTHING, ANYTHING]:
    """What a loop gives to one turn. Loops put it in by themselves."""
    found = item if loop is None else loop.items[index]
    return found, index, carried_1, carried_2, carried_3, carried_4


@node(
    name="ForEachEnd",
    title="For Each: End",
    category=LOOPS,
    outputs=("results", *CARRIED),
    list_outputs=(True,),
    module=OWN,
)
def for_each_end(
    *,
    loop: LOOP,
    result: Later = None,
    carried_1: Later = None,
    carried_2: Later = None,
    carried_3: Later = None,
    carried_4: Later = None,
    live: Live,
    me: OwnId,
) -> tuple[ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING]:
    """Ends the turns of a loop: the results of all of them as a list, and the carried values after the last one.

    The results of turns with equal inputs are remembered, so that a longer list costs only what is new in it.
    """
    if len(loop.items) > MOST_TURNS:
        raise StepError(f"The list has {len(loop.items)} items; a loop has at most {MOST_TURNS} turns.")
    return _Unrolled(live, me).whole(loop.items)  # type: ignore[return-value]


@node(
    name=RESULTS,
    title="Results of a Loop",
    category=INSIDE,
    outputs=("results",),
    list_outputs=(True,),
    takes_lists=True,
    takes_any=True,
    module=OWN,
)
def loop_results(**turns: list[Any]) -> ANYTHING:
    """What the turns of a loop left, as one list. Loops put it in by themselves."""
    return [item for items in turns.values() for item in items]  # type: ignore[return-value]


def begin_of(node_: Node, name: str, kind: str) -> Link:
    """The link from the end of a loop to its beginning.

    Raises:
        GraphError: if it does not lead there directly.
    """
    link = node_.inputs.get("loop")
    if not isinstance(link, Link):
        raise GraphError(f"{name}: link the output 'loop' of {kind} to the input 'loop' of the loop's end.")
    return link


class _Unrolled:
    """The turns of one loop as a graph."""

    def __init__(self, live: LiveGraph, me: str) -> None:
        self._live, self._me = live, me
        self._end = node_at(live, me)
        self._begin = begin_of(self._end, me, "ForEachBegin").source
        below = [link.source for name, link in self._end.links() if name != "loop"]
        self._body = nodes_between(live, {self._begin}, below)
        self._body.pop(self._begin, None)

    def whole(self, items: tuple[Any, ...]) -> NodeResult:
        """All turns, one after the other as far as they carry something."""
        first = node_at(self._live, self._begin).inputs
        carried: dict[str, Any] = {name: first.get(name) for name in CARRIED}
        nodes: dict[str, Node] = {}
        results: dict[str, Any] = {}
        for index, item in enumerate(items):
            turn = f"{self._me}.{index}."
            nodes[f"{turn}turn"] = self._turn(index, item, carried)
            nodes |= copies(self._live, self._body, turn, lambda link, turn=turn: self._moved(link, turn))
            carried |= {name: value for name, value in self._left(turn) if name in CARRIED}
            results |= {f"turn.{index}": value for name, value in self._left(turn) if name == "result"}
        collected: Any = []
        if results:
            collected = Link(f"{self._me}.results", 0)
            nodes[collected.source] = Node(type=RESULTS, inputs=results, display=self._me)
        return NodeResult(values=(collected, *carried.values()), expand=Graph(nodes))

    def _turn(self, index: int, item: Any, carried: Mapping[str, Any]) -> Node:
        """The node that stands for the loop's beginning in one turn. Plain items are written into it, so that the turn
        depends on its own item only, and not on the whole list.
        """
        given = {"item": item} if isinstance(item, PLAIN) else {"loop": Link(self._begin, 0)}
        return Node(type=BOUNDARY, inputs={"index": index, **given, **carried}, display=self._me)

    def _moved(self, link: Link, turn: str) -> Any:
        return moved_to_turn(link, self._begin, turn, BEGINNING)

    def _left(self, turn: str) -> Iterator[tuple[str, Any]]:
        """What a turn leaves at the end, by the name of the input."""
        for name, link in self._end.links():
            copied = Link(turn + link.source, link.output) if link.source in self._body else self._moved(link, turn)
            yield name, copied


def moved_to_turn(link: Link, begin: str, turn: str, outputs: tuple[str, ...]) -> Any:
    """A link to the beginning of a loop, as one turn has it: to the node that stands for the beginning there."""
    offered = ("item", "index", *CARRIED)
    if link.source != begin or outputs[link.output] not in offered:
        return link
    return Link(f"{turn}turn", offered.index(outputs[link.output]))
