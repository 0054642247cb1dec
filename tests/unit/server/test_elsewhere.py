"""Where graphs run: here, at a service as a whole, or here with pictures that services draw."""

import pytest

from limner.dialects.pictures import PictureWish
from limner.graph.catalog import Catalog
from limner.graph.errors import GraphError
from limner.graph.graph import Graph, Link, Node
from limner.graph.node_type import Input, NodeType, Output
from limner.providers.lists import ElsewhereLists
from limner.providers.opening import roster_of
from limner.providers.rewriting import PICTURE
from limner.providers.settings import ProviderSettings, ProvidersFile, RouteSettings
from limner.server.elsewhere import Here, check_there, place
from limner.storage.folders import Folders

PROVIDERS = {
    "near": ProviderSettings(kind="comfyui", base_url="http://near", models=["sdxl.safetensors"]),
    "twin": ProviderSettings(kind="comfyui", base_url="http://twin", models=["sdxl.safetensors"]),
    "far": ProviderSettings(kind="openai_images", base_url="http://far", models=["sketch"]),
}
MODELS = {
    "both": RouteSettings(targets=["near/sdxl.safetensors", "twin/sdxl.safetensors"]),
    "mixed": RouteSettings(targets=["near/sdxl.safetensors", "far/sketch"]),
}


def kind(name, *inputs, output=False):
    entries = tuple(Input(name=entry, type="STRING") for entry in inputs)
    outputs = (Output(name="x", type="*"),) * 3
    return NodeType(name=name, title=name, category="", doc="", inputs=entries, outputs=outputs, is_output=output)


WISHED = {node.type for node in PictureWish(model="x", prompt="y").graph().nodes.values()}
ALL = Catalog(nodes={name: kind(name, output=name == "SaveImage") for name in WISHED | {PICTURE}})


class Known:
    """What services said last."""

    def __init__(self, **catalogs):
        self._catalogs = catalogs

    def roster(self):
        return roster_of(ProvidersFile(providers=PROVIDERS, models=MODELS))

    def catalog(self, provider):
        return self._catalogs.get(provider)


@pytest.fixture
def here(tmp_path):
    folders = Folders.under(tmp_path)
    folders.create()
    return Here(folders, ALL, lambda name: folders.list(name))


def wished(model):
    return PictureWish(model=model, prompt="x").graph()


def types(placed):
    return {node.type for node in placed.graph.nodes.values()}


def test_models_that_are_here_are_drawn_with_here(here):
    graph = wished("limner-mini.safetensors")
    placed = place(Known(), here, graph, {})
    assert (placed.graph, placed.sent_to) == (graph, "")


def test_a_file_here_comes_before_a_services_model_of_the_same_name(here):
    (here.folders.model_roots[0] / "checkpoints/near").mkdir(parents=True)
    (here.folders.model_roots[0] / "checkpoints/near/sdxl.safetensors").touch()
    assert place(Known(), here, wished("near/sdxl.safetensors"), {}).sent_to == ""


def test_graphs_go_whole_to_those_that_take_them(here):
    for name in ("near/sdxl.safetensors", "both"):
        assert place(Known(), here, wished(name), {}).sent_to == name


def test_a_service_without_such_nodes_draws_the_picture_only(here):
    few = Catalog(nodes={"SaveImage": kind("SaveImage")})
    placed = place(Known(near=few), here, wished("near/sdxl.safetensors"), {})
    assert placed.sent_to == ""
    assert PICTURE in types(placed)


def test_names_that_stand_for_pictures_too_are_drawn(here):
    for name in ("mixed", "far/sketch"):
        placed = place(Known(near=ALL), here, wished(name), {})
        assert placed.sent_to == ""
        assert types(placed) == {PICTURE, "ImageScale", "SaveImage"}


def test_a_service_that_is_asked_for_by_name(here):
    graph = Graph({"1": Node(type="SaveImage")})
    assert place(Known(), here, graph, {"provider": "near"}).sent_to == "near"
    assert place(Known(), here, graph, {"provider": ""}).sent_to == ""
    for unknown in ("far", "mixed", "gone", 7, ["near"]):
        with pytest.raises(GraphError, match="services that do: near, twin, both"):
            place(Known(), here, graph, {"provider": unknown})


def test_without_services_nothing_changes(here):
    class Nobody(Known):
        def roster(self):
            return roster_of(ProvidersFile())

    graph = wished("near/sdxl.safetensors")
    assert place(Nobody(), here, graph, {"provider": "mine"}).graph is graph


def test_nodes_that_are_at_home_elsewhere_go_where_they_are_known(here):
    foreign = Graph({"1": Node(type="BizyAir_Draw"), "2": Node(type="SaveImage", inputs={"x": Link("1", 0)})})
    both = Catalog(nodes={"BizyAir_Draw": kind("BizyAir_Draw"), "SaveImage": kind("SaveImage", output=True)})
    assert place(Known(near=ALL, twin=both), here, foreign, {}).sent_to == "twin"
    assert place(Known(near=ALL), here, foreign, {}).sent_to == "", "the check tells what is missing"
    known = Here(here.folders, both, here.lists)
    assert place(Known(twin=both), known, foreign, {}).sent_to == "", "what can run here runs here"


def test_a_graph_is_checked_against_what_they_can_do_there(here):
    graph = wished("near/sdxl.safetensors")
    found = check_there(Known(near=ALL), "near/sdxl.safetensors", graph, here.lists, None, here.folders.has)
    assert (found.problem, found.targets, found.graph) == (None, ("picture 1",), graph)
    few = Known(near=Catalog(nodes={"SaveImage": kind("SaveImage")}))
    found = check_there(few, "near/sdxl.safetensors", graph, here.lists, None, here.folders.has)
    assert found.problem.code == "missing_node_type"
    assert check_there(Known(), "near", graph, here.lists, None, here.folders.has).problem is None


def test_checkpoints_are_listed_with_models_of_services(here):
    lists = ElsewhereLists(lambda name: [name], Known().roster)
    assert lists("loras") == ["loras"]
    assert lists("checkpoints") == [
        "checkpoints", "both", "mixed", "near/sdxl.safetensors", "twin/sdxl.safetensors", "far/sketch"
    ]  # fmt: skip
