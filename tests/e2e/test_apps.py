"""Apps, runs and the wrapper before BizyAir's workflows, against a whole server with its built-in model."""

import json
import urllib.request

import pytest
from openapi_spec_validator import validate
from PIL import Image
from tests.e2e.conftest import READY_SECONDS, ROOT, LiveServer
from tests.golden.apps.exchange import exchanges, told
from tests.golden.dify.rules import broken

from limner.app.command import main


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all, with the built-in model in place of missing ones."""
    server = LiveServer(tmp_path_factory.mktemp("apps") / "data", "--substitute")
    try:
        size = {"width": 8, "height": 8, "batch_size": 1, "color": 0}
        made = {"1": {"class_type": "EmptyImage", "inputs": size}}
        server.submit(
            made | {"2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
        )  # Waits until it is up.
        yield server
    finally:
        server.close()


def test_every_recorded_exchange(server):
    for case in exchanges():
        request = {name: value for name, value in case.items() if name != "answer"}
        assert told(server.url, request) == case["answer"], case["name"]


def command(server, capsys, *arguments):
    """Status and output of ``limner apps``."""
    status = main(["apps", *arguments, "--server", server.url])
    told = capsys.readouterr()
    return status, told.out + told.err


def test_the_command_line(server, tmp_path, capsys):
    picture = tmp_path / "frog.png"
    Image.new("RGB", (64, 64), "green").save(picture)
    title = ("--title", "Painted", "--description", "Paints over.")
    status, told = command(server, capsys, "add", "painted", str(ROOT / "examples/image-to-image.json"), *title)
    assert status == 0, told
    assert "painted, version 1: Painted" in told
    assert "painted" in command(server, capsys, "list")[1]
    values = ("prompt=a frog", "seed=3", f"image=@{picture}")
    status, told = command(server, capsys, "run", "painted", *values, "--out", str(tmp_path))
    assert status == 0, told
    with Image.open(told.splitlines()[-1]) as drawn:
        assert drawn.size == (128, 128)
    assert json.loads(command(server, capsys, "show", "painted", "--json")[1])["inputs"][0]["name"] == "prompt"
    assert command(server, capsys, "remove", "painted")[0] == 0
    status, told = command(server, capsys, "run", "painted")
    assert (status, "no app named 'painted'" in told) == (1, True)
    assert command(server, capsys, "run", "text-to-image", "prompt")[0] == 1


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
