"""Order of events, caching, scheduling: the plain life of a run."""

import math
from typing import Annotated, Any

from limner.engine.events import Failed, NodeFinished, NodeOutput, NodeStarted, Recalled, Started, Succeeded
from limner.graph.declare import Flags, Hidden, NodeDefinition, NodeResult, Socket
from limner.graph.graph import Link
from limner.graph.node_type import Input, NodeType, Output

ANYTHING = Annotated[Any, Socket("*")]


def kinds(trace):
    return [
        (type(event).__name__, event.place.node) if hasattr(event, "place") else type(event).__name__ for event in trace
    ]


def test_events_of_a_run_come_in_the_order_that_clients_know(lab, make):
    trace = lab.run({"1": make("add", a=1), "2": make("show", value="@1"), "3": make("show", value="@1")})
    # Nodes 2 and 3 are equal, so 3 is found held when it is reached: told again without being called.
    assert kinds(trace) == [
        "Started",
        "Recalled",
        ("NodeStarted", "1"),
        ("NodeFinished", "1"),
        ("NodeStarted", "2"),
        ("NodeOutput", "2"),
        ("NodeFinished", "2"),
        ("NodeOutput", "3"),
        ("NodeFinished", "3"),
        "Succeeded",
    ]
    assert trace.recalled == ()
    assert trace.of(NodeOutput)[1].recalled


def test_a_cached_run_tells_outputs_again_and_calls_nothing(lab, make):
    graph = {"1": make("add", a=1), "2": make("show", value="@1")}
    lab.run(graph)
    trace = lab.run(graph)
    assert kinds(trace) == ["Started", "Recalled", ("NodeOutput", "2"), ("NodeFinished", "2"), "Succeeded"]
    assert trace.recalled == ("1", "2")
    assert trace.of(NodeOutput)[0].recalled
    assert trace.shown == {"2": [1]}


def test_a_recalled_output_node_without_ui_says_none(lab, make):
    @lab.define(output=True)
    def sink(*, value: int) -> None:
        pass

    graph = {"1": make("sink", value=1)}
    assert lab.run(graph).of(NodeOutput) == []
    (event,) = lab.run(graph).of(NodeOutput)
    assert event.ui is None and event.recalled


def test_partial_cache_runs_only_what_changed(lab, make):
    lab.run({"1": make("add", a=1), "2": make("add", a="@1", b=1), "3": make("show", value="@2")})
    trace = lab.run({"1": make("add", a=1), "2": make("add", a="@1", b=5), "3": make("show", value="@2")})
    assert trace.recalled == ("1",)
    assert trace.started == ["2", "3"]
    assert trace.shown == {"3": [6]}


def test_results_outlive_other_graphs_and_other_ids(lab, make):
    first = {"1": make("add", a=1), "2": make("show", value="@1")}
    lab.run(first)
    lab.run({"1": make("add", a=2), "2": make("show", value="@1")})
    assert lab.run(first).recalled == ("1", "2")
    assert lab.run({"x": make("add", a=1), "y": make("show", value="@x")}).recalled == ("x", "y")


def test_only_ancestors_of_targets_run(lab, make):
    graph = {
        "1": make("add", a=1),
        "2": make("add", a=2),
        "3": make("show", value="@1"),
        "4": make("show", value="@2"),
    }
    trace = lab.run(graph, targets=["4"])
    assert trace.finished == ["2", "4"]


def test_output_nodes_come_first_then_what_feeds_them(lab, make):
    graph = {
        "far": make("add", a=0),
        "middle": make("add", a="@far"),
        "near": make("add", a="@middle", b=1),
        "last": make("show", value="@near"),
        "source": make("add", a=7),
        "early": make("show", value="@source"),
    }
    trace = lab.run(graph, targets=["last", "early"])
    # "far" was added first, but "source" feeds an output node.
    assert trace.started == ["source", "early", "far", "middle", "near", "last"]


