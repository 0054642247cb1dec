"""The in-process backend and its worker."""

import subprocess
import sys
import threading
from typing import Annotated, Any

import pytest
import torch

from limner.backends.in_process import InProcessBackend, InProcessWorker
from limner.engine.engine import Engine
from limner.engine.events import Failed, Interrupted, NodeOutput, Succeeded
from limner.engine.run import RunRequest, Worker
from limner.graph.catalog import Catalog, Named
from limner.graph.declare import Hidden, NodeResult, Service, Socket, node
from limner.graph.graph import Graph, Link, Node
from limner.graph.progress import Progress

ANYTHING = Annotated[Any, Socket("*")]


class Library:
    """A service."""

    def __init__(self, name):
        self.name = name


def define(function, **marks):
    return node(title=function.__name__, category="test", **marks)(function)


def show(*, value: ANYTHING) -> None:
    return NodeResult(ui={"shown": [value]})


SHOW = define(show, output=True)


@pytest.fixture
def backend_of():
    made = []

    def build(*functions, services=None, **options):
        definitions = {entry.type.name: entry for entry in (SHOW, *map(define, functions))}
        made.append(InProcessBackend(definitions, services or {}, 10**6, **options))
        return made[-1]

    yield build
    for backend in made:
        backend.close()


def run(backend, kind, substitute=False, worker=None, **inputs):
    graph = Graph({"1": Node(type=kind, inputs=inputs), "2": Node(type="show", inputs={"value": Link("1", 0)})})
    events = []
    request = RunRequest(job="j", graph=graph, targets=("2",), substitute=substitute, preview_size=32)
    (worker or Engine(backend)).run(request, events.append)
    return events


def shown(events):
    assert isinstance(events[-1], Succeeded), events[-1]
    return next(event.ui["shown"] for event in events if isinstance(event, NodeOutput))


def test_loads_no_tensor_library():
    program = "import sys, limner.backends.in_process; sys.exit(bool({'torch', 'numpy', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_services_are_given_by_type(backend_of):
    def ask(*, library: Annotated[Library, Service()], progress: Annotated[Progress, Service()]) -> ANYTHING:
        return [library.name, progress.preview_size]

    assert shown(run(backend_of(ask, services={Library: Library("a")}), "ask")) == [["a", 32]]


def test_services_may_be_made_for_a_run(backend_of):
    def ask(*, library: Annotated[Library, Service()]) -> str:
        return library.name

    backend = backend_of(ask, services_for=lambda request: {Library: Library(f"substitute={request.substitute}")})
    assert shown(run(backend, "ask")) == ["substitute=False"]
    assert shown(run(backend, "ask", substitute=True)) == ["substitute=True"]


def test_fingerprint_function_gets_services(backend_of):
    seen = []

    def reading(*, library: Annotated[Library, Service()], name: str) -> str:
        return name

    definition = define(reading, fingerprint=lambda **inputs: seen.append(sorted(inputs)))
    backend = InProcessBackend({"reading": definition, "show": SHOW}, {Library: Library("a")}, 1000)
    assert shown(run(backend, "reading", name="x")) == ["x"]
    assert seen == [["library", "name"]]


def test_functions_run_without_gradients(backend_of):
    def sync() -> bool:
        return torch.is_inference_mode_enabled()

    async def beside() -> bool:
        import asyncio

        before = torch.is_inference_mode_enabled()
        await asyncio.sleep(0)
        return before and torch.is_inference_mode_enabled()

    backend = backend_of(sync, beside)
    assert shown(run(backend, "sync")) == [True]
    assert shown(run(backend, "beside")) == [True]
    assert not torch.is_inference_mode_enabled()


def test_failures_describe_tensors(backend_of):
    def fail(*, a: ANYTHING) -> int:
        raise torch.OutOfMemoryError("out of memory")

    exhausted = []
    backend = backend_of(fail, exhausted=lambda: exhausted.append(True))
    failure = run(backend, "fail", a={"samples": torch.zeros(1, 4, 8, 8)})[-1].failure
    assert failure.error_type == "torch.OutOfMemoryError"
    assert failure.inputs == {"a": ["{'samples': Tensor torch.float32 [1, 4, 8, 8] on cpu}"]}
    assert exhausted == [True]


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")]
)
def test_running_out_of_memory_is_said_in_words_and_frees_some(backend_of, error):
    def fail() -> int:
        raise error

    exhausted = []
    failure = run(backend_of(fail, exhausted=lambda: exhausted.append(True)), "fail")[-1].failure
    assert failure.message == str(error)
    assert failure.tips.startswith("This error means you ran out of memory on your GPU.\n\nTIPS: ")
    assert exhausted == [True]


