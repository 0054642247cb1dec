"""The command line, called as a function; what it prints and the status it gives."""

import json
import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from limner.app.command import main
from limner.app.commands import listing, run
from limner.graph.discovery import discover
from limner.graph.errors import InterruptedRun
from limner.storage.builtin import BUILTIN_CHECKPOINT

PICTURE = {
    "1": {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 48, "batch_size": 1, "color": 0xFF8000},
        "_meta": {"title": "Canvas"},
    },
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "orange"}},
}


@pytest.fixture
def workflow(tmp_path) -> Path:
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(PICTURE))
    return path


def test_every_command_has_help_that_says_what_it_does(capsys):
    from limner.app import commands
    from limner.app.commands.command import Command

    found = discover(commands, Command, lambda command: command.name)
    assert {"serve", "run", "validate", "list", "models", "doctor"} <= set(found)
    for name in found:
        with pytest.raises(SystemExit) as status:
            main([name, "--help"])
        assert status.value.code == 0
        assert found[name].help.rstrip(".") in " ".join(capsys.readouterr().out.split())


def test_run_saves_where_it_was_told_and_says_so(workflow, tmp_path, capsys):
    places = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    assert main(["run", str(workflow), *places, "--json", "--set", "Canvas.width=32", "--set", "1.color=255"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["status"] == "succeeded"
    with Image.open(report["files"][0]) as picture:
        assert picture.size == (32, 48)
        assert picture.getpixel((0, 0)) == (0, 0, 255)
        assert json.loads(picture.text["prompt"])["1"]["inputs"]["width"] == 32
    assert Path(report["files"][0]).parent == tmp_path / "out"


def test_a_saved_picture_is_a_workflow(workflow, tmp_path, capsys):
    places = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out"), "--json"]
    assert main(["run", str(workflow), *places]) == 0
    first = json.loads(capsys.readouterr().out)["files"][0]
    assert main(["run", first, *places]) == 0
    again = json.loads(capsys.readouterr().out)["files"][0]
    assert again != first
    assert Path(again).read_bytes() == Path(first).read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("9.width=1", "There is no node named '9'"),
        ("1.breadth=1", "input of node 1 (EmptyImage) named 'breadth'"),
        ("1.width", "write NODE.INPUT=VALUE"),
    ],
)
def test_a_change_that_fits_nothing_is_explained(workflow, tmp_path, capsys, change, message):
    assert main(["run", str(workflow), "--data", str(tmp_path / "data"), "--set", change]) == 1
    assert message in capsys.readouterr().err


def test_a_prompt_needs_a_sampler(workflow, tmp_path, capsys):
    assert main(["run", str(workflow), "--data", str(tmp_path / "data"), "--prompt", "a cat"]) == 1
    assert "--prompt: no sampler" in capsys.readouterr().err


def test_validate_lists_all_problems_at_once(tmp_path, capsys):
    broken = json.loads(json.dumps(PICTURE))
    broken["1"]["inputs"] |= {"width": 0, "height": "tall"}
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(broken))
    assert main(["validate", str(path), "--data", str(tmp_path / "data")]) == 2
    told = capsys.readouterr().err
    assert "Value 0 smaller than min of 1" in told
    assert "height" in told


def test_a_missing_model_is_named_with_what_to_do(tmp_path, capsys):
    path = tmp_path / "tutorial.json"
    root = Path(__file__).parents[3]
    path.write_bytes((root / "tests/golden/workflows/SD1.5_text2image_API.json").read_bytes())
    assert main(["validate", str(path), "--data", str(tmp_path / "data")]) == 2
    told = capsys.readouterr().err
    assert "v1-5-pruned-emaonly-fp16.safetensors" in told
    assert "--substitute" in told


def test_a_file_that_is_no_workflow(tmp_path, capsys):
    path = tmp_path / "notes.txt"
    path.write_text("not a workflow")
    assert main(["run", str(path), "--data", str(tmp_path / "data")]) == 1
    assert "Expected a workflow" in capsys.readouterr().err