def test_fingerprint_function_decides_whether_a_node_runs_again(lab, make):
    state = {"version": 1}

    @lab.define(fingerprint=lambda value: state["version"])
    def file(*, value: int) -> int:
        return state["version"]

    graph = {"1": make("file", value=0), "2": make("show", value="@1")}
    assert lab.run(graph).shown == {"2": [1]}
    assert lab.run(graph).recalled == ("1", "2")
    state["version"] = 2
    trace = lab.run(graph)
    assert trace.recalled == () and trace.shown == {"2": [2]}


def test_fingerprint_nan_or_error_means_always(lab, make):
    def failing(**inputs):
        raise OSError("no such file")

    @lab.define(fingerprint=lambda: math.nan)
    def clock() -> int:
        lab.calls["clock"] += 1
        return lab.calls["clock"]

    @lab.define(fingerprint=failing)
    def gone() -> int:
        lab.calls["gone"] += 1
        return 0

    graph = {"1": make("clock"), "2": make("show", value="@1"), "3": make("gone"), "4": make("show", value="@3")}
    lab.run(graph)
    trace = lab.run(graph)
    assert trace.recalled == ()
    assert trace.shown == {"2": [2], "4": [0]}
    assert lab.calls == {"clock": 2, "gone": 2}
    assert len(lab.engine.backend.results) == 0, "results that equal nothing are not held"


def test_fingerprint_function_gets_links_as_none(lab, make):
    seen = []

    def note(**inputs):
        seen.append(inputs)
        return 0

    @lab.define(fingerprint=note)
    def mixed(*, a: int, b: int) -> int:
        return a + b

    lab.run({"1": make("add", a=1), "2": make("mixed", a="@1", b=2), "3": make("show", value="@2")})
    assert seen == [{"a": None, "b": 2}]


def test_equal_nodes_share_a_result_unless_they_say_otherwise(lab, make):
    @lab.define()
    def shared() -> int:
        lab.calls["shared"] += 1
        return 0

    @lab.define(idempotent=False)
    def own() -> int:
        lab.calls["own"] += 1
        return 0

    @lab.define()
    def named(*, me: Annotated[str, Hidden("UNIQUE_ID")]) -> str:
        lab.calls["named"] += 1
        return me

    graph = {}
    for kind in ("shared", "own", "named"):
        for number in "12":
            graph[kind + number] = make(kind)
            graph[kind + number + "s"] = make("show", value=f"@{kind}{number}")
    trace = lab.run(graph)
    assert lab.calls == {"shared": 1, "own": 2, "named": 2}
    assert trace.shown["named2s"] == ["named2"]
    assert set(lab.run(graph).recalled) == set(graph)


def test_nan_constants_are_never_recalled(lab, make):
    graph = {"1": make("add", a=math.nan), "2": make("show", value="@1")}
    lab.run(graph)
    assert lab.run(graph).started == ["1", "2"]


def test_undeclared_constants_are_dropped_but_count(lab, make):
    graph = {"1": make("add", a=1, note="x"), "2": make("show", value="@1")}
    assert lab.run(graph).succeeded
    assert lab.run({**graph, "1": make("add", a=1, note="y")}).started == ["1", "2"]


def test_undeclared_links_are_followed_and_delivered(lab, make):
    described = NodeType(
        name="total",
        title="total",
        category="test",
        doc="",
        inputs=(Input(name="a", type="INT"),),
        outputs=(Output(name="sum", type="INT"),),
    )
    lab.definitions["total"] = NodeDefinition(described, lambda a, **others: a + sum(others.values()))
    graph = {"1": make("add", a=5), "2": make("total", a=1, extra="@1"), "3": make("show", value="@2")}
    assert lab.run(graph).shown == {"3": [6]}


