"""The behaviours that ComfyUI's own execution tests are named after (contract 8.5), part 1: synchronous nodes."""

from typing import Annotated, Any

import pytest

from limner.engine.blocked import Blocked
from limner.graph.declare import Flags, Hidden, NodeResult, Socket
from limner.graph.graph import Graph, Link, Node

ANYTHING = Annotated[Any, Socket("*")]
Lazy = Annotated[ANYTHING, Flags(lazy=True)]


@pytest.fixture
def mix(peer, make):
    """A node that takes one of two inputs, or both, as a third one says: 0, 1, or between."""

    def needs(*, first, second, share):
        if share is None:
            return ["share"]
        return [name for name, wanted in (("first", share < 1), ("second", share > 0)) if wanted]

    @peer.define(needs=needs)
    def Mix(*, first: Lazy, second: Lazy, share: Lazy) -> ANYTHING:
        return first if share == 0 else second if share == 1 else [first, second]

    def graph(share: int) -> dict[str, Any]:
        return {
            "1": make("Value", value=10),
            "2": make("Value", value=20),
            "3": make("Value", value=share),
            "4": make("Mix", first="@1", second="@2", share="@3"),
            "5": make("Show", value="@4"),
        }

    return graph


async def test_lazy_input(peer, mix):
    run = await peer.run(mix(0))
    assert run.shown == {"5": [10]} and run.ran("1") and not run.ran("2")
    run = await peer.run(mix(1))
    assert run.shown == {"5": [20]} and run.ran("2") and not run.ran("1")
    # The node is announced again whenever it is entered again.
    assert run.executing.count("4") > 1


async def test_full_cache(peer, make):
    prompt = {"1": make("Value", value=1), "2": make("Show", value="@1")}
    await peer.run(prompt)
    run = await peer.run(prompt)
    assert run.cached == ["1", "2"] and run.executing == []
    told = [kind for kind in run.kinds if kind != "status"]
    assert told == [
        *["execution_start", "execution_cached", "executed", "progress_state", "execution_success", "executing"]
    ]
    assert run.shown == {"2": [1]}


async def test_partial_cache(peer, make):
    prompt = {"1": make("Value", value=1), "2": make("Value", value=2), "3": make("Show", value="@1")}
    prompt["4"] = make("Show", value="@2")
    await peer.run(prompt)
    prompt["2"] = make("Value", value=3)
    run = await peer.run(prompt)
    assert run.cached == ["1", "3"] and run.executing == ["2", "4"]
    # Ids and titles do not matter.
    renamed = {"a": make("Value", value=1) | {"_meta": {"title": "t"}}, "b": make("Show", value="@a")}
    assert (await peer.run(renamed)).cached == ["a", "b"]


async def test_error(peer, make):
    @peer.define()
    def Fail(*, value: int) -> ANYTHING:
        raise RuntimeError(f"boom {value}")

    run = await peer.run({"1": make("Value", value=3), "2": make("Fail", value="@1"), "3": make("Show", value="@2")})
    assert not run.succeeded and not run.ran("3")
    error = run.error
    assert error["exception_message"] == "boom 3\n" and error["exception_type"] == "RuntimeError"
    assert (error["node_id"], error["node_type"], error["executed"]) == ("2", "Fail", ["1"])
    assert error["current_inputs"] == {"value": [3]} and set(error["current_outputs"]) == {"1", "2", "3"}
    assert error["traceback"] and run.kinds[-3:] == ["execution_error", "status", "executing"]
    assert run.history["status"]["messages"][-1] == ["execution_error", error]
    assert run.history["status"]["completed"] is False


async def test_error_keeps_what_was_shown_before(peer, make):
    @peer.define(output=True)
    def Fail(*, value: ANYTHING) -> None:
        raise MemoryError

    run = await peer.run({"1": make("Show", value=4), "2": make("Fail", value="@3"), "3": make("Value", value=3)})
    assert run.shown.get("1") in ([4], None)
    assert run.error["exception_message"].startswith("\nThis error means you ran out of memory on your GPU.\n\nTIPS:")
    assert run.error["exception_type"] == "MemoryError"


