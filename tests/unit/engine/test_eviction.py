"""What is held is bounded; what is not held any more is made again."""

from typing import Annotated, Any

from limner.engine.run import RunRequest
from limner.engine.step import Lost
from limner.graph.declare import NodeResult, Socket
from limner.graph.graph import Graph, Link

ANYTHING = Annotated[Any, Socket("*")]


def blob_nodes(lab):
    @lab.define()
    def blob(*, seed: int) -> ANYTHING:
        lab.calls[seed] += 1
        return bytes([seed]) * 100_000

    @lab.define()
    def first(*, data: ANYTHING) -> int:
        return data[0]


def blob_graph(make, seed):
    return {"1": make("blob", seed=seed), "2": make("first", data="@1"), "3": make("show", value="@2")}


def test_least_recently_used_results_go_first(lab, make):
    lab.capacity = 250_000
    blob_nodes(lab)
    for seed in (1, 2, 1, 3):
        assert lab.run(blob_graph(make, seed)).shown == {"3": [seed]}
    assert lab.engine.backend.results.size <= lab.capacity
    # Only 1 and 3 have room; the small results of all of them are still there.
    assert lab.run(blob_graph(make, 2)).recalled == ("2", "3")
    assert lab.run(blob_graph(make, 1)).recalled == ("1", "2", "3")
    assert lab.calls == {1: 1, 2: 1, 3: 1}


def test_without_any_room_everything_still_works(lab, make):
    lab.capacity = 0
    blob_nodes(lab)
    graph = blob_graph(make, 4) | {"4": make("add", a="@2", b="@2"), "5": make("show", value="@4")}
    for _ in range(2):
        trace = lab.run(graph)
        assert trace.shown == {"3": [4], "5": [8]} and trace.recalled == ()
        assert lab.engine.backend.results.size == 0
    assert lab.calls[4] == 2


def test_a_run_lets_go_of_what_it_has_used(lab, make):
    """A chain of big values needs room for a few of them, not for all."""
    lab.capacity = 0
    most = []

    @lab.define()
    def grown(*, data: ANYTHING) -> ANYTHING:
        most.append(lab.engine.backend.results.size)
        return bytes(100_000)

    graph = {"0": make("grown", data=0)}
    graph |= {str(index): make("grown", data=f"@{index - 1}") for index in range(1, 30)}
    graph["end"] = make("add", a=1)
    graph["seen"] = make("show", value="@29")
    lab.run(graph)
    # Equal inputs would be recalled, so every link has its own fingerprint; two values are alive at a time.
    assert len(most) == 30 and max(most) < 350_000


def test_release_forgets_results(lab, make):
    blob_nodes(lab)
    lab.run(blob_graph(make, 1))
    lab.engine.backend.release()
    assert lab.run(blob_graph(make, 1)).recalled == ()


def test_a_lost_result_is_made_again(lab, make):
    """A backend may lose what it was asked to keep (a worker of a cluster is gone); the run goes on."""
    blob_nodes(lab)
    backend = lab.engine.backend
    opened = backend.open

    class Forgetful:
        """A session whose first call finds that its inputs are gone."""

        def __init__(self, session):
            self.session, self.lost = session, False

        def __getattr__(self, name):
            return getattr(self.session, name)

        def call(self, step, wake):
            if step.type == "first" and not self.lost:
                self.lost = True
                key = step.inputs["data"].key
                self.session.drop(key)
                backend.release()
                assert self.session.call(step, wake) == Lost(frozenset({key}))
                return Lost(frozenset({key}))
            return self.session.call(step, wake)

    backend.open = lambda *arguments: Forgetful(opened(*arguments))
    trace = lab.run(blob_graph(make, 5))
    assert trace.shown == {"3": [5]}
    assert trace.started == ["1", "2", "1", "2", "3"]
    assert lab.calls[5] == 2


def test_a_lost_inner_result_is_made_again(lab, make):
    @lab.define()
    def outer() -> ANYTHING:
        return NodeResult(values=(Link("x", 0),), expand=Graph({"x": make("add", a=1, b=2)}))

    backend = lab.engine.backend
    opened = backend.open

    class Forgetful:
        def __init__(self, session):
            self.session, self.lost = session, False

        def __getattr__(self, name):
            return getattr(self.session, name)

        def assemble(self, step, links):
            if not self.lost:
                self.lost = True
                for ref in links.values():
                    self.session.drop(ref.key)
                backend.release()
            return self.session.assemble(step, links)

    backend.open = lambda *arguments: Forgetful(opened(*arguments))
    trace = lab.run({"1": make("outer"), "2": make("show", value="@1")})
    assert trace.shown == {"2": [3]}
    assert trace.started == ["1", "x", "x", "2"]


def test_an_emit_that_fails_leaves_nothing_behind(lab, make):
    blob_nodes(lab)

    def emit(event):
        raise BrokenPipeError("nobody listens")

    request: RunRequest = lab.request(blob_graph(make, 1))
    try:
        lab.engine.run(request, emit)
    except BrokenPipeError:
        assert lab.run(blob_graph(make, 1)).succeeded
    else:
        raise AssertionError("the caller has to hear of it")
