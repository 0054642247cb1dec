"""The behaviours that ComfyUI's own execution tests are named after (contract 8.5), part 2: coroutines and progress."""

import asyncio
import time
from typing import Annotated, Any

import pytest

from limner.engine.blocked import Blocked
from limner.graph.declare import Flags, Hidden, NodeResult, Service, Socket
from limner.graph.graph import Graph, Link, Node
from limner.graph.progress import Preview, Progress

ANYTHING = Annotated[Any, Socket("*")]
Speaking = Annotated[Progress, Service()]

PAUSE = 0.4
"""Seconds that a sleeping node sleeps, while others begin."""


class Spans(dict[Any, tuple[float, float]]):
    """When nodes began and ended, by their values.

    Attributes:
        company: How many nodes have to have begun before a coroutine ends; so no slow machine can tear them apart.
    """

    company = 1

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[Any] = []

    def begin(self, value: Any) -> float:
        self.begun.append(value)
        return time.monotonic()

    async def joined(self) -> None:
        async with asyncio.timeout(20):
            while len(self.begun) < self.company:
                await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def sleeping(peer):
    """``Sleep``: a coroutine. ``SlowSync``: a function. Both note when they began and ended."""
    spans = Spans()

    @peer.define()
    async def Sleep(*, value: ANYTHING, seconds: Annotated[float, Flags(optional=True)] = PAUSE) -> ANYTHING:
        began = spans.begin(value)
        await asyncio.sleep(seconds)
        await spans.joined()
        spans[value] = began, time.monotonic()
        return value

    @peer.define()
    def SlowSync(*, value: ANYTHING) -> ANYTHING:
        began = spans.begin(value)
        time.sleep(0.05)
        spans[value] = began, time.monotonic()
        return value

    return spans


def together(spans, *values):
    """Whether the spans of these values have a moment in common."""
    return max(spans[value][0] for value in values) < min(spans[value][1] for value in values)


async def test_parallel_sleep_nodes(peer, make, sleeping):
    sleeping.company = 3
    prompt = {str(number): make("Sleep", value=number) for number in range(3)}
    prompt |= {f"out{number}": make("Show", value=f"@{number}") for number in range(3)}
    run = await peer.run(prompt)
    assert run.shown == {f"out{number}": [number] for number in range(3)}
    assert together(sleeping, 0, 1, 2)
    # A coroutine is announced once, when it begins.
    assert sorted(run.executing) == sorted(prompt)


async def test_parallel_sleep_expansion(peer, make, sleeping):
    sleeping.company = 2

    @peer.define()
    def Spread() -> tuple[ANYTHING, ANYTHING]:
        inner = {f"s{number}": Node(type="Sleep", inputs={"value": number, "seconds": PAUSE}) for number in range(2)}
        return NodeResult(values=(Link("s0", 0), Link("s1", 0)), expand=Graph(inner))

    prompt = {"1": make("Spread"), "2": make("Show", value="@1"), "3": make("Show", value="@1:1")}
    assert (await peer.run(prompt)).shown == {"2": [0], "3": [1]}
    assert together(sleeping, 0, 1)


async def test_basic_async_execution(peer, make):
    run = await peer.run({"1": make("Sleep", value=7, seconds=0.01), "2": make("Show", value="@1")})
    assert run.succeeded and run.shown == {"2": [7]} and run.executing == ["1", "2"]


async def test_multiple_async_parallel_execution(peer, make, sleeping):
    sleeping.company = 5
    prompt = {str(number): make("Sleep", value=number) for number in range(5)}
    prompt |= {f"out{number}": make("Show", value=f"@{number}") for number in range(5)}
    assert (await peer.run(prompt)).succeeded and together(sleeping, *range(5))


async def test_async_items_of_a_list_run_together(peer, make, sleeping):
    sleeping.company = 3

    @peer.define(list_outputs=(True,))
    def Several() -> ANYTHING:
        return [1, 2, 3]

    run = await peer.run({"1": make("Several"), "2": make("Sleep", value="@1"), "3": make("Show", value="@2")})
    assert run.shown == {"3": [1, 2, 3]} and together(sleeping, 1, 2, 3)


async def test_async_with_dependencies(peer, make, sleeping):
    prompt = {"1": make("Sleep", value=1, seconds=0.05), "2": make("Sleep", value="@1", seconds=0.01)}
    prompt["3"] = make("Show", value="@2")
    run = await peer.run(prompt)
    assert run.executing == ["1", "2", "3"] and run.shown == {"3": [1]}


