"""Prompts in which the page's own nodes were left, as programs write them that convert UI workflows by themselves."""

import json

import pytest

from limner.graph.check import check
from limner.graph.document import read_workflow
from limner.graph.graph import Link
from limner.graph.ui.page_nodes import without_page_nodes


def test_what_only_the_page_has_is_looked_through(read, catalog):
    graph = read(
        n1=("EmptyImage", {"width": 8}),
        n2=("Reroute", {"": ["1", 0]}),
        n3=("Reroute (rgthree)", {"": ["2", 0]}),
        n4=("PreviewImage", {"images": ["3", 0]}),
        n5=("Note", {"text": "hello"}),
        n6=("PrimitiveNode", {"value": 16}),
        n7=("EmptyImage", {"width": ["6", 0]}),
    )
    found = without_page_nodes(graph, catalog.nodes).nodes
    assert list(found) == ["1", "4", "7"]
    assert found["4"].inputs == {"images": Link("1", 0)}
    assert found["7"].inputs == {"width": 16}


@pytest.mark.parametrize(
    "before", [("Reroute", {}), ("Reroute", {"": ["2", 0]}), ("PrimitiveNode", {}), ("GetNode", {"value": "pic"})]
)
def test_an_input_that_loses_its_link_is_named(read, catalog, lists, before):
    graph = without_page_nodes(read(n2=before, n4=("PreviewImage", {"images": ["2", 0]})), catalog.nodes)
    (problem,) = check(graph, catalog, lists).problems["4"]
    assert (problem.code, problem.details) == ("required_input_missing", "images")


def test_a_prompt_without_them_comes_back_as_it_is(read, catalog):
    graph = read(n1=("EmptyImage", {"width": 8}), n2=("Strange", {}))
    assert without_page_nodes(graph, catalog.nodes) is graph


def test_a_file_with_them(catalog, lists):
    document = {"1": {"class_type": "Note", "inputs": {}}, "2": {"class_type": "Strange", "inputs": {}}}
    found = read_workflow(document, catalog, lists)
    assert list(found.document) == ["2"]
    assert found.unknown == {"Strange": ("2",)}


def as_dify_converts(document, catalog):
    """Values in the order of the inputs, links by the sockets' names; nothing is left out or looked through.

    Written from what clients.md says of the Dify plugin's conversion.
    """
    prompt = {}
    sources = {link[0]: [str(link[1]), link[2]] for link in document["links"]}
    for node in document["nodes"]:
        kind = catalog.nodes.get(node["type"])
        linked = {entry["name"]: sources[entry["link"]] for entry in node["inputs"] if entry["link"] in sources}
        values = node["widgets_values"]
        values = values[:1] + values[2:] if node["type"] == "KSampler" else values
        sockets = {"MODEL", "CLIP", "VAE", "LATENT", "IMAGE", "CONDITIONING", "*"}
        names = [entry.name for entry in (kind.inputs if kind else ()) if entry.type not in sockets]
        inputs = dict(zip(names, values, strict=False)) | linked
        prompt[str(node["id"])] = {"class_type": node["type"], "inputs": inputs}
    return prompt


def test_what_dify_makes_of_a_workflow_runs(workflows, catalog, lists):
    document = json.loads((workflows / "SD1.5_text2image_vae-ft-mse-840000.json").read_text())
    checked = check(read_workflow(as_dify_converts(document, catalog), catalog, lists).graph, catalog, lists)
    codes = {(p.code, p.extra["input_name"]) for found in checked.problems.values() for p in found}
    assert codes == {("value_not_in_list", "ckpt_name"), ("value_not_in_list", "vae_name")}