def test_secrets_reach_nodes_but_not_their_failures(backend_of):
    def fail(
        *, key: Annotated[Any, Hidden("API_KEY_COMFY_ORG")], token: Annotated[Any, Hidden("AUTH_TOKEN_COMFY_ORG")]
    ) -> int:
        assert token is None
        raise ValueError(f"refused with {key}")

    graph = Graph({"1": Node(type="fail", inputs={}), "2": Node(type="show", inputs={"value": Link("1", 0)})})
    asked = RunRequest(job="j", graph=graph, targets=("2",), secrets={"api_key_comfy_org": "SECRET"})
    events = []
    Engine(backend_of(fail)).run(asked, events.append)
    assert events[-1].failure.message == "refused with ***"
    assert "SECRET" not in str(events)


def test_a_node_that_shows_what_json_cannot_hold_fails_by_itself(backend_of):
    def fail() -> ANYTHING:
        return "\ud800"

    failure = run(backend_of(fail), "fail")[-1].failure
    assert failure.place.node == "2"
    assert "must be JSON values" in failure.message


def test_worker_describes_and_reports(backend_of):
    def one() -> int:
        return 1

    worker: Worker = InProcessWorker(
        "cpu", backend_of(one), catalog=Catalog(samplers=(Named(name="euler"),)), status=lambda: {"models": []}
    )
    catalog = worker.describe()
    assert set(catalog.nodes) == {"one", "show"} and catalog.samplers[0].name == "euler"
    assert shown(run(None, "one", worker=worker)) == [1]
    status = worker.status()
    assert status["running"] == [] and status["results"]["results"] == 2 and status["models"] == []


def test_worker_releases(backend_of):
    released = []

    def one() -> int:
        return 1

    backend = backend_of(one)
    worker = InProcessWorker("cpu", backend, release_models=lambda: released.append(True))
    run(None, "one", worker=worker)
    worker.release(models=True)
    assert released == [True] and len(backend.results) == 2
    worker.release(results=True)
    assert released == [True] and len(backend.results) == 0


def test_worker_cancels_by_job(backend_of):
    entered = threading.Event()

    def wait(*, progress: Annotated[Progress, Service()]) -> int:
        while True:
            entered.set()
            progress.check()
            threading.Event().wait(0.002)

    worker = InProcessWorker("cpu", backend_of(wait))
    ends = []
    thread = threading.Thread(target=lambda: ends.append(run(None, "wait", worker=worker)[-1]))
    thread.start()
    assert entered.wait(20)
    worker.cancel("somebody else")
    assert worker.status()["running"] == ["j"]
    worker.cancel("j")
    thread.join(20)
    assert isinstance(ends[0], Interrupted)
    worker.cancel("j")


def test_closing_a_worker_stops_its_runs(backend_of):
    entered = threading.Event()

    async def forever() -> int:
        import asyncio

        entered.set()
        await asyncio.Event().wait()
        return 1

    worker = InProcessWorker("cpu", backend_of(forever))
    ends = []
    thread = threading.Thread(target=lambda: ends.append(run(None, "forever", worker=worker)[-1]))
    thread.start()
    assert entered.wait(20)
    worker.close()
    thread.join(20)
    assert isinstance(ends[0], Interrupted)


def test_a_flaw_of_the_backend_fails_one_job(backend_of, monkeypatch):
    def one() -> int:
        return 1

    backend = backend_of(one)

    def broken(*arguments, **options):
        raise ZeroDivisionError("flaw")

    with monkeypatch.context() as patch:
        patch.setattr(backend.results, "recall", broken)
        events = run(backend, "one")
    assert isinstance(events[-1], Failed) and events[-1].failure.error_type == "ZeroDivisionError"
    assert shown(run(backend, "one")) == [1]