async def test_cycle_error(peer, make):
    @peer.define()
    def Pass(*, value: ANYTHING) -> ANYTHING:
        return value

    body = await peer.refused(
        {"1": make("Pass", value="@2"), "2": make("Pass", value="@1"), "3": make("Show", value="@2")}
    )
    assert body["error"]["type"] == "prompt_outputs_failed_validation" and body["error"]["details"] == ""
    [(node, entry)] = body["node_errors"].items()
    [error] = entry["errors"]
    assert error["type"] == "dependency_cycle" and entry["dependent_outputs"] == ["3"]
    assert error["extra_info"]["node_id"] == node and set(error["extra_info"]["cycle_nodes"]) == {"1", "2"}
    assert error["details"] in ("1 (Pass) -> 2 (Pass) -> 1 (Pass)", "2 (Pass) -> 1 (Pass) -> 2 (Pass)")


async def test_dynamic_cycle_error(peer, make):
    @peer.define()
    def Knot() -> ANYTHING:
        inner = {
            "a": Node(type="Pass", inputs={"value": Link("b", 0)}),
            "b": Node(type="Pass", inputs={"value": Link("a", 0)}),
        }
        return NodeResult(values=(Link("a", 0),), expand=Graph(inner))

    @peer.define()
    def Pass(*, value: ANYTHING) -> ANYTHING:
        return value

    run = await peer.run({"1": make("Knot"), "2": make("Show", value="@1")})
    assert run.error["exception_type"] == "graph.DependencyCycleError"
    assert run.error["exception_message"] == "Dependency cycle detected\n" and run.error["traceback"] == []
    assert run.error["node_id"] == "1" and not run.succeeded


async def test_missing_node_error(peer, make):
    body = await peer.refused({"1": make("Nope"), "2": make("Show", value="@1")})
    assert body == {
        "error": {
            "type": "missing_node_type",
            "message": "Node 'Nope' not found. The custom node may not be installed.",
            "details": "Node ID '#1'",
            "extra_info": {"node_id": "1", "class_type": "Nope", "node_title": "Nope"},
        },
        "node_errors": {},
    }


async def test_custom_is_changed(peer, make):
    state = {"value": 1}

    @peer.define(fingerprint=lambda: state["value"])
    def Watch() -> ANYTHING:
        return state["value"]

    @peer.define(fingerprint=lambda: float("nan"))
    def Always() -> ANYTHING:
        return 0

    def fails():
        raise OSError("no file")

    @peer.define(fingerprint=fails)
    def Broken() -> ANYTHING:
        return 0

    prompt = {"1": make("Watch"), "2": make("Show", value="@1"), "3": make("Always"), "4": make("Show", value="@3")}
    prompt |= {"5": make("Broken"), "6": make("Show", value="@5")}
    await peer.run(prompt)
    run = await peer.run(prompt)
    assert run.cached == ["1", "2"] and run.executing == ["3", "4", "5", "6"]
    state["value"] = 2
    assert (await peer.run(prompt)).shown["2"] == [2]


async def test_is_changed_is_asked_once_a_run(peer, make):
    asked = []

    def fingerprint(**inputs):
        asked.append(inputs)
        return 1

    @peer.define(fingerprint=fingerprint)
    def Watch(*, value: int, linked: ANYTHING) -> ANYTHING:
        return value

    prompt = {"0": make("Value", value=7), "1": make("Watch", value=3, linked="@0")}
    prompt |= {str(number): make("Show", value="@1") for number in range(2, 6)}
    await peer.run(prompt)
    assert asked == [{"value": 3, "linked": None}]


async def test_is_changed_with_outputs(peer, make):
    """What an output node shows is told again when it is cached, and anew when its state has changed."""
    state = {"value": 1}

    @peer.define(output=True, fingerprint=lambda **_: state["value"])
    def Report(*, value: ANYTHING) -> None:
        return NodeResult(ui={"shown": [state["value"]]})

    prompt = {"1": make("Value", value=1), "2": make("Report", value="@1")}
    await peer.run(prompt)
    run = await peer.run(prompt)
    assert run.cached == ["1", "2"]
    assert run.of("executed")[0] == {
        "node": "2",
        "display_node": "2",
        "output": {"shown": [1]},
        "prompt_id": run.of("executed")[0]["prompt_id"],
    }
    state["value"] = 2
    run = await peer.run(prompt)
    assert run.cached == ["1"] and run.shown == {"2": [2]}


