"""Estimates from what nodes took before, and the stopwatch that they come from."""

from limner.engine.events import NodeFinished, NodePlace, NodeStarted
from limner.jobs.pace import Load, Pace, estimate, loads_of
from limner.jobs.stopwatch import Stopwatch

DOCUMENT = {
    "1": {"class_type": "Load", "inputs": {"ckpt_name": "a.safetensors"}},
    "2": {"class_type": "Empty", "inputs": {"width": 512, "height": 256, "batch_size": 2}},
    "3": {"class_type": "Sample", "inputs": {"steps": 20, "seed": 1, "model": ["1", 0]}},
}


def test_what_a_node_has_to_do_is_read_from_the_graph():
    assert loads_of(DOCUMENT)["3"] == Load("Sample", "a.safetensors", 512 * 256 * 2, 20)
    assert loads_of({"1": {"class_type": "X", "inputs": {"width": "wide", "steps": -3}}, "2": 7}) == {
        "1": Load("X", "", 0, 1)
    }


def test_the_nearest_figure_is_taken_and_scaled():
    paces = [
        Pace("Sample", "a.safetensors", 512 * 256 * 2, 10, 3.0, 4),
        Pace("Sample", "b.safetensors", 512 * 256 * 2, 20, 50.0, 9),
    ]
    found = estimate(loads_of(DOCUMENT), paces)
    assert (found.seconds, found.nodes) == (6.0, {"3": 6.0})
    assert 0 < found.known < 1
    assert estimate({}, []).seconds is None


def test_nodes_are_timed_from_their_calls_to_their_ends():
    watch, place = Stopwatch(), NodePlace.of("1")
    for at, end in ((1000, 1500), (2000, 2250)):
        watch.hear(NodeStarted(job="j", time=at, place=place))
        watch.hear(NodeFinished(job="j", time=end, place=place))
    watch.hear(NodeStarted(job="j", time=3000, place=NodePlace.of("2")))
    timed = watch.read("j", 4000)
    assert timed is not None
    assert [(step.node, step.began, step.seconds, step.done) for step in timed.steps] == [
        ("1", 1000, 0.75, True),
        ("2", 3000, 1.0, False),
    ]
    assert Stopwatch().read("j", 1) is None
