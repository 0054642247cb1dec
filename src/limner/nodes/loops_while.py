"""While: a part of the graph again and again, until a condition that it computes itself is no longer true.

WhileEnd copies the nodes between WhileBegin and itself for one turn at a time, as nobody knows how many there will be.
"""

from typing import Annotated, Any

from limner.graph.declare import Flags, NodeResult, Number, Socket, node
from limner.graph.errors import StepError
from limner.graph.graph import Graph, Link, Node
from limner.nodes.conditions import is_true
from limner.nodes.growing import OWN
from limner.nodes.live_graph import BOUNDARY, Live, OwnId, copies, node_at, nodes_between
from limner.nodes.loops import (
    CARRIED,
    INSIDE,
    LOOP,
    LOOPS,
    MOST_TURNS,
    Index,
    Later,
    Turns,
    Whatever,
    begin_of,
    moved_to_turn,
)
from limner.nodes.sockets import ANYTHING

BEGINNING = ("loop", "index", *CARRIED)
TURN = "WhileTurn"
Limit = Annotated[int, Number(min=1, max=MOST_TURNS)]
Condition = Annotated[Any, Socket("*"), Flags(lazy=True)]


@node(name="WhileBegin", title="While: Begin", category=LOOPS, outputs=BEGINNING, module=OWN)
def while_begin(
    *,
    condition: bool = True,
    carried_1: Whatever = None,
    carried_2: Whatever = None,
    carried_3: Whatever = None,
    carried_4: Whatever = None,
) -> tuple[LOOP, int, ANYTHING, ANYTHING, ANYTHING, ANYTHING]:
    """Begins turns that go on while a condition holds. Link ``loop`` to While: End.

    ``condition`` says whether there is a first turn; ``carried`` values are what it begins with.
    """
    return Turns((condition,)), 0, carried_1, carried_2, carried_3, carried_4


@node(name="WhileEnd", title="While: End", category=LOOPS, outputs=("turns", *CARRIED), module=OWN)
def while_end(
    *,
    loop: LOOP,
    condition: Condition = None,
    limit: Limit = 1000,
    carried_1: Later = None,
    carried_2: Later = None,
    carried_3: Later = None,
    carried_4: Later = None,
    live: Live,
    me: OwnId,
) -> tuple[int, ANYTHING, ANYTHING, ANYTHING, ANYTHING]:
    """Ends the turns of a loop: how many there were, and the carried values after the last one.

    There is another turn while ``condition``, as the last turn computed it, is true; more than ``limit`` are an error.
    """
    end = node_at(live, me)
    begin = begin_of(end, me, "WhileBegin").source
    below = {name: link for name, link in end.links() if name != "loop"}
    body = nodes_between(live, {begin}, [link.source for link in below.values()])
    first = node_at(live, begin).inputs
    inputs = {
        "go": first.get("condition", loop.items[0]),
        "index": 0,
        "limit": limit,
        "end": me,
        "begin": begin,
        "body": tuple(name for name in body if name != begin),
        **{f"now_{name}": first.get(name) for name in CARRIED},
        **below,
    }
    name = f"{me}.0.while"
    nodes = {name: Node(type=TURN, inputs=inputs, display=me)}
    return NodeResult(values=_outputs(name), expand=Graph(nodes))  # type: ignore[return-value]


def _outputs(name: str) -> tuple[Link, ...]:
    return tuple(Link(name, number) for number in range(1 + len(CARRIED)))


@node(
    name=TURN,
    title="Turn of a While Loop",
    category=INSIDE,
    outputs=("turns", *CARRIED),
    takes_any=True,
    module=OWN,
)
def while_turn(
    *,
    go: ANYTHING,
    index: Index,
    limit: Limit,
    condition: Condition = None,
    carried_1: Later = None,
    carried_2: Later = None,
    carried_3: Later = None,
    carried_4: Later = None,
    live: Live,
    me: OwnId,
    **told: Any,
) -> tuple[int, ANYTHING, ANYTHING, ANYTHING, ANYTHING]:
    """Decides whether there is another turn, and adds it. Loops put it in by themselves.

    ``condition`` and ``carried`` are links into the nodes between the loop's beginning and its end: never evaluated
    here, they say what a turn leaves, and make the loop another one when one of those nodes changes.
    """
    if not is_true(go):
        return index, *(told.get(f"now_{name}") for name in CARRIED)  # type: ignore[return-value]
    if index >= limit:
        raise StepError(
            f"The condition is still true after {limit} turns. Let a turn change what the condition looks at, or raise "
            "'limit' at the loop's end."
        )
    return _next_turn(live, me)  # type: ignore[return-value]


def _next_turn(live: Any, me: str) -> NodeResult:
    """One more copy of the loop's nodes, and behind it the decision about the turn after it."""
    own = node_at(live, me).inputs
    index, begin, end = own["index"], own["begin"], own["end"]
    body = {name: node_at(live, name) for name in own["body"]}
    turn = f"{end}.{index}."
    carried = {name: own.get(f"now_{name}") for name in CARRIED}

    def moved(link: Link) -> Any:
        return moved_to_turn(link, begin, turn, BEGINNING)

    def left(name: str, otherwise: Any) -> Any:
        link = own.get(name)
        if not isinstance(link, Link):
            return otherwise if link is None else link
        return Link(turn + link.source, link.output) if link.source in body else moved(link)

    following = {
        **own,
        "index": index + 1,
        "go": left("condition", False),
        **{f"now_{name}": left(name, carried[name]) for name in CARRIED},
    }
    name = f"{end}.{index + 1}.while"
    nodes = {
        f"{turn}turn": Node(type=BOUNDARY, inputs={"index": index, **carried}, display=end),
        **copies(live, body, turn, moved),
        name: Node(type=TURN, inputs=following, display=end),
    }
    return NodeResult(values=_outputs(name), expand=Graph(nodes))
