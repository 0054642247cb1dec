"""What another ComfyUI says of its nodes, as a catalog that graphs are checked against."""

import pytest

from limner.app.registry import load_definitions
from limner.dialects.comfy.object_info import node_info
from limner.graph.catalog import Catalog
from limner.graph.check import check
from limner.graph.graph import Graph, Link, Node
from limner.providers.remote_catalog import catalog_of

EMPTY = {"width": 64, "height": 64, "batch_size": 1, "color": 0}


def lists(name):
    return ["sdxl.safetensors"]


@pytest.fixture(scope="module")
def catalog():
    """What a Limner says of itself."""
    types = {name: definition.type for name, definition in load_definitions().items()}
    own = Catalog(nodes=types)
    return catalog_of({name: node_info(described, own, lists) for name, described in types.items()})


def graph(**nodes):
    return Graph({name: Node(type=kind, inputs=inputs) for name, (kind, inputs) in nodes.items()})


def checked(catalog, graph, exists=None):
    return check(graph, catalog, lambda name: (), exists=exists)


def test_good_graphs_pass(catalog):
    good = graph(
        a=("EmptyImage", EMPTY), b=("SaveImage", {"images": Link("a", 0), "filename_prefix": "x"})
    )  # fmt: skip
    found = checked(catalog, good)
    assert (found.problem, found.targets) == (None, ("b",))


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (graph(a=("NobodyHasThis", {})), "missing_node_type"),
        (graph(a=("EmptyImage", EMPTY)), "prompt_no_outputs"),
        (
            graph(
                a=("CheckpointLoaderSimple", {"ckpt_name": "gone"}),
                b=("VAEDecode", {"samples": Link("a", 0), "vae": Link("a", 2)}),
                c=("SaveImage", {"images": Link("b", 0), "filename_prefix": "x"}),
            ),
            "prompt_outputs_failed_validation",
        ),
    ],
)
def test_bad_ones_are_told_before_they_are_sent(catalog, bad, code):
    assert checked(catalog, bad).problem.code == code


def test_files_that_are_sent_along_are_in_no_list(catalog):
    named = graph(
        a=("LoadImage", {"image": "mine.png"}), b=("SaveImage", {"images": Link("a", 0), "filename_prefix": "x"})
    )
    assert checked(catalog, named).problem is None


def test_what_cannot_be_understood_is_left_to_the_service():
    strange = {
        "A": {"input": {"required": {"x": ["INT", {"min": 3}], "y": "?", "z": [], "w": [7]}}, "output": None},
        "B": "nothing",
        "C": {"output": [["a", "b"], "IMAGE"], "output_is_list": [True], "output_node": True, "input": []},
        "D": {"input": {"required": {"values": ["COMFY_AUTOGROW_V3", {"template": {}}]}}, "output_node": True},
    }
    found = catalog_of(strange)
    assert [entry.name for entry in found.nodes["A"].inputs] == ["x"]
    assert "B" not in found.nodes
    assert [output.type for output in found.nodes["C"].outputs] == ["COMBO", "IMAGE"]
    assert checked(found, graph(d=("D", {"values.a": 3}))).problem is None
