"""The whole check: outputs, partial validity, cycles, size."""

import time

import pytest

from limner.graph.api_document import from_document
from limner.graph.check import check
from limner.graph.graph import Graph, Link, Node


@pytest.fixture
def checked(catalog, lists, read):
    def run(targets=None, **nodes):
        return check(read(**nodes), catalog, lists, targets)

    return run


def test_a_sound_graph(checked):
    found = checked(n1=("EmptyImage", {"width": "16"}), n2=("PreviewImage", {"images": ["1", 0]}))
    assert found.targets == ("2",)
    assert found.problem is None
    assert not found.problems
    assert found.graph.nodes["1"].inputs == {"width": 16}


def test_an_unknown_class(checked):
    found = checked(n1=("NopeNode", {}), n2=("PreviewImag", {}))
    assert found.problem.code == "missing_node_type"
    assert found.problem.message == "Node 'NopeNode' not found. The custom node may not be installed."
    assert found.problem.details == "Node ID '#1'"
    assert found.problem.extra["node_id"] == "1"
    assert found.problem.extra["class_type"] == "NopeNode"
    assert [entry["node_id"] for entry in found.problem.extra["missing"]] == ["1", "2"]
    assert found.problems == {}


def test_an_unknown_class_comes_with_the_nearest_ones(checked):
    found = checked(n1=("PreviewImag", {}))
    assert found.problem.extra["nearest"][0] == "PreviewImage"
    assert found.problem.details == "Node ID '#1'"


@pytest.mark.parametrize("written", [{}, {"class_type": None}, {"class_type": ["a"]}, {"class_type": 5}])
def test_a_missing_class(catalog, lists, written):
    found = check(from_document({"1": written | {"_meta": {"title": "Mine"}}}), catalog, lists)
    assert found.problem.code == "missing_node_type"
    assert found.problem.message.startswith("Node 'Mine' has no class_type. The workflow may be corrupted")


@pytest.mark.parametrize("targets", [[], ["1"], ["9"], [None, 3, {}]])
def test_no_outputs(checked, targets):
    nodes = {"n1": ("EmptyImage", {"width": 16}), "n2": ("PreviewImage", {"images": ["1", 0]})}
    found = checked(targets, **nodes)
    assert (found.problem.code, found.problem.message) == ("prompt_no_outputs", "Prompt has no outputs")


def test_an_empty_graph_has_no_outputs(checked):
    assert checked().problem.code == "prompt_no_outputs"


def test_only_asked_outputs_are_checked(checked):
    nodes = {"n1": ("EmptyImage", {"width": 16}), "n2": ("PreviewImage", {"images": ["1", 0]}), "n3": ("SaveImage", {})}
    found = checked(["2"], **nodes)
    assert found.targets == ("2",)
    assert not found.problems


def test_nodes_that_nothing_needs_are_not_checked(checked):
    nodes = {"n1": ("EmptyImage", {"width": 16}), "n2": ("PreviewImage", {"images": ["1", 0]}), "n3": ("KSampler", {})}
    assert not checked(**nodes).problems


def test_partial_validity(checked):
    """The case of contract 3.5: outputs 2 (sound), 3 (link to nothing), 5 and 6 (behind the bad node 4)."""
    found = checked(
        n1=("EmptyImage", {"width": 16}),
        n2=("PreviewImage", {"images": ["1", 0]}),
        n3=("PreviewImage", {"images": ["98", 0]}),
        n4=("EmptyImage", {"width": -1}),
        n5=("PreviewImage", {"images": ["4", 0]}),
        n6=("PreviewImage", {"images": ["4", 0]}),
    )
    assert found.targets == ("2",)
    assert found.problem is None
    assert {name: [problem.code for problem in several] for name, several in found.problems.items()} == {
        "3": ["exception_during_validation"],
        "4": ["value_smaller_than_min"],
    }
    assert found.problems["3"][0].details == "'98'"
    assert found.dependents == {"3": ["3"], "4": ["5", "6"]}


def test_failure_names_the_problems_of_outputs(checked):
    found = checked(n1=("PreviewImage", {}), n2=("SaveImage", {"filename_prefix": "a"}))
    assert found.targets == ()
    assert found.problem.code == "prompt_outputs_failed_validation"
    assert found.problem.message == "Prompt outputs failed validation"
    assert found.problem.details == "Required input is missing: images\nRequired input is missing: images"


def test_failure_upstream_has_no_details(checked):
    found = checked(n1=("EmptyImage", {"width": 0}), n2=("PreviewImage", {"images": ["1", 0]}))
    assert found.problem.details == ""
    assert list(found.problems) == ["1"]


