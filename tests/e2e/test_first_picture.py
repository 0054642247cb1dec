"""From a workflow file to a picture through the whole house: server, queue on disk, worker process, networks."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.e2e.conftest import READY_SECONDS

ROOT = Path(__file__).parents[2]

NEW_NODE = '''"""A node that a newcomer added."""

from limner.graph.declare import node


@node(title="Greeting", category="greetings")
def Greeting(*, name: str = "you") -> str:
    """Greets somebody."""
    return f"hello {name}"
'''


def test_the_tutorials_client_gets_its_picture(start, workflow):
    server = start(None, "--substitute")
    job = server.submit(workflow)
    entry = server.wait(job)
    assert entry["status"]["status_str"] == "success"
    image = entry["outputs"]["9"]["images"][0]
    picture = Image.open(io.BytesIO(server.view(image)))
    assert picture.size == (128, 128)
    assert np.asarray(picture).std() > 5
    assert json.loads(picture.text["prompt"])["3"]["class_type"] == "KSampler"
    assert "limner-mini" in picture.text["limner"]


@pytest.mark.slow
def test_the_command_line_draws_both_forms_of_the_tutorials_workflow(tmp_path):
    pictures = []
    for name in ("SD1.5_text2image_API.json", "SD1.5_text2image_vae-ft-mse-840000.json"):
        places = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / name)]
        file = ROOT / "tests/golden/workflows" / name
        answer = subprocess.run(
            [sys.executable, "-m", "limner", "run", str(file), "--substitute", "--json", "--set", "3.steps=4", *places],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"},
        )
        report = json.loads(answer.stdout)
        assert report["status"] == "succeeded"
        assert any("limner-mini" in note for note in report["notes"])
        pictures.append(np.asarray(Image.open(report["files"][0])))
    assert np.array_equal(*pictures)


def test_a_new_node_file_is_in_object_info_with_no_other_edit(start, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "limner" / "nodes" / "greetings.py").write_text(NEW_NODE)
    server = start(None, source=source)
    deadline = time.monotonic() + READY_SECONDS
    while not (info := server.call("/object_info/Greeting")) and time.monotonic() < deadline:
        time.sleep(0.3)
    assert info["Greeting"]["input"]["required"]["name"] == ["STRING", {"default": "you"}]
    assert info["Greeting"]["category"] == "greetings"


@pytest.mark.slow
def test_a_killed_worker_costs_one_retry(start, workflow):
    server = start(None, "--substitute")
    workflow["3"]["inputs"]["steps"] = 400
    job = server.submit(workflow)
    while not server.call("/queue")["queue_running"]:
        time.sleep(0.05)
    worker = server.worker()
    time.sleep(1.5)
    os.kill(worker, signal.SIGKILL)
    entry = server.wait(job)
    assert entry["status"]["status_str"] == "success"
    assert server.worker() != worker


def test_a_killed_server_loses_nothing_and_runs_nothing_twice(start, tmp_path, quick, workflow):
    data = tmp_path / "data"
    server = start(data, "--substitute", "--concurrency", "1")
    done = server.submit(quick)
    before = server.wait(done)
    workflow["3"]["inputs"]["steps"] = 300
    jobs = [server.submit(workflow)]
    for number in range(50):
        quick["1"]["inputs"]["color"] = number
        jobs.append(server.submit(quick, prompt_id=f"00000000-0000-4000-8000-{number:012}"))
    server.kill()
    again = start(data, "--substitute", "--concurrency", "1")
    entries = [again.wait(job) for job in jobs]
    assert {entry["status"]["status_str"] for entry in entries} == {"success"}
    assert again.call("/history")[done] == before
    names = [image["filename"] for entry in entries[1:] for image in entry["outputs"]["2"]["images"]]
    assert len(set(names)) == 50
    saved = sorted((data / "output").glob("quick_*.png"))
    assert len(saved) == 51
