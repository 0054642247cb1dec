"""Every script and notebook of examples/client runs against a server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from tests.e2e.conftest import ROOT, LiveServer

EXAMPLES = ROOT / "examples" / "client"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("*.py") if path.name != "arguments.py")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = LiveServer(tmp_path_factory.mktemp("examples") / "data")
    size = {"width": 8, "height": 8, "batch_size": 1, "color": 0}
    picture = {"1": {"class_type": "EmptyImage", "inputs": size}}
    picture["2"] = {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}
    try:
        running.submit(picture)  # the worker is up
        yield running
    finally:
        running.close()


def run(command: list[str], folder: Path, server: LiveServer) -> str:
    paths = os.pathsep.join([str(ROOT / "src"), str(EXAMPLES)])
    environment = {**os.environ, "PYTHONPATH": paths, "LIMNER_SERVER": server.url}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_script(name, server, tmp_path):
    out = tmp_path / "out"
    told = run([sys.executable, str(EXAMPLES / name), "--server", server.url, "--out", str(out)], tmp_path, server)
    pictures = [*out.glob("*.png")]
    assert told
    assert pictures
    for path in pictures:
        with Image.open(path) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 1


def test_notebook(server, tmp_path):
    cells = json.loads((EXAMPLES / "first_steps.ipynb").read_text())["cells"]
    program = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    run([sys.executable, "-c", program], tmp_path, server)


def test_there_are_ten():
    assert len(SCRIPTS) + len([*EXAMPLES.glob("*.ipynb")]) >= 10


def test_stubs_of_a_live_server(server, tmp_path):
    target = tmp_path / "my_nodes.py"
    command = [sys.executable, "-m", "limner", "client", "stubs", "--server", server.url, "-o", str(target)]
    run(command, tmp_path, server)
    program = "import my_nodes; n = my_nodes.SaveImage(images=my_nodes.EmptyImage(width=64)); print(n.inputs)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(tmp_path)])}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=60)
    assert "filename_prefix" in done.stdout, done.stderr