async def test_undeclared_inputs(peer, make):
    @peer.define()
    def Sum(**values: Annotated[Any, Flags(optional=True), Socket("*")]) -> ANYTHING:
        return sum(value for value in values.values() if value is not None)

    prompt = {"1": make("Value", value=3), "2": make("Value", value=4)}
    prompt |= {"3": make("Sum", input1="@1", input2="@2", stray=100), "4": make("Show", value="@3")}
    assert (await peer.run(prompt)).shown == {"4": [7]}


async def test_for_loop(peer, make):
    @peer.define()
    def Loop(*, count: int, total: int = 0, me: Annotated[str, Hidden("UNIQUE_ID")] = "") -> ANYTHING:
        if count == 0:
            return total
        inner = {f"{me}.0.0.next": Node(type="Loop", inputs={"count": count - 1, "total": total + count})}
        return NodeResult(values=(Link(f"{me}.0.0.next", 0),), expand=Graph(inner))

    run = await peer.run({"1": make("Loop", count=5, total=0), "2": make("Show", value="@1")})
    assert run.shown == {"2": [15]}
    assert run.executing[:3] == ["1", "1.0.0.next", "1.0.0.next.0.0.next"]
    assert {data["display_node"] for data in run.of("executing") if data["node"] and data["node"] != "2"} == {"1"}


async def test_mixed_expansion_returns(peer, make):
    @peer.define(list_outputs=(True,))
    def Several() -> ANYTHING:
        return [1, 2, 3]

    @peer.define()
    def Maybe(*, value: int) -> tuple[ANYTHING, ANYTHING]:
        if value == 2:
            return value, value
        inner = {"made": Node(type="Value", inputs={"value": value * 100})}
        return NodeResult(values=(Link("made", 0), value), expand=Graph(inner))

    prompt = {"1": make("Several"), "2": make("Maybe", value="@1")}
    prompt |= {"3": make("Show", value="@2"), "4": make("Show", value="@2:1")}
    assert (await peer.run(prompt)).shown == {"3": [100, 2, 300], "4": [1, 2, 3]}


async def test_mixed_lazy_results(peer, mix, make):
    @peer.define(list_outputs=(True,))
    def Shares() -> ANYTHING:
        return [0, 1, 0]

    prompt = mix(0) | {"3": make("Shares")}
    run = await peer.run(prompt)
    assert run.shown == {"5": [10, 20, 10]} and run.ran("1") and run.ran("2")


async def test_output_reuse(peer, make):
    """Equal nodes share a result; the later one is told, and does not run."""
    prompt = {"1": make("Value", value=5), "2": make("Show", value="@1"), "3": make("Show", value="@1")}
    run = await peer.run(prompt)
    assert len(run.executing) == 2 and run.cached == []
    assert run.shown == {"2": [5], "3": [5]}
    assert {data["node"]: data["output"] for data in run.of("executed")} == {"2": {"shown": [5]}, "3": {"shown": [5]}}


async def test_execution_block_list_output(peer, make):
    @peer.define(list_outputs=(True,))
    def Some() -> ANYTHING:
        return [1, Blocked(), 3]

    run = await peer.run({"1": make("Some"), "2": make("Show", value="@1")})
    assert run.succeeded and run.shown == {"2": [1, 3]} and run.of("execution_error") == []