def test_hidden_values(lab, make):
    @lab.define()
    def hidden(
        *,
        prompt: Annotated[Any, Hidden("PROMPT")],
        extra: Annotated[Any, Hidden("EXTRA_PNGINFO")],
        me: Annotated[str, Hidden("UNIQUE_ID")],
        live: Annotated[Any, Hidden("DYNPROMPT")],
        key: Annotated[Any, Hidden("API_KEY_COMFY_ORG")],
    ) -> tuple[ANYTHING, ANYTHING]:
        return ([prompt is live.get_original_prompt(), extra, me, key], live.get_node(me))

    graph = {"7": make("hidden"), "8": make("show", value="@7"), "9": make("show", value="@7:1")}
    trace = lab.run(graph, extra={"extra_pnginfo": {"workflow": 1}})
    assert trace.shown["8"] == [[True, {"workflow": 1}, "7", None]]
    assert trace.shown["9"] == [{"class_type": "hidden", "inputs": {}}]


def test_raw_link_inputs_get_the_link(lab, make):
    @lab.define()
    def raw(*, source: ANYTHING) -> ANYTHING:
        return [source]

    lab.definitions["raw"].type.inputs[0].options["rawLink"] = True
    graph = {"1": make("add", a=5), "2": make("raw", source="@1"), "3": make("show", value="@2")}
    trace = lab.run(graph)
    assert trace.shown == {"3": [[["1", 0]]]}
    assert "1" in trace.finished


def test_a_long_chain_needs_no_recursion(lab, make):
    graph = {"0": make("add", a=0, b=1)}
    graph |= {str(i): make("add", a=f"@{i - 1}", b=1) for i in range(1, 5000)}
    graph["end"] = make("show", value="@4999")
    assert lab.run(graph).shown == {"end": [5000]}
    assert len(lab.run(graph).recalled) == 5001


def test_an_empty_request_succeeds(lab):
    assert [type(event) for event in lab.run({})] == [Started, Recalled, Succeeded]


def test_an_unknown_node_type_fails_the_run_only(lab, make):
    trace = lab.run({"1": make("nowhere")}, targets=["1"])
    assert isinstance(trace[-1], Failed) and "nowhere" in trace.failure.message
    assert lab.run({"1": make("show", value=1)}).succeeded


def test_substituted_results_are_kept_apart(lab, make):
    graph = {"1": make("add", a=1), "2": make("show", value="@1")}
    lab.run(graph)
    assert lab.run(graph, substitute=True).recalled == ()
    assert lab.run(graph, substitute=True).recalled == ("1", "2")


def test_ids_places_and_job_are_in_every_event(lab, make):
    trace = lab.run({"1": make("show", value=1)}, job="abc")
    assert {event.job for event in trace} == {"abc"}
    place = trace.of(NodeStarted)[0].place
    assert (place.node, place.display, place.parent, place.real) == ("1", "1", None, "1")
    assert trace.of(NodeFinished)[0].place == place
    assert all(event.time > 1_600_000_000_000 for event in trace)


def test_outputs_of_one_node_are_used_more_than_once(lab, make):
    @lab.define()
    def pair() -> tuple[int, int]:
        lab.calls["pair"] += 1
        return (3, 4)

    graph = {
        "1": make("pair"),
        "2": make("add", a="@1", b="@1:1"),
        "3": make("add", a="@1", b="@1"),
        "4": make("show", value="@2"),
        "5": make("show", value="@3"),
    }
    assert lab.run(graph).shown == {"4": [7], "5": [6]}
    assert lab.calls["pair"] == 1


def test_ui_is_not_shared_with_whoever_got_the_event(lab, make):
    graph = {"1": make("show", value=1)}
    lab.run(graph).of(NodeOutput)[0].ui.clear()
    assert lab.run(graph).shown == {"1": [1]}


def test_optional_inputs_may_be_absent(lab, make):
    @lab.define()
    def maybe(*, a: Annotated[int, Flags(optional=True)] = 9) -> int:
        return a

    assert lab.run({"1": make("maybe"), "2": make("show", value="@1")}).shown == {"2": [9]}


def test_link_without_such_an_output_gives_none(lab, make):
    @lab.define()
    def two() -> tuple[int, int]:
        return NodeResult(values=(1,))

    graph = {"1": make("two"), "2": make("show", value=Link("1", 1))}
    assert lab.run(graph).shown == {"2": [None]}