def test_all_problems_of_a_node_at_once(checked):
    found = checked(
        n1=("KSampler", {"steps": 0, "cfg": "x", "sampler_name": "no"}), n2=("PreviewImage", {"images": ["1", 0]})
    )
    assert [(problem.code, problem.extra["input_name"]) for problem in found.problems["1"]] == [
        ("required_input_missing", "model"),
        ("required_input_missing", "seed"),
        ("value_smaller_than_min", "steps"),
        ("invalid_input_type", "cfg"),
        ("value_not_in_list", "sampler_name"),
        ("required_input_missing", "scheduler"),
        ("required_input_missing", "positive"),
        ("required_input_missing", "negative"),
        ("required_input_missing", "latent_image"),
        ("required_input_missing", "denoise"),
    ]
    assert [problem.code for problem in found.problems["2"]] == ["return_type_mismatch"]


def test_a_cycle(checked):
    found = checked(
        n1=("Blend", {"first": ["2", 0]}), n2=("Blend", {"first": ["1", 0]}), n3=("PreviewImage", {"images": ["1", 0]})
    )
    assert found.problem.details == ""
    [problem] = found.problems["1"]
    assert problem.code == "dependency_cycle"
    assert problem.details == "1 (Blend) -> 2 (Blend) -> 1 (Blend)"
    assert problem.extra == {"node_id": "1", "cycle_nodes": ["1", "2"]}
    assert found.dependents["1"] == ["3"]


def test_a_node_that_feeds_itself(checked):
    found = checked(n1=("Blend", {"first": ["1", 0]}), n3=("PreviewImage", {"images": ["1", 0]}))
    assert found.problems["1"][0].details == "1 (Blend) -> 1 (Blend)"


def test_a_cycle_leaves_other_outputs_alone(checked):
    found = checked(
        n1=("Blend", {"first": ["1", 0]}),
        n2=("PreviewImage", {"images": ["1", 0]}),
        n3=("EmptyImage", {"width": 8}),
        n4=("PreviewImage", {"images": ["3", 0]}),
    )
    assert found.targets == ("4",)
    assert found.problem is None


def test_an_undeclared_link_is_followed(checked):
    found = checked(
        n1=("EmptyImage", {"width": -1}),
        n2=("EmptyImage", {"width": 8}),
        n3=("PreviewImage", {"images": ["2", 0], "extra": ["1", 0], "note": [1, 2, 3]}),
    )
    assert list(found.problems) == ["1"]


def chain(length: int, closed: bool = False) -> Graph:
    nodes = {"0": Node(type="Blend", inputs={"first": Link(str(length - 1), 0)})} if closed else {}
    nodes |= {} if closed else {"0": Node(type="EmptyImage", inputs={"width": 8})}
    for index in range(1, length):
        before = Link(str(index - 1), 0)
        nodes[str(index)] = Node(type="Blend", inputs={"first": before, "second": before})
    return Graph({**nodes, "out": Node(type="PreviewImage", inputs={"images": Link(str(length - 1), 0)})})


@pytest.mark.parametrize("closed", [False, True])
def test_ten_thousand_nodes_in_a_row(catalog, lists, closed):
    graph = chain(10_000, closed)
    started = time.process_time()
    found = check(graph, catalog, lists)
    seconds = time.process_time() - started
    assert bool(found.targets) is not closed
    assert closed == bool(found.problems)
    assert seconds / 10_000 < 1e-3  # some 10 us on an idle machine; what grows with the square takes a second each


def test_many_nested_cycles_stay_cheap(catalog, lists):
    """Every node is linked to its successor and to its mirror image: thousands of cycles, one inside the other."""
    length = 4000
    nodes = {
        str(index): Node(
            type="Blend",
            inputs={"first": Link(str(length - 1 - index), 0), "second": Link(str((index + 1) % length), 0)},
        )
        for index in range(length)
    }
    graph = Graph({**nodes, "out": Node(type="PreviewImage", inputs={"images": Link("0", 0)})})
    found = check(graph, catalog, lists)
    assert not found.targets
    assert 1 <= len(found.problems) <= 10


def test_many_problems_with_many_outputs_stay_cheap(catalog, lists):
    bad = {
        str(index): Node(type="Blend", inputs={"first": Link(str(index - 1), 0), "second": 5})
        for index in range(1, 2000)
    }
    bad["0"] = Node(type="EmptyImage", inputs={"width": -1})
    outs = {f"out{index}": Node(type="PreviewImage", inputs={"images": Link("1999", 0)}) for index in range(2000)}
    found = check(Graph(bad | outs), catalog, lists)
    assert sum(map(len, found.dependents.values())) <= 100_000


def test_lists_are_looked_up_once(catalog, lists):
    asked = []

    def counting(name):
        asked.append(name)
        return lists(name)

    document = {
        str(n): {"class_type": "VAELoader", "inputs": {"vae_name": "limner-mini.safetensors"}} for n in range(5)
    }
    document["out"] = {"class_type": "Show", "inputs": {"text": "", "flag": 1, "mode": "a"}}
    for number in range(5):
        document["out"]["inputs"][f"more{number}"] = [str(number), 0]
    found = check(from_document(document), catalog, counting)
    assert found.targets == ("out",)
    assert asked == ["vae"]
