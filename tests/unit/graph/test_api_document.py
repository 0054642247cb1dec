"""The API format there and back, and documents from anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.graph.api_document import from_document, to_document
from limner.graph.catalog import Catalog
from limner.graph.check import check
from limner.graph.errors import DocumentError
from limner.graph.graph import Graph, Link, Node
from limner.graph.node_type import Input, NodeType, Output

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**25) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["__value__", "a", "class_type", "inputs"]), inner, max_size=3)
    ),
    max_leaves=6,
)
ids = st.sampled_from(["1", "2", "3", "EmptyImage.0"])
names = st.sampled_from(["first", "second", "width", "mode", "file", "other"])
links = st.builds(Link, ids, st.integers(-1, 2))
constants = json_values.filter(lambda value: not isinstance(value, list)) | st.lists(json_values, max_size=3).map(tuple)
nodes = st.builds(
    Node,
    type=st.sampled_from(["Blend", "Source", "Sink"]),
    inputs=st.dictionaries(names, links | constants),
    title=st.none() | st.text(max_size=3),
    display=st.none() | ids,
)


@given(st.dictionaries(ids, nodes).map(Graph))
def test_there_and_back(graph):
    assert from_document(to_document(graph)) == graph


def test_a_node_without_inputs_stays_one():
    document = {"1": {"class_type": "A"}, "2": {"class_type": "A", "inputs": {}}}
    assert to_document(from_document(document)) == document


def test_wrapped_values():
    inputs = {"a": {"__value__": [1, 2]}, "b": {"__value__": 5}, "c": ["1", True], "d": ["1", 0]}
    graph = from_document({"1": {"class_type": "A", "inputs": inputs}})
    assert graph.nodes["1"].inputs == {"a": (1, 2), "b": 5, "c": Link("1", 1), "d": Link("1", 0)}


@pytest.mark.parametrize("document", [[], None, 5, "x", {"1": []}, {"1": None}, {"1": 5}])
def test_what_is_no_document(document):
    with pytest.raises(DocumentError):
        from_document(document)


CATALOG = Catalog(
    nodes={
        kind.name: kind
        for kind in (
            NodeType(
                name="Blend",
                title="",
                category="",
                doc="",
                inputs=(Input(name="first", type="IMAGE"), Input(name="second", type="IMAGE", required=False)),
                outputs=(Output(name="IMAGE", type="IMAGE"),),
            ),
            NodeType(
                name="Source",
                title="",
                category="",
                doc="",
                inputs=(
                    Input(name="width", type="INT", options={"min": 1, "max": 9}),
                    Input(name="mode", type="COMBO", choices=("a", "b"), options={"multiselect": True}),
                    Input(name="file", type="COMBO", choices_from="input pictures"),
                ),
                outputs=(Output(name="IMAGE", type="IMAGE"), Output(name="INT", type="INT")),
            ),
            NodeType(
                name="Sink",
                title="",
                category="",
                doc="",
                inputs=(Input(name="first", type="*"), Input(name="other", type="STRING")),
                is_output=True,
            ),
        )
    }
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "class_type": st.sampled_from(["Blend", "Source", "Sink"]) | st.sampled_from(["Sink", 5, None]),
        "inputs": st.dictionaries(names, st.tuples(ids, st.integers(-1, 2)).map(list) | json_values) | json_values,
        "_meta": json_values,
    },
)


@given(st.dictionaries(ids, entries), st.none() | st.lists(ids | json_values))
def test_checking_never_raises(document, targets):
    """Whatever is posted: a report in which every problem belongs to a node, and outputs run or are accounted for."""
    graph = from_document(document)
    found = check(graph, CATALOG, lambda name: ["a.png"], targets)
    assert set(found.problems) <= set(graph.nodes)
    assert set(found.dependents) == set(found.problems)
    assert (found.problem is None) == bool(found.targets)
    for several in found.problems.values():
        assert several


@given(json_values)
def test_reading_any_json_gives_a_graph_or_says_why(document):
    try:
        graph = from_document(document)
    except DocumentError as error:
        assert str(error)
    else:
        check(graph, CATALOG, lambda name: ())