@pytest.mark.parametrize("message", [None, "not today"])
async def test_blockers(peer, make, message):
    @peer.define()
    def Stop() -> tuple[ANYTHING, ANYTHING]:
        return Blocked(message), 5

    @peer.define()
    def Pass(*, value: ANYTHING) -> ANYTHING:
        return value

    prompt = {"1": make("Stop"), "2": make("Pass", value="@1"), "3": make("Show", value="@2")}
    prompt["4"] = make("Show", value="@1:1")
    run = await peer.run(prompt)
    assert run.succeeded and run.shown == {"4": [5]}
    assert [name for name, _ in run.history["status"]["messages"]] == [
        *["execution_start", "execution_cached", "execution_success"]
    ]
    if message is None:
        assert run.of("execution_error") == []
        return
    error = run.error
    error.pop("prompt_id")
    assert set(error.pop("executed")) <= {"1", "4"}
    assert error == {
        "node_id": "2",
        "node_type": "Pass",
        "exception_message": "Execution Blocked: not today",
        "exception_type": "ExecutionBlocked",
        "traceback": [],
        "current_inputs": [],
        "current_outputs": [],
    }


class TestPartialExecution:
    """``partial_execution_targets``."""

    PROMPT = staticmethod(
        lambda make: {
            "1": make("Value", value=1),
            "2": make("Value", value=2),
            "3": make("Show", value="@1"),
            "4": make("Show", value="@2"),
            "5": make("Show", value="@missing"),
        }
    )

    async def test_included_outputs(self, peer, make):
        run = await peer.run(self.PROMPT(make), partial_execution_targets=["3"])
        assert run.executing == ["1", "3"] and run.history["prompt"][4] == ["3"]

    async def test_excluded_outputs(self, peer, make):
        """Others are neither run nor checked."""
        status, body = await peer.post(self.PROMPT(make), partial_execution_targets=["3", "4"])
        assert status == 200 and body["node_errors"] == {}
        status, body = await peer.post(self.PROMPT(make))
        assert status == 200 and list(body["node_errors"]) == ["5"]

    async def test_dependencies(self, peer, make):
        run = await peer.run(self.PROMPT(make), partial_execution_targets=["4"])
        assert run.executing == ["2", "4"]

    async def test_with_lazy_nodes(self, peer, make, mix):
        prompt = mix(0) | {"6": make("Show", value="@2")}
        run = await peer.run(prompt, partial_execution_targets=["5"])
        assert not run.ran("2") and not run.ran("6") and run.shown == {"5": [10]}

    async def test_multiple_output_nodes(self, peer, make):
        run = await peer.run(self.PROMPT(make), partial_execution_targets=["3", "4"])
        assert set(run.shown) == {"3", "4"}

    @pytest.mark.parametrize("targets", [[], ["1"], ["nobody"]])
    async def test_empty_list(self, peer, make, targets):
        body = await peer.refused(self.PROMPT(make), partial_execution_targets=targets)
        assert body["error"] == {
            "type": "prompt_no_outputs",
            "message": "Prompt has no outputs",
            "details": "",
            "extra_info": {},
        }


class TestHistoryWindows:
    """The seven ``test_offset_*``: windows of the history."""

    @pytest.fixture
    async def ids(self, peer, make):
        ids = []
        for number in range(5):
            run = await peer.run({"1": make("Show", value=number)})
            ids.append(run.history["prompt"][1])
        return ids

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, slice(0, 5)),
            ({"max_items": 2}, slice(3, 5)),
            ({"offset": 0, "max_items": 2}, slice(0, 2)),
            ({"offset": 3}, slice(3, 5)),
            ({"offset": 1, "max_items": 3}, slice(1, 4)),
            ({"offset": 9}, slice(5, 5)),
            ({"max_items": 0}, slice(5, 5)),
        ],
    )
    async def test_offset(self, peer, ids, query, expected):
        for _ in range(2):  # the second answer comes from what is kept
            found = await (await (await peer.client()).get("/history", params=query)).json()
            assert list(found) == ids[expected]

    async def test_kept_answers_follow_the_history(self, peer, make, ids):
        client = await peer.client()
        assert len(await (await client.get("/history")).json()) == 5
        await client.post("/history", json={"delete": [ids[0]]})
        assert list(await (await client.get("/history")).json()) == ids[1:]
        await peer.run({"1": make("Show", value=9)})
        assert len(await (await client.get("/history")).json()) == 5
        await client.post("/history", json={"clear": True})
        assert await (await client.get("/history")).json() == {}
