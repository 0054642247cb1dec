"""Mapping over lists: every value travels as a list of items (contract 4.2)."""

from typing import Annotated, Any

import pytest

from limner.graph.declare import Flags, NodeResult, Socket
from limner.graph.graph import Link

ANYTHING = Annotated[Any, Socket("*")]


@pytest.fixture
def seen(lab):
    """The calls of the node types ``record`` (one item each) and ``whole`` (lists)."""
    calls = []

    @lab.define(output=True)
    def record(
        *, a: Annotated[ANYTHING, Flags(optional=True)] = None, b: Annotated[ANYTHING, Flags(optional=True)] = None
    ) -> None:
        calls.append((a, b))
        return NodeResult(ui={"calls": [(a, b)]})

    @lab.define(output=True, takes_lists=True)
    def whole(*, a: ANYTHING, b: ANYTHING) -> None:
        calls.append((a, b))

    return calls


def test_shorter_lists_repeat_their_last_item(lab, make, seen):
    graph = {"1": make("spread", count=3), "2": make("spread", count=2), "3": make("record", a="@1", b="@2")}
    trace = lab.run(graph)
    assert seen == [(0, 0), (1, 1), (2, 1)]
    (output,) = (event.ui for event in trace if getattr(event, "ui", None))
    assert output == {"calls": [(0, 0), (1, 1), (2, 1)]}


def test_constants_are_lists_of_one(lab, make, seen):
    lab.run({"1": make("spread", count=2), "2": make("record", a="@1", b=7)})
    assert seen == [(0, 7), (1, 7)]


def test_takes_lists_is_one_call_with_everything(lab, make, seen):
    lab.run({"1": make("spread", count=3), "2": make("whole", a="@1", b=7)})
    assert seen == [([0, 1, 2], [7])]


def test_takes_lists_cannot_change_what_is_held(lab, make):
    @lab.define(takes_lists=True)
    def grab(*, a: ANYTHING) -> int:
        a.append(99)
        return len(a)

    graph = {
        "1": make("spread", count=2),
        "2": make("grab", a="@1"),
        "3": make("show", value="@1"),
        "4": make("show", value="@2"),
    }
    assert lab.run(graph).shown == {"3": [0, 1], "4": [3]}


def test_mapped_calls_give_lists_downstream(lab, make, seen):
    graph = {"1": make("spread", count=3), "2": make("add", a="@1", b=10), "3": make("record", a="@2")}
    lab.run(graph)
    assert seen == [(10, None), (11, None), (12, None)]


def test_list_outputs_of_several_calls_are_joined(lab, make, seen):
    graph = {"1": make("spread", count=4), "2": make("spread", count="@1"), "3": make("whole", a="@2", b=0)}
    lab.run(graph)
    assert seen == [([0, 0, 1, 0, 1, 2], [0])]


def test_an_empty_list_beside_others_is_an_index_error(lab, make, seen):
    graph = {"1": make("spread", count=0), "2": make("record", a="@1", b=1)}
    failure = lab.run(graph).failure
    assert (failure.error_type, failure.message) == ("IndexError", "list index out of range")
    assert seen == []


def test_only_empty_lists_are_one_call_without_arguments(lab, make, seen):
    lab.run({"1": make("spread", count=0), "2": make("record", a="@1", b="@1")})
    assert seen == [(None, None)]


def test_no_inputs_is_one_call(lab, make, seen):
    lab.run({"1": make("record")})
    assert seen == [(None, None)]


def test_returning_nothing_where_values_are_declared_fails(lab, make):
    @lab.define()
    def nothing() -> int:
        return None

    failure = lab.run({"1": make("nothing"), "2": make("show", value="@1")}).failure
    assert failure.error_type == "TypeError" and failure.place.node == "1"


def test_result_without_values_has_no_outputs(lab, make):
    @lab.define()
    def silent() -> int:
        return NodeResult()

    assert lab.run({"1": make("silent"), "2": make("show", value="@1")}).shown == {"2": [None]}


def test_a_single_output_may_be_a_tuple(lab, make):
    @lab.define()
    def one() -> ANYTHING:
        return (1,)

    @lab.define()
    def size() -> ANYTHING:
        return (512, 768)

    graph = {"1": make("one"), "2": make("show", value="@1"), "3": make("size"), "4": make("show", value="@3")}
    assert lab.run(graph).shown == {"2": [1], "4": [(512, 768)]}


def test_ui_keys_come_from_the_first_call(lab, make):
    @lab.define(output=True)
    def uneven(*, a: int) -> None:
        return NodeResult(ui={"x": (a,)} if a else {"x": (a,), "y": (a,)})

    failure = lab.run({"1": make("spread", count=2), "2": make("uneven", a="@1")}).failure
    assert failure.error_type == "KeyError"


def test_failed_item_reports_all_items(lab, make):
    @lab.define()
    def picky(*, a: int) -> int:
        return 1 // a

    failure = lab.run({"1": make("spread", count=2), "2": make("picky", a="@1"), "3": make("show", value="@2")}).failure
    assert failure.inputs == {"a": [0, 1]}


def test_link_to_a_list_output_by_number(lab, make, seen):
    @lab.define(list_outputs=(False, True))
    def both() -> tuple[int, int]:
        return (5, [6, 7])

    lab.run({"1": make("both"), "2": make("record", a=Link("1", 0), b=Link("1", 1))})
    assert seen == [(5, 6), (5, 7)]
