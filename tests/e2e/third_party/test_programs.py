"""Published clients, unchanged, against a running server; see README.md. Installed by ``make clients-test``."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.e2e.client_play import painting
from tests.e2e.conftest import ROOT, LiveServer

PROGRAMS = Path(__file__).parent / "programs"
PROGRAM_FILES = sorted((*PROGRAMS.glob("*.py"), *PROGRAMS.glob("*.cjs")))
PYTHON = ROOT / "build/clients-venv/bin/python"
MODULES = ROOT / "build/clients-node/node_modules"
OWN = "limner-mini.safetensors"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = LiveServer(tmp_path_factory.mktemp("published") / "data", "--threads", "1")
    try:
        running.wait(running.submit(workflow()))
        yield running
    finally:
        running.close()


def workflow():
    """A small painting by the built-in model, since some clients check names of models themselves."""
    graph = painting(seed=1, steps=4)
    graph["4"]["inputs"]["ckpt_name"] = OWN
    graph["10"]["inputs"]["vae_name"] = OWN
    return graph


def command(program: Path) -> list[str]:
    node = shutil.which("node")
    if program.suffix == ".py" and PYTHON.exists():
        return [str(PYTHON)]
    if program.suffix == ".cjs" and node and MODULES.exists():
        return [node]
    pytest.skip(f"{program.name}: its client is not installed (make clients-test)")


@pytest.mark.parametrize("program", PROGRAM_FILES, ids=lambda program: program.name)
def test_program(program, server, tmp_path):
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(workflow()))
    without = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment = {**without, "HOME": str(tmp_path), "NODE_PATH": str(MODULES)}
    line = [*command(program), str(program), server.url, str(path)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=200)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
