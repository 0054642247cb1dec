"""Results that stop what comes after them (contract 4.5)."""

from typing import Annotated, Any

import pytest

from limner.engine.blocked import Blocked
from limner.engine.events import NodeBlocked
from limner.graph.declare import Socket

ANYTHING = Annotated[Any, Socket("*")]


@pytest.fixture(autouse=True)
def nodes(lab):
    @lab.define()
    def stop(*, message: str) -> tuple[ANYTHING, ANYTHING]:
        return Blocked(message or None)

    @lab.define()
    def half(*, value: int) -> tuple[int, ANYTHING]:
        return (value, Blocked())

    @lab.define(list_outputs=(True,))
    def items(*, count: int) -> ANYTHING:
        return [Blocked("odd one") if index % 2 else index for index in range(count)]

    @lab.define(takes_lists=True)
    def gather(*, value: ANYTHING) -> int:
        lab.calls["gather"] += 1
        return len(value)


def test_silent_blocker_stops_everything_below(lab, make):
    graph = {"1": make("stop", message=""), "2": make("add", a="@1"), "3": make("show", value="@2")}
    trace = lab.run(graph)
    assert trace.succeeded
    assert trace.shown == {} and trace.of(NodeBlocked) == []
    assert trace.finished == ["1", "2", "3"]


def test_message_is_told_at_the_first_consumer_only(lab, make):
    graph = {"1": make("stop", message="no!"), "2": make("add", a="@1"), "3": make("show", value="@2")}
    trace = lab.run(graph)
    (event,) = trace.of(NodeBlocked)
    assert (event.place.node, event.node_type, event.message, event.executed) == ("2", "add", "no!", ("1",))
    assert trace.succeeded


def test_each_first_consumer_tells_it(lab, make):
    graph = {
        "1": make("stop", message="no!"),
        "2": make("show", value="@1"),
        "3": make("add", a="@1", b=2),
        "4": make("show", value="@3"),
    }
    assert sorted(event.place.node for event in lab.run(graph).of(NodeBlocked)) == ["2", "3"]


def test_only_one_output_may_be_blocked(lab, make):
    graph = {"1": make("half", value=3), "2": make("show", value="@1"), "3": make("show", value="@1:1")}
    assert lab.run(graph).shown == {"2": [3]}


def test_other_items_of_a_list_still_run(lab, make):
    graph = {"1": make("items", count=4), "2": make("add", a="@1", b=10), "3": make("show", value="@2")}
    trace = lab.run(graph)
    assert trace.shown == {"3": [10, 12]}
    assert [event.message for event in trace.of(NodeBlocked)] == ["odd one"]


def test_one_blocked_item_blocks_a_call_with_lists(lab, make):
    graph = {"1": make("items", count=4), "2": make("gather", value="@1"), "3": make("show", value="@2")}
    trace = lab.run(graph)
    assert trace.shown == {} and lab.calls["gather"] == 0
    assert trace.succeeded


def test_blocked_coroutine_is_not_started(lab, make):
    @lab.define()
    async def later(*, value: ANYTHING) -> ANYTHING:
        return value

    graph = {"1": make("items", count=3), "2": make("later", value="@1"), "3": make("show", value="@2")}
    trace = lab.run(graph)
    assert trace.shown == {"3": [0, 2]}
    assert len(trace.of(NodeBlocked)) == 1


def test_blocked_results_are_recalled_silently(lab, make):
    graph = {"1": make("stop", message="no!"), "2": make("add", a="@1"), "3": make("show", value="@2")}
    lab.run(graph)
    trace = lab.run(graph)
    assert trace.recalled == ("1", "2", "3") and trace.of(NodeBlocked) == []
