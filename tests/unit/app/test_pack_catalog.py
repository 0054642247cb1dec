"""Commands that run nothing know the nodes of packs all the same, and load packs only for workflows that need them."""

import json

import pytest

from limner.app.command import main

PACK = """
class Doubled:
    INPUT_TYPES = classmethod(lambda cls: {"required": {"number": ("INT", {"default": 1})}})
    RETURN_TYPES, FUNCTION, CATEGORY, OUTPUT_NODE = ("INT",), "double", "numbers", True

    def double(self, number):
        return (2 * number,)


NODE_CLASS_MAPPINGS = {"Doubled": Doubled}
"""


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data" / "custom_nodes").mkdir(parents=True)
    (tmp_path / "data" / "custom_nodes" / "numbers.py").write_text(PACK)
    return tmp_path / "data"


@pytest.fixture
def workflow(tmp_path):
    file = tmp_path / "doubled.json"
    file.write_text(json.dumps({"1": {"class_type": "Doubled", "inputs": {"number": 2}}}))
    return file


@pytest.mark.parametrize("command", [("validate",), ("convert", "--check")])
def test_a_workflow_with_nodes_of_a_pack_can_run(data, workflow, capsys, command):
    assert main([*command, str(workflow), "--data", str(data)]) == 0
    assert "can run" in "".join(capsys.readouterr())


def test_packs_are_not_loaded_where_that_is_not_wanted(data, workflow, capsys):
    assert main(["validate", str(workflow), "--data", str(data), "--disable-all-custom-nodes"]) == 2
    assert "limner nodes install" in capsys.readouterr().err


def test_all_unknown_nodes_are_named(tmp_path, capsys):
    file = tmp_path / "unknown.json"
    file.write_text(json.dumps({name: {"class_type": f"Nobody{name}", "inputs": {}} for name in "12"}))
    assert main(["validate", str(file), "--data", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "Nobody1" in told
    assert "Nobody2" in told


def test_packs_that_no_workflow_asks_for_stay_unloaded(data, tmp_path):
    (data / "custom_nodes" / "numbers.py").write_text("from pathlib import Path\nPath(__file__ + '.seen').touch()\n")
    file = tmp_path / "empty_image.json"
    picture = {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}}
    shown = {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}
    file.write_text(json.dumps({"1": picture, "2": shown}))
    assert main(["validate", str(file), "--data", str(data)]) == 0
    assert not (data / "custom_nodes" / "numbers.py.seen").exists()