async def test_async_validate_inputs(peer, make):
    async def validate(value):
        await asyncio.sleep(0.01)
        return True if value < 10 else "too large"

    @peer.define(validate=validate, output=True)
    def Checked(*, value: int) -> None:
        return NodeResult(ui={"shown": [value]})

    assert (await peer.run({"1": make("Checked", value=5)})).shown == {"1": [5]}
    body = await peer.refused({"1": make("Checked", value=50)})
    [error] = body["node_errors"]["1"]["errors"]
    assert (error["type"], error["details"]) == ("custom_validation_failed", "value - too large")


async def test_async_lazy_evaluation(peer, make):
    def needs(*, first, second, flag):
        return ["first"] if flag else ["second"]

    @peer.define(needs=needs)
    async def Choose(
        *, first: Annotated[ANYTHING, Flags(lazy=True)], second: Annotated[ANYTHING, Flags(lazy=True)], flag: bool
    ) -> ANYTHING:
        await asyncio.sleep(0.01)
        return first if flag else second

    prompt = {"1": make("Sleep", value=1, seconds=0.01), "2": make("Sleep", value=2, seconds=0.01)}
    prompt |= {"3": make("Choose", first="@1", second="@2", flag=True), "4": make("Show", value="@3")}
    run = await peer.run(prompt)
    assert run.shown == {"4": [1]} and not run.ran("2")


async def test_async_check_lazy_status(peer, make):
    async def needs(*, first, flag):
        await asyncio.sleep(0.01)
        return ["first"] if flag else []

    @peer.define(needs=needs)
    def Perhaps(*, first: Annotated[ANYTHING, Flags(lazy=True)], flag: bool) -> ANYTHING:
        return (first,)

    for flag, shown in ((False, [None]), (True, [1])):
        prompt = {"1": make("Value", value=1), "2": make("Perhaps", first="@1", flag=flag)}
        run = await peer.run(prompt | {"3": make("Show", value="@2")})
        assert run.shown == {"3": shown}


async def test_async_execution_error(peer, make):
    @peer.define()
    async def Fail(*, value: int) -> ANYTHING:
        await asyncio.sleep(0.01)
        raise ValueError("late")

    run = await peer.run({"1": make("Fail", value=3), "2": make("Show", value="@1")})
    assert (run.error["exception_message"], run.error["exception_type"]) == ("late\n", "ValueError")
    assert run.error["node_id"] == "1" and run.error["current_inputs"] == {"value": [3]}
    assert run.kinds[-3:] == ["execution_error", "status", "executing"]


async def test_async_validation_error(peer, make):
    async def validate(value):
        raise ValueError("explode")

    @peer.define(validate=validate, output=True)
    def Checked(*, value: int) -> None:
        """Never runs."""

    body = await peer.refused({"1": make("Checked", value=1)})
    [error] = body["node_errors"]["1"]["errors"]
    assert (error["type"], error["details"]) == ("exception_during_validation", "explode")
    assert error["extra_info"]["exception_type"] == "ValueError"


async def test_async_timeout_handling(peer, make):
    @peer.define()
    async def Impatient(*, value: int) -> ANYTHING:
        async with asyncio.timeout(0.02):
            await asyncio.sleep(5)

    run = await peer.run({"1": make("Impatient", value=1), "2": make("Show", value="@1")})
    assert run.error["exception_type"] == "TimeoutError"


async def test_concurrent_async_error_recovery(peer, make):
    """A failure among coroutines ends the run; the next run finds everything in order."""

    @peer.define()
    async def Fail(*, value: int) -> ANYTHING:
        await asyncio.sleep(0.02)
        raise ValueError("one of them")

    prompt = {"1": make("Sleep", value=1), "2": make("Fail", value=1), "3": make("Sleep", value=3)}
    prompt |= {f"out{name}": make("Show", value=f"@{name}") for name in ("1", "2", "3")}
    run = await peer.run(prompt)
    assert not run.succeeded and run.error["node_id"] == "2"
    run = await peer.run({"1": make("Sleep", value=1), "out1": make("Show", value="@1")})
    assert run.succeeded and run.shown == {"out1": [1]}


