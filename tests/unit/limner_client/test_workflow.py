"""Workflows are built from nodes, read, changed and written."""

import pytest

from limner_client import ClientError, Node, Workflow
from limner_client.catalogue import Nodes
from limner_client.stubs import write_stubs

LISTED = {
    "Make": {
        "input": {"required": {"size": ["INT", {"default": 4, "min": 1}]}, "optional": {"name": ["STRING", {}]}},
        "output": ["IMAGE", "MASK"],
        "output_name": ["picture", "MASK"],
        "display_name": "Make one",
        "description": 'Makes a "picture".',
        "category": "test",
    },
    "Mix it": {
        "input": {
            "required": {
                "image": ["IMAGE"],
                "mode": [["soft", "hard"]],
                "class": ["COMBO", {"options": ["a", "b"], "default": "b"}],
            }
        },
        "output": ["IMAGE"],
        "category": "test",
    },
}


def test_sources_come_first_and_get_numbers():
    make = Node("Make", {"size": 2})
    save = Node("Save", {"images": make, "mask": make.out(1)}, title="Keep")
    document = Workflow.of(save).to_document()
    assert document == {
        "1": {"class_type": "Make", "inputs": {"size": 2}},
        "2": {"class_type": "Save", "inputs": {"images": ["1", 0], "mask": ["1", 1]}, "_meta": {"title": "Keep"}},
    }


def test_own_ids_stay():
    make = Node("Make", node_id="1")
    assert list(Workflow.of(Node("Save", {"images": make})).to_document()) == ["1", "2"]
    with pytest.raises(ClientError, match="have the id"):
        Workflow.of(Node("Save", {"images": make}, node_id="1"))


def test_nodes_that_need_each_other():
    first = Node("A")
    first.inputs["x"] = Node("B", {"y": first})
    with pytest.raises(ClientError, match="need each other"):
        Workflow.of(first)


def test_a_long_chain_is_no_problem():
    node = Node("A")
    for _ in range(5000):
        node = Node("A", {"x": node})
    assert len(Workflow.of(node).to_document()) == 5001


def test_lists_are_told_from_links():
    document = Workflow.of(Node("A", {"sizes": [1, 2, 3]})).to_document()
    assert document["1"]["inputs"]["sizes"] == {"__value__": [1, 2, 3]}


def test_a_document_is_read_changed_and_written():
    document = {
        "4": {"class_type": "Make", "inputs": {"size": 2}, "_meta": {"title": "First"}},
        "x.1": {"class_type": "Save", "inputs": {"images": ["4", 0], "gone": ["99", 0]}},
    }
    workflow = Workflow.from_document(document)
    assert workflow.to_document()["x.1"]["inputs"]["images"] == ["4", 0]
    workflow.find(title="First").inputs["size"] = 9
    assert workflow.find(class_type="Make").inputs["size"] == 9
    assert workflow.to_document()["4"]["inputs"]["size"] == 9
    with pytest.raises(ClientError, match="0 nodes"):
        workflow.find(title="Second")
    with pytest.raises(ClientError, match="API format"):
        Workflow.from_document({"nodes": [], "links": []})


def test_nodes_by_name():
    nodes = Nodes.from_object_info(LISTED)
    picture, _mask = nodes.Make(size=3)
    assert picture.name == "picture"
    mixed = nodes["Mix it"](image=picture, class_="a")
    assert mixed.inputs["mode"] == "soft"
    assert mixed.inputs["class"] == "a"
    assert nodes.Mix_it(image=picture).inputs["class"] == "b"
    with pytest.raises(ClientError, match="Did you mean 'size'"):
        nodes.Make(sise=3)
    with pytest.raises(ClientError, match="needs 'image'"):
        nodes.Mix_it()
    with pytest.raises(AttributeError, match="Make"):
        nodes.Mak


def test_stubs_are_a_module_that_makes_the_same_nodes():
    nodes = Nodes.from_object_info(LISTED)
    text = write_stubs(nodes, "http://example.org")
    module: dict = {}
    exec(compile(text, "stubs.py", "exec"), module)
    made = module["Make"]()
    assert made.inputs == nodes.Make().inputs
    mixed = module["Mix_it"](image=made, mode="hard")
    assert mixed.inputs == {"image": made, "mode": "hard", "class": "b"}
    assert "Literal['soft', 'hard'] | Link" in text
    assert made["picture"].type == "IMAGE"
