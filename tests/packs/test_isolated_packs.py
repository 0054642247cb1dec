"""Packs in processes of their own: what crosses, what does not, and what a crash there costs."""

from __future__ import annotations

import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.e2e.conftest import READY_SECONDS, LiveServer

PACKS = Path(__file__).parent
NAMES = ("isolated_tools", "v1_basic", "v3_basic")


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("isolated") / "data"
    for name in NAMES:
        shutil.copytree(PACKS / name, data / "custom_nodes" / name)
    options = [option for name in NAMES[:2] for option in ("--isolate-packs", name)]
    running = LiveServer(data, *options, "--device", "cpu")
    try:
        yield running
    finally:
        running.close()


def run(server, document):
    return server.wait(server.submit(document))


def texts(server, **values):
    """What each value is as a text."""
    found = run(server, values | {"show": node("PreviewAny", source=[next(reversed(values)), 0])})
    assert found["status"]["completed"], found["status"]
    return found["outputs"]["show"]["text"]


def failure(server, document):
    entry = run(server, document)
    return next(data for kind, data in entry["status"]["messages"] if kind == "execution_error")


def pack_process(server):
    values = {
        "i": node("EmptyImage", width=8, height=8, batch_size=1, color=0),
        "f": node("IsolatedFlip", image=["i", 0]),
    }
    found = run(server, values | {"show": node("PreviewAny", source=["f", 1])})
    assert found["status"]["completed"], found["status"]
    return int(found["outputs"]["show"]["text"][0])


def test_only_those_named_are_isolated(server):
    texts(server, sum=node("PackAdd", a=1, b=2))
    loaded = {entry["name"]: entry["loaded"] for entry in server.call("/limner/nodes")["packs"]}
    assert {name: report["isolated"] for name, report in loaded.items()} == {
        "isolated_tools": True,
        "v1_basic": True,
        "v3_basic": False,
    }
    assert {report["state"] for report in loaded.values()} == {"loaded"}


def test_constants_and_pictures_cross(server):
    assert texts(server, sum=node("PackAdd", a=3, b=4)) == ["7"]
    assert pack_process(server) not in (server.worker(), os.getpid())


def test_objects_of_a_pack_travel_and_come_back(server):
    assert texts(server, thing=node("IsolatedMake", name="bell"), text=node("IsolatedUse", thing=["thing", 0])) == [
        "Thing bell"
    ]


def test_a_crash_fails_the_step_and_nothing_else(server):
    before, worker = pack_process(server), server.worker()
    error = failure(server, {"c": node("IsolatedCrash", salt=1), "show": node("PreviewAny", source=["c", 0])})
    assert error["node_type"] == "IsolatedCrash"
    assert "isolated_tools" in error["exception_message"]
    assert "SIGSEGV" in error["exception_message"]
    thing = {"thing": node("IsolatedMake", name="bell"), "text": node("IsolatedUse", thing=["thing", 0])}
    assert texts(server, **thing) == ["Thing bell"]  # what the lost process held is made again
    assert pack_process(server) != before
    assert server.worker() == worker


def test_errors_keep_their_names_and_frames(server):
    error = failure(server, {"f": node("PackFail", message="boom"), "show": node("PreviewAny", source=["f", 0])})
    assert (error["exception_type"], error["exception_message"].strip()) == ("ValueError", "boom")
    assert any("v1_basic" in line for line in error["traceback"])


def begun(server, mark, seconds):
    """A job whose node sleeps by now; ``mark`` is a file that is not there yet."""
    sleeps = node("IsolatedStubborn", seconds=seconds, mark=str(mark))
    job = server.submit({"s": sleeps, "show": node("PreviewAny", source=["s", 0])})
    until(mark.exists)
    return job


def until(true, seconds=READY_SECONDS):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def model():
    return {"ckpt": node("CheckpointLoaderSimple", ckpt_name="limner-shapes.safetensors")}


def test_a_model_is_handed_on_and_not_used(server):
    loaded = model()
    loaded["ckpt"]["inputs"]["ckpt_name"] = server.call("/models/checkpoints")[0]
    empty = {"latent": node("EmptyLatentImage", width=64, height=64, batch_size=1)}
    prompt = {"prompt": node("CLIPTextEncode", clip=["ckpt", 1], text="a red circle")}
    handed = loaded | empty | prompt
    handed["pack"] = node("IsolatedModel", model=["ckpt", 0], look=False)
    settings = {"seed": 1, "steps": 1, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    links = {"model": ["pack", 0], "positive": ["prompt", 0], "negative": ["prompt", 0], "latent_image": ["latent", 0]}
    handed["k"] = node("KSampler", **settings, **links)
    handed["show"] = node("PreviewAny", source=["k", 0])
    assert run(server, handed)["status"]["completed"]
    handed["pack"] = node("IsolatedModel", model=["ckpt", 0], look=True)
    error = failure(server, handed)
    assert error["node_type"] == "IsolatedModel"
    assert "without --isolate-packs for isolated_tools" in error["exception_message"]


@pytest.mark.slow
def test_a_step_that_does_not_stop_costs_its_process_only(server, tmp_path):
    job = begun(server, tmp_path / "mark", seconds=600)
    worker = server.worker()
    server.call("/interrupt", {}, method="POST")
    entry = server.wait(job)
    assert "execution_interrupted" in [kind for kind, _ in entry["status"]["messages"]]
    assert server.worker() == worker
    assert texts(server, text=node("IsolatedUse", thing=["t", 0]), t=node("IsolatedMake", name="b"))


@pytest.mark.slow
def test_routes_go_to_the_process_of_the_pack_and_outlive_it(server):
    def hello():
        """Another test may have started the worker anew: its routes are known again with the next catalog."""
        try:
            return server.call("/pack/hello") == {"hello": "world"}
        except urllib.error.HTTPError:
            return False

    until(hello)
    info = server.call("/object_info/PackAdd")["PackAdd"]
    assert info["output_tooltips"] == ["the sum", "as text"]


@pytest.mark.slow
def test_the_worker_starts_anew_without_losing_jobs(server, tmp_path):
    job = begun(server, tmp_path / "first", seconds=3)
    before = server.worker()
    answer = server.call("/limner/nodes/disable", {"names": ["v3_basic"], "restart": True})
    assert answer["changed"] == ["v3_basic"]
    assert answer["packs"] == {"isolated_tools": "loaded", "v1_basic": "loaded"}
    entry = server.wait(job)
    assert entry["status"]["completed"]
    assert server.worker() != before
    answer = server.call("/limner/nodes/enable", {"names": ["v3_basic"]})
    assert "restart" in answer["effect"]
    job = begun(server, tmp_path / "second", seconds=600)
    answer = server.call("/limner/worker/restart", {"seconds": 0})  # the job goes back to the queue
    assert answer["packs"]["v3_basic"] == "loaded"
    assert job in [
        entry[1] for entry in server.call("/queue")["queue_running"] + server.call("/queue")["queue_pending"]
    ]
    assert server.call(f"/api/jobs/{job}/cancel", {}, method="POST") == {"cancelled": True}
    with pytest.raises(urllib.error.HTTPError) as refused:
        server.call("/limner/worker/restart", {"seconds": "soon"})
    with refused.value as answered:
        assert answered.code == 400


def test_a_lost_worker_takes_its_pack_processes_along(server):
    child = pack_process(server)
    os.kill(server.worker(), signal.SIGKILL)
    until(lambda: not Path(f"/proc/{child}").exists())