async def test_sync_error_during_async_execution(peer, make):
    @peer.define()
    def Fail(*, value: int) -> ANYTHING:
        raise ValueError("sync")

    prompt = {"1": make("Sleep", value=1, seconds=120.0), "2": make("Show", value="@1")}
    prompt |= {"3": make("Fail", value=1), "4": make("Show", value="@3")}
    began = time.monotonic()
    run = await peer.run(prompt)
    assert run.error["exception_message"] == "sync\n" and time.monotonic() - began < 60


async def test_async_with_execution_blocker(peer, make):
    @peer.define()
    async def Stop() -> ANYTHING:
        await asyncio.sleep(0.01)
        return Blocked("blocked!")

    @peer.define()
    async def Pass(*, value: ANYTHING) -> ANYTHING:
        return value

    prompt = {"1": make("Stop"), "2": make("Pass", value="@1"), "3": make("Show", value="@2")}
    run = await peer.run(prompt)
    assert run.succeeded and run.shown == {}
    assert (run.error["node_id"], run.error["exception_message"]) == ("2", "Execution Blocked: blocked!")


async def test_async_caching_behavior(peer, make):
    prompt = {"1": make("Sleep", value=1, seconds=0.01), "2": make("Show", value="@1")}
    await peer.run(prompt)
    run = await peer.run(prompt)
    assert run.cached == ["1", "2"] and run.executing == []


async def test_async_with_dynamic_prompts(peer, make):
    @peer.define()
    async def Grow(*, value: int, me: Annotated[str, Hidden("UNIQUE_ID")] = "") -> ANYTHING:
        await asyncio.sleep(0.01)
        name = f"{me}.0.0.1"
        return NodeResult(
            values=(Link(name, 0),), expand=Graph({name: Node(type="Sleep", inputs={"value": value, "seconds": 0.01})})
        )

    run = await peer.run({"1": make("Grow", value=4), "2": make("Show", value="@1")})
    assert run.shown == {"2": [4]} and run.executing == ["1", "1.0.0.1", "2"]


async def test_async_resource_cleanup(peer, make):
    """Coroutines that a failed run leaves behind are cancelled, so that they can let go of what they hold."""
    closed = asyncio.Event()
    loop = asyncio.get_running_loop()

    @peer.define()
    async def Hold(*, value: int) -> ANYTHING:
        try:
            await asyncio.sleep(30)
        finally:
            loop.call_soon_threadsafe(closed.set)

    @peer.define()
    async def Fail(*, value: int) -> ANYTHING:
        await asyncio.sleep(0.05)
        raise ValueError("now")

    prompt = {"1": make("Hold", value=1), "2": make("Show", value="@1")}
    prompt |= {"3": make("Fail", value=1), "4": make("Show", value="@3")}
    assert not (await peer.run(prompt)).succeeded
    async with asyncio.timeout(5):
        await closed.wait()


async def test_async_cancellation(peer, make, read):
    socket = await peer.socket("tester")
    prompt = {"1": make("Sleep", value=1, seconds=30.0), "2": make("Show", value="@1")}
    _, body = await peer.post(prompt, client_id="tester")
    while (await socket.receive_json())["type"] != "executing":
        pass
    client = await peer.client()
    assert (await client.post("/interrupt", json={"prompt_id": body["prompt_id"]})).status == 200
    told = await read(socket)
    [data] = [message["data"] for message in told if message["type"] == "execution_interrupted"]
    assert (data["node_id"], data["node_type"], data["executed"]) == ("1", "Sleep", [])
    entry = (await (await client.get("/history")).json())[body["prompt_id"]]
    assert entry["status"]["messages"][-1] == ["execution_interrupted", data]
    assert (entry["outputs"], entry["meta"], entry["status"]["status_str"]) == ({}, {}, "error")


async def test_mixed_sync_async_execution(peer, make, sleeping):
    sleeping.company = 3
    prompt = {"1": make("Sleep", value=1), "2": make("SlowSync", value=2), "3": make("SlowSync", value=3)}
    prompt |= {f"out{name}": make("Show", value=f"@{name}") for name in ("1", "2", "3")}
    assert (await peer.run(prompt)).shown == {"out1": [1], "out2": [2], "out3": [3]}
    assert together(sleeping, 1, 2) and together(sleeping, 1, 3)


async def test_a_function_may_give_something_to_await(peer, make):
    @peer.define()
    def Deferred(*, value: int) -> ANYTHING:
        async def later():
            await asyncio.sleep(0.01)
            return value + 1

        return later()

    assert (await peer.run({"1": make("Deferred", value=1), "2": make("Show", value="@1")})).shown == {"2": [2]}


