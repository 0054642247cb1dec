"""Files that a workflow misses: found in what it says, in the catalogue, by digest, and brought under their names."""

import hashlib

import pytest
from tests.unit.hub.models import safetensors

from limner.graph.catalog import Catalog
from limner.graph.graph import Graph, Node
from limner.graph.node_type import Input, NodeType
from limner.hub.missing import Missing, find_missing, read_hints
from limner.hub.refusal import PullError
from limner.hub.supply import supply

MODEL = safetensors(1, size=50_000)
SHA = hashlib.sha256(MODEL).hexdigest()
LOADER = NodeType(
    name="Loader",
    title="Loader",
    category="loaders",
    doc="",
    inputs=(Input(name="lora_name", type="COMBO", choices_from="loras"), Input(name="text", type="STRING")),
    outputs=(),
)
CATALOG = Catalog(nodes={"Loader": LOADER})


def graph(*names):
    nodes = {
        str(n): Node(type="Loader", inputs={"lora_name": name, "text": "x.safetensors"}) for n, name in enumerate(names)
    }
    return Graph(nodes)


def ui(**entry):
    node = {"id": 1, "type": "Loader", "properties": {"models": [{"name": "a.safetensors", **entry}]}}
    return {"nodes": [], "definitions": {"subgraphs": [{"nodes": [node]}]}}


def test_what_is_missing_is_found_once(folders):
    (folders.place("loras") / "here.safetensors").write_bytes(MODEL)
    found = find_missing(graph("a.safetensors", "here.safetensors", "a.safetensors"), CATALOG, folders.list)
    assert found == [Missing("0", "lora_name", "loras", "a.safetensors")]


def test_a_workflow_says_where_its_files_are(folders):
    document = {"workflow": ui(url="https://x/a.safetensors", hash=SHA.upper(), hash_type="SHA256", directory="loras")}
    [missing] = find_missing(graph("sub/a.safetensors"), CATALOG, folders.list, [document])
    assert (missing.reference, missing.sha256) == ("https://x/a.safetensors", SHA)
    [other] = read_hints([ui(url=7, hash="abc", hash_type="crc", directory="clip")])
    assert (other.sha256, other.kind) == ("", "text_encoders")


def test_the_catalogue_knows_some(folders):
    name = "Qwen-Image-Lightning-4steps-V1.0.safetensors"
    [missing] = find_missing(graph(name), CATALOG, folders.list)
    assert missing.reference == f"hf://lightx2v/Qwen-Image-Lightning/{name}"


def test_a_file_comes_under_the_name_that_the_workflow_uses(pull, remote, folders):
    remote.put("/download/77", MODEL)
    done = supply(pull.puller, Missing("1", "x", "loras", "sub/a.safetensors", f"{remote.url}/download/77", SHA))
    assert (done.how, folders.list("loras")) == ("downloaded", ["sub/a.safetensors"])


def test_bytes_that_are_here_under_another_name_need_no_source(pull, folders):
    path = folders.place("loras") / "other.safetensors"
    path.write_bytes(MODEL)
    pull.puller.holdings.digests(path)
    done = supply(pull.puller, Missing("1", "x", "loras", "a.safetensors", "", SHA))
    assert (done.how, folders.list("loras")) == ("linked", ["a.safetensors", "other.safetensors"])


def test_a_digest_alone_is_asked_of_civitai(pull, remote, folders):
    file = {"name": "z.safetensors", "hashes": {"SHA256": SHA}, "downloadUrl": f"{remote.url}/d", "primary": True}
    remote.say(
        f"/api/v1/model-versions/by-hash/{SHA}", {"id": 1, "modelId": 2, "files": [file], "model": {"type": "LORA"}}
    )
    remote.put("/d", MODEL)
    assert supply(pull.puller, Missing("1", "x", "loras", "a.safetensors", "", SHA)).how == "downloaded"
    assert folders.list("loras") == ["a.safetensors"]


def test_what_nobody_knows_is_told(pull, remote):
    with pytest.raises(PullError, match="limner pull URL --into loras"):
        supply(pull.puller, Missing("1", "x", "loras", "a.safetensors"))
    remote.put("/a.safetensors", safetensors(3))
    with pytest.raises(PullError) as caught:
        supply(pull.puller, Missing("1", "x", "loras", "a.safetensors", f"{remote.url}/a.safetensors", SHA))
    assert caught.value.code == "wrong_hash"
