import time

from limner.engine.agenda import Agenda


def filled(agenda, names, edges, outputs=(), urgent=()):
    for name in names:
        agenda.add(name, output=name in outputs, urgent=name in urgent)
    for name, source in edges:
        agenda.block(name, source)
    agenda.settle(names)
    return agenda


def drained(agenda):
    order = []
    while (name := agenda.pop()) is not None:
        order.append(name)
        agenda.finish(name)
    return order


def test_order_of_insertion_among_equals():
    assert drained(filled(Agenda(), "cab", [])) == ["c", "a", "b"]


def test_outputs_and_urgent_nodes_first_then_by_distance():
    names = ["x", "c", "b", "a", "out", "other", "urgent"]
    edges = [("out", "a"), ("a", "b"), ("b", "c"), ("c", "x")]
    agenda = filled(Agenda(), names, edges, outputs=("out", "other"), urgent=("urgent",))
    assert drained(agenda) == ["other", "urgent", "x", "c", "b", "a", "out"]


def test_distance_is_found_whatever_the_order_of_edges():
    edges = [("b", "c"), ("a", "b"), ("out", "a")]
    agenda = filled(
        Agenda(), ["z", "c", "b", "a", "out", "c2", "out2"], [*edges, ("out2", "c2")], outputs=("out", "out2")
    )
    assert drained(agenda)[:2] == ["c2", "out2"]


def test_held_nodes_wait():
    agenda = Agenda()
    agenda.add("a", output=False, urgent=False)
    agenda.hold("a")
    agenda.settle(["a"])
    assert agenda.pop() is None and len(agenda) == 1
    agenda.unblock("a")
    assert agenda.pop() == "a" and "a" in agenda
    agenda.finish("a")
    assert len(agenda) == 0


def test_a_node_may_come_back():
    agenda = filled(Agenda(), ["a"], [])
    assert drained(agenda) == ["a"]
    assert drained(filled(agenda, ["b", "a"], [("b", "a")])) == ["a", "b"]


def test_shapes_with_many_edges_are_quick():
    sources, middles, sinks = ([f"{kind}{index}" for index in range(200)] for kind in "sml")
    edges = [(m, s) for m in middles for s in sources] + [(k, m) for k in sinks for m in middles]
    start = time.perf_counter()
    order = drained(filled(Agenda(), [*sinks, *middles, *sources], edges, outputs=sinks))
    assert time.perf_counter() - start < 5
    assert len(order) == 600