@pytest.fixture
def working(peer):
    """``Work`` reports two steps with a picture each; ``Final`` sends pictures that are meant to be taken."""

    @peer.define()
    def Work(*, value: int, progress: Speaking) -> ANYTHING:
        progress.report(1, 2, Preview(image=b"jpeg") if progress.preview_size else None)
        progress.text("half of it")
        progress.report(2, 2)
        return value

    @peer.define(output=True, fingerprint=lambda **_: float("nan"))
    def Final(*, value: ANYTHING, progress: Speaking) -> None:
        for number in range(2):
            progress.report(number, 2, Preview(image=b"\x89PNG", media_type="image/png", final=True))


async def test_progress_isolation_between_clients(peer, make, working, read):
    peer.concurrency = 2
    sockets = [await peer.socket(name) for name in ("a", "b")]
    jobs = {}
    for name in ("a", "b"):
        prompt = {"1": make("Work", value=ord(name)), "2": make("Show", value="@1")}
        jobs[name] = (await peer.post(prompt, client_id=name))[1]["prompt_id"]
    for name, socket in zip(("a", "b"), sockets, strict=True):
        told = [message for message in await read(socket) if isinstance(message, dict)]
        about = {message["data"]["prompt_id"] for message in told if "prompt_id" in message["data"]}
        assert about == {jobs[name]}
        assert any(message["type"] == "progress" for message in told)


async def test_progress_with_missing_client_id(peer, make, working):
    socket = await peer.socket("a")
    await peer.post({"1": make("Work", value=1), "2": make("Show", value="@1")})
    seen = []
    async with asyncio.timeout(10):
        while "progress" not in seen:
            message = await socket.receive()
            seen.append(message.json()["type"] if message.type.name == "TEXT" else "binary")
    assert not {"executing", "execution_start", "execution_cached"} & set(seen)


async def test_order_of_progress_and_previews(peer, make, working):
    prompt = {"1": make("Work", value=1), "2": make("Show", value="@1")}
    plain = await peer.run(prompt, extra_data={"preview_method": "latent2rgb"})
    at = plain.kinds.index("progress")
    assert plain.kinds[at - 3 : at + 2] == ["progress_state", "executing", "progress_state", "progress", "binary"]
    assert plain.binary[0] == b"\0\0\0\1\0\0\0\1jpeg"
    assert plain.of("progress")[0] == {
        "value": 1,
        "max": 2,
        "prompt_id": plain.history["prompt"][1],
        "node": "1",
    }
    prompt["1"] = make("Work", value=2)
    described = await peer.run(prompt, flags={"supports_preview_metadata": True})
    at = described.kinds.index("progress")
    assert described.kinds[at - 2 : at] == ["progress_state", "binary"]
    assert described.binary[0][:4] == b"\0\0\0\4" and described.binary[0].endswith(b"jpeg")


async def test_previews_are_off_unless_somebody_asks(peer, make, working):
    run = await peer.run({"1": make("Work", value=1), "2": make("Show", value="@1")})
    assert [frame[:4] for frame in run.binary] == [b"\0\0\0\3"]  # the text alone


async def test_states_are_cumulative(peer, make, working):
    run = await peer.run({"1": make("Work", value=1), "2": make("Show", value="@1")})
    states = [{name: entry["state"] for name, entry in data["nodes"].items()} for data in run.of("progress_state")]
    assert states[0] == {"1": "running"} and states[-1] == {"1": "finished", "2": "finished"}
    assert [len(state) for state in states] == sorted(len(state) for state in states)
    last = run.of("progress_state")[-1]["nodes"]["1"]
    assert (last["value"], last["max"]) == (2, 2)


async def test_pictures_for_the_socket(peer, make, working):
    """SaveImageWebsocket's framing: 8 bytes and the PNG, while ``executing`` names the node; every time anew."""
    prompt = {"1": make("Value", value=1), "2": make("Final", value="@1")}
    for _ in range(2):
        run = await peer.run(prompt)
        assert run.binary == [b"\0\0\0\1\0\0\0\2\x89PNG"] * 2
        first = run.kinds.index("binary")
        named = [told["data"]["node"] for told in run.messages[:first] if told["type"] == "executing"]
        assert named[-1] == "2" and run.history["outputs"] == {} and run.of("executed") == []
        assert [data["value"] for data in run.of("progress")] == [0, 1]
