"""``limner convert``: the prompt on standard output or in a file, notes beside it, status 2 if it would not run."""

import json
from pathlib import Path

import pytest

from limner.app.command import main

WORKFLOWS = Path(__file__).parents[2] / "golden" / "workflows"
UI = WORKFLOWS / "SD1.5_text2image_vae-ft-mse-840000.json"
API = WORKFLOWS / "SD1.5_text2image_API.json"


@pytest.fixture
def convert(tmp_path, capsys):
    def run(*arguments: object):
        status = main(["convert", *map(str, arguments), "--data", str(tmp_path / "data")])
        return status, *capsys.readouterr()

    return run


def inputs(document: dict) -> dict:
    return {name: (node["class_type"], node["inputs"]) for name, node in document.items()}


def test_both_formats_of_one_workflow(convert):
    status, out, err = convert(UI)
    assert (status, err) == (0, "")
    assert inputs(json.loads(out)) == inputs(json.loads(API.read_text()))


def test_into_a_file(convert, tmp_path):
    status, out, _ = convert(UI, "-o", tmp_path / "made.json")
    assert (status, out) == (0, "")
    assert inputs(json.loads((tmp_path / "made.json").read_text())) == inputs(json.loads(API.read_text()))
    assert main(["convert", str(UI), "-o", str(tmp_path / "no" / "made.json")]) == 1


def test_unknown_types_are_told(convert, tmp_path):
    nodes = [{"id": number, "type": "Strange", "widgets_values": [1]} for number in range(7)]
    (tmp_path / "strange.json").write_text(json.dumps({"nodes": nodes, "links": []}))
    status, out, err = convert(tmp_path / "strange.json")
    assert status == 0
    assert len(json.loads(out)) == 7
    assert "Node type 'Strange' is unknown here (node 0, 1, 2, 3, 4 and 2 more)" in err
    assert "Node 6 (Strange): the names of its 1 values are unknown" in err


def test_checking(convert, tmp_path):
    status, _, err = convert(UI, "--check")
    assert status == 2
    assert "ckpt_name: 'v1-5-pruned-emaonly-fp16.safetensors' not in" in err
    empty = {"1": {"class_type": "EmptyImage", "inputs": {}}, "2": {"class_type": "PreviewImage", "inputs": {}}}
    empty["1"]["inputs"] = {"width": 8, "height": 8, "batch_size": 1, "color": 0}
    empty["2"]["inputs"] = {"images": ["1", 0]}
    (tmp_path / "good.json").write_text(json.dumps(empty))
    status, _, err = convert(tmp_path / "good.json", "--check")
    assert (status, err.endswith("good.json: 2 nodes, can run.\n")) == (0, True)


def test_only_the_header_of_a_latent_is_read(convert, tmp_path):
    header = json.dumps({"__metadata__": {"prompt": API.read_text()}}).encode()
    with (tmp_path / "x.latent").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(1 << 34)  # 16 GiB of nothing
    status, out, _ = convert(tmp_path / "x.latent")
    assert (status, json.loads(out)) == (0, json.loads(API.read_text()))


def test_what_is_no_workflow(convert, tmp_path):
    (tmp_path / "text.json").write_text("hello")
    status, out, err = convert(tmp_path / "text.json")
    assert (status, out) == (1, "")
    assert "text.json: It is no JSON" in err
