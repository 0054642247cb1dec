"""limner pull, limner models and limner run --pull as people use them, against a server of our own."""

import json
from pathlib import Path

import pytest
from tests.unit.hub.conftest import no_accounts, remote  # noqa: F401 - fixtures
from tests.unit.hub.models import safetensors

from limner.app.accounts import accounts_of
from limner.app.command import main
from limner.app.pulling import fetch_missing
from limner.app.settings import read_settings
from limner.graph.catalog import Catalog
from limner.graph.node_type import Input, NodeType
from limner.hub.source import Accounts

MODEL = safetensors(1, size=100_000)


@pytest.fixture
def limner(tmp_path, capsys):
    """Runs a command on a data folder of its own; gives the status and what was printed."""

    def run(*arguments):
        status = main([*arguments, "--data", str(tmp_path / "data")])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_pull_prints_where_the_file_is(limner, remote, tmp_path):  # noqa: F811
    remote.put("/a.safetensors", MODEL)
    status, out, err = limner("pull", f"{remote.url}/a.safetensors")
    assert (status, out.strip()) == (0, str(tmp_path / "data" / "models" / "loras" / "a.safetensors"))
    assert Path(out.strip()).read_bytes() == MODEL
    assert "downloaded:" in err


def test_a_dry_run_plans_only(limner, remote, tmp_path):  # noqa: F811
    remote.put("/a.safetensors", MODEL)
    status, out, _ = limner("pull", f"{remote.url}/a.safetensors", "--dry-run")
    assert status == 0
    assert "100 kB to fetch" in out
    document = json.loads(limner("pull", f"{remote.url}/a.safetensors", "--dry-run", "--json")[1])
    assert document["files"][0]["action"] == "download"
    assert not list((tmp_path / "data").rglob("*.safetensors"))


def test_pickles_need_a_yes(limner, remote):  # noqa: F811
    remote.put("/a.ckpt", b"PK\x03\x04" + bytes(50))
    arguments = ("pull", f"{remote.url}/a.ckpt", "--into", "checkpoints")
    status, _, err = limner(*arguments)
    assert (status, "--yes" in err) == (1, True)
    assert limner(*arguments, "--yes")[0] == 0


def test_refusals_are_one_line(limner, remote):  # noqa: F811
    status, out, err = limner("pull", f"{remote.url}/none.safetensors")
    assert (status, out) == (1, "")
    assert err.startswith("limner: There is nothing at")


def test_looking_after_files(limner, tmp_path):
    loras = tmp_path / "data" / "models" / "loras"
    loras.mkdir(parents=True)
    for name in ("a.safetensors", "b.safetensors"):
        (loras / name).write_bytes(MODEL)
    assert limner("models", "scan")[1] == "2 files, 200 kB; 0 with a problem, 0 not whole\n"
    assert limner("models", "verify")[1].startswith("recorded  loras/a.safetensors")
    assert "100 kB could be saved" in limner("models", "dedupe", "--dry-run")[1]
    assert "100 kB are saved" in limner("models", "dedupe")[1]
    assert "is in the trash" in limner("models", "rm", "b.safetensors")[1]
    assert len(json.loads(limner("models", "trash", "--json")[1])) == 1
    assert "1 files deleted" in limner("models", "trash", "--empty")[1]
    (loras / "a.safetensors").write_bytes(MODEL[:-1])
    assert limner("models", "scan")[0] == 1
    assert limner("models", "verify", "a.safetensors")[0] == 1
    assert "sdxl" in limner("models", "catalogue")[1]


def test_importing_is_what_serve_reads(limner, tmp_path):
    there = tmp_path / "ComfyUI" / "models"
    for kind in ("checkpoints", "loras"):
        (there / kind).mkdir(parents=True)
    (there / "loras" / "theirs.safetensors").write_bytes(MODEL)
    status, out, _ = limner("models", "import", str(tmp_path / "ComfyUI"))
    assert (status, "nothing is copied" in out) == (0, True)
    assert json.loads(limner("models", "list", "--json")[1])["loras"] == ["theirs.safetensors"]


def test_a_run_fetches_what_its_workflow_misses(remote, tmp_path, capsys):  # noqa: F811
    remote.put("/a.safetensors", MODEL)
    entry = Input(name="lora_name", type="COMBO", choices_from="loras")
    loader = NodeType(name="Loader", title="Loader", category="", doc="", inputs=(entry,), outputs=(), is_output=True)
    models = [{"name": "a.safetensors", "url": f"{remote.url}/a.safetensors", "directory": "loras"}]
    node = {"id": 1, "type": "Loader", "widgets_values": ["a.safetensors"], "properties": {"models": models}}
    other = {"id": 2, "type": "Loader", "widgets_values": ["nowhere.safetensors"]}
    workflow = tmp_path / "w.json"
    workflow.write_text(json.dumps({"nodes": [node, other], "links": [], "version": 0.4}))
    settings = read_settings({"data": str(tmp_path / "data")})
    fetch_missing(workflow, Catalog(nodes={"Loader": loader}), settings, agreed=False, quiet=True)
    assert settings.folders().list("loras") == ["a.safetensors"]
    assert "nowhere.safetensors" in capsys.readouterr().err


def test_pull_and_server_do_not_go_together(tmp_path, capsys):
    (tmp_path / "w.json").write_text("{}")
    assert main(["run", str(tmp_path / "w.json"), "--pull", "--server", "http://127.0.0.1:1"]) == 2
    assert "limner pull" in capsys.readouterr().err


def test_tokens_come_from_the_environment():
    environment = {"HF_TOKEN": "a", "CIVITAI_API_KEY": " b ", "AWS_ENDPOINT_URL": "http://s3/"}
    assert accounts_of(environment) == Accounts(huggingface="a", civitai="b", s3_endpoint="http://s3")
