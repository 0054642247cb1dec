"""Apps, runs and the wrapper before BizyAir's workflows, against a whole server with its built-in model."""

import json
import os
import subprocess
import sys
import urllib.request

import pytest
from openapi_spec_validator import validate
from PIL import Image
from tests.e2e.conftest import READY_SECONDS, ROOT, LiveServer
from tests.golden.apps.exchange import exchanges, told
from tests.golden.dify.rules import broken


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all, with the built-in model in place of missing ones."""
    server = LiveServer(tmp_path_factory.mktemp("apps") / "data", "--substitute")
    try:
        server.call("/apps")  # Answers as soon as the worker is up.
        yield server
    finally:
        server.close()


def test_every_recorded_exchange(server):
    for case in exchanges():
        request = {name: value for name, value in case.items() if name != "answer"}
        assert told(server.url, request) == case["answer"], case["name"]


def command(server, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    asked = [sys.executable, "-m", "limner", "apps", *arguments, "--server", server.url]
    return subprocess.run(asked, capture_output=True, text=True, env=environment, check=False)


def test_the_command_line(server, tmp_path):
    picture = tmp_path / "frog.png"
    Image.new("RGB", (64, 64), "green").save(picture)
    added = command(server, "add", "painted", str(ROOT / "examples/image-to-image.json"), "--title", "Painted")
    assert added.returncode == 0, added.stderr
    assert "painted, version 1: Painted" in added.stdout
    assert "painted" in command(server, "list").stdout
    ran = command(server, "run", "painted", "prompt=a frog", "seed=3", f"image=@{picture}", "--out", str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    with Image.open(ran.stdout.splitlines()[-1]) as drawn:
        assert drawn.size == (128, 128)
    assert json.loads(command(server, "show", "painted", "--json").stdout)["inputs"][0]["name"] == "prompt"
    assert command(server, "remove", "painted").returncode == 0
    gone = command(server, "run", "painted")
    assert (gone.returncode, "no app named 'painted'" in gone.stderr) == (1, True)


def test_progress_is_told_as_it_happens(server):
    run = server.call("/apps/text-to-image/start", {"prompt": "a tree", "width": 128, "height": 128, "steps": 4})
    with urllib.request.urlopen(f"{server.url}/runs/{run['id']}/events", timeout=READY_SECONDS) as answer:
        told = [line.decode().strip() for line in answer if line.startswith(b"event: ")]
    assert told[0] == "event: queued"
    assert "event: progress" in told
    assert told[-1] == "event: end"


def test_the_document_of_all_apps_imports(server):
    document = server.call("/openapi.json")
    validate(document)
    assert broken(document, server.url) == []