@pytest.mark.parametrize("what", list(listing.LISTS))
def test_lists_are_json_too(tmp_path, capsys, what):
    assert main(["list", what, "--json", "--data", str(tmp_path / "data")]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert all(row["name"] and row["source"] for row in rows)


def test_the_builtin_model_is_always_listed_and_known(tmp_path, capsys):
    assert main(["models", "list", "--data", str(tmp_path / "data")]) == 0
    assert BUILTIN_CHECKPOINT in capsys.readouterr().out
    assert main(["models", "info", BUILTIN_CHECKPOINT, "--data", str(tmp_path / "data")]) == 0
    assert "sd1" in capsys.readouterr().out


def test_without_a_command_the_commands_are_listed(capsys):
    assert main([]) == 2
    told = capsys.readouterr().err
    assert "validate" in told
    assert "serve" in told


def test_a_file_that_is_not_there_is_told_for_a_server_too(tmp_path, capsys):
    assert main(["run", str(tmp_path / "none.json"), "--server", "http://127.0.0.1:1"]) == 1
    assert "none.json cannot be read" in capsys.readouterr().err


def test_doctor_tells_of_a_model_folder_that_is_not_there(tmp_path, capsys):
    nowhere = tmp_path / "nowhere"
    assert main(["doctor", "--data", str(tmp_path / "data"), "--models", str(nowhere)]) == 1
    assert f"{nowhere} is not there" in capsys.readouterr().out
    assert not nowhere.exists()


def test_a_second_interruption_is_not_kept_waiting(capsys):
    class Impatient(threading.Thread):
        def is_alive(self):
            return True

        def join(self, timeout=None):
            raise KeyboardInterrupt

    cancelled = []
    with pytest.raises(InterruptedRun):
        run._wait(SimpleNamespace(cancel=cancelled.append), SimpleNamespace(job="a"), Impatient())
    assert cancelled == ["a"]
    assert "Ctrl-C again" in capsys.readouterr().err


def test_models_info_is_for_people(tmp_path, capsys):
    assert main(["models", "info", BUILTIN_CHECKPOINT, "--data", str(tmp_path / "data")]) == 0
    told = capsys.readouterr().out
    assert "holds        model, clip_l, vae\n" in told
    assert "sha256" not in told
    assert "{" not in told


def test_doctor_tells_of_further_folders_that_are_not_there(tmp_path, capsys):
    (tmp_path / "there").mkdir()
    file = tmp_path / "extra.yaml"
    file.write_text(f"a:\n  base_path: {tmp_path}\n  loras: there\n  vae: nowhere\n")
    command = ["doctor", "--data", str(tmp_path / "data"), "--port", "0", "--extra-model-paths", str(file)]
    assert main(command) == 0
    assert "1 of 2 are not there" in capsys.readouterr().out
    file.write_text("a:\n  base_path: /nowhere\n  loras: l\n")
    assert main(command) == 1


def test_doctor_names_device_folders_and_model(tmp_path, capsys):
    status = main(["doctor", "--data", str(tmp_path / "data"), "--port", "0"])
    told = capsys.readouterr().out
    assert status in (0, 1)
    for word in (
        "torch",
        "memory",
        "data folder",
        "built-in model",
        "checkpoints",
        "optional parts",
        "limner keys create",
    ):
        assert word in told


def test_doctor_tells_who_has_keys_and_which_services_stand_behind(tmp_path, capsys):
    data = ["--data", str(tmp_path)]
    main(["keys", "create", "--user", "anna", *data])
    file = tmp_path / "providers.yaml"
    file.write_text("providers: {studio: {preset: limner, base_url: 'http://127.0.0.1:1'}}")
    main(["doctor", *data, "--port", "0"])
    told = capsys.readouterr().out
    assert "anna" in told
    assert "studio" in told
    file.write_text("providers: {studio: {preset: limmer}}")
    assert main(["doctor", *data, "--port", "0"]) == 1
    assert "no preset 'limmer'" in capsys.readouterr().out


def test_serve_says_that_the_port_is_in_use(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--data", str(tmp_path / "data"), "--port", str(port)]) == 1
    assert f"Port {port} on 127.0.0.1 is in use" in capsys.readouterr().err


def test_serve_refuses_to_be_reached_from_elsewhere(tmp_path, capsys):
    assert main(["serve", "--data", str(tmp_path / "data"), "--host", "0.0.0.0"]) == 1
    assert "limner keys create" in capsys.readouterr().err


@pytest.mark.parametrize("temp", [".", "data", "data/output", "data/models"])
def test_serve_empties_no_folder_that_holds_anything_else(tmp_path, capsys, temp):
    kept = tmp_path / "data" / "output" / "kept.png"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert main(["serve", "--data", str(tmp_path / "data"), "--temp", str(tmp_path / temp)]) == 1
    assert "is emptied at every start" in capsys.readouterr().err
    assert kept.exists()
