"""One job asked for through every door is one picture, to the pixel."""

import asyncio
import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import mcp as mcp_sdk
import pytest
import requests
from PIL import Image
from tests.e2e.conftest import ROOT, LiveServer

from limner_mcp.door import Door as McpDoor
from limner_mcp.server import build_server

PROMPT, NEGATIVE, SEED, SIZE, STEPS, GUIDANCE = "a red apple on a blue background", "dark", 7, 128, 6, 5.0
MODEL = "limner-mini.safetensors"

Door = Callable[[LiveServer, Path], bytes]
DOORS: dict[str, Door] = {}


def door(name: str) -> Callable[[Door], Door]:
    """Marks a function that has the picture drawn through a door and gives the file."""

    def define(ask: Door) -> Door:
        DOORS[name] = ask
        return ask

    return define


def workflow(prompt: str = PROMPT) -> dict[str, dict]:
    """The job as a graph."""
    sampling = {"seed": SEED, "steps": STEPS, "cfg": GUIDANCE, "denoise": 1.0}
    names = {"sampler_name": "euler", "scheduler": "normal"}
    links = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": MODEL}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": prompt}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": NEGATIVE}},
        "4": {"class_type": "EmptyLatentImage", "inputs": {"width": SIZE, "height": SIZE, "batch_size": 1}},
        "5": {"class_type": "KSampler", "inputs": {**sampling, **names, **links}},
        "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
        "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0], "filename_prefix": "one"}},
    }


def digest(picture: bytes) -> str:
    """Of the pixels; the files differ in what is written beside them."""
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (SIZE, SIZE)
        return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = LiveServer(tmp_path_factory.mktemp("doors") / "data", "--threads", "1")
    try:
        yield running
    finally:
        running.close()


@pytest.fixture(scope="module")
def wanted(server):
    """What ComfyUI's door draws."""
    return digest(DOORS["comfy"](server, Path()))


@door("comfy")
def comfy(server: LiveServer, folder: Path) -> bytes:
    entry = server.wait(server.submit(workflow()))
    return server.view(entry["outputs"]["7"]["images"][0])


@door("command line")
def command_line(server: LiveServer, folder: Path) -> bytes:
    file = folder / "workflow.json"
    file.write_text(json.dumps(workflow("replaced")))
    command = [sys.executable, "-m", "limner", "run", str(file), "--prompt", PROMPT, "--out", str(folder / "out")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    subprocess.run([*command, "--data", str(folder / "data"), "--threads", "1"], check=True, env=environment)
    return next((folder / "out").glob("*.png")).read_bytes()


@door("a1111")
def a1111(server: LiveServer, folder: Path) -> bytes:
    asked = {
        "prompt": PROMPT,
        "negative_prompt": NEGATIVE,
        "seed": SEED,
        "width": SIZE,
        "height": SIZE,
        "steps": STEPS,
        "cfg_scale": GUIDANCE,
        "sampler_name": "Euler",
        "scheduler": "Normal",
    }
    return base64.b64decode(server.call("/sdapi/v1/txt2img", asked)["images"][0])


@door("openai")
def openai(server: LiveServer, folder: Path) -> bytes:
    asked = {
        "model": MODEL,
        "prompt": PROMPT,
        "negative_prompt": NEGATIVE,
        "seed": SEED,
        "size": f"{SIZE}x{SIZE}",
        "steps": STEPS,
        "guidance": GUIDANCE,
        "sampler": "euler",
        "scheduler": "normal",
        "response_format": "b64_json",
    }
    return base64.b64decode(server.call("/v1/images/generations", asked)["data"][0]["b64_json"])


@door("comfy api v2")
def comfy_v2(server: LiveServer, folder: Path) -> bytes:
    job = server.call("/api/v2/jobs", {"workflow": workflow()})
    for _ in range(600):
        job = server.call(f"/api/v2/jobs/{job['id']}")
        if job["status"] not in ("queued", "running"):
            break
        time.sleep(0.1)
    return fetch(job["outputs"][0]["url"])


@door("app")
def app(server: LiveServer, folder: Path) -> bytes:
    server.call("/apps/apple", {"workflow": workflow("{{prompt}}")}, method="PUT")
    run = server.call("/apps/apple/run", {"prompt": PROMPT, "seed": SEED, "wait": 60})
    assert run["status"] == "succeeded"
    return fetch(run["outputs"][0]["url"])


@door("wrapper")
def wrapper(server: LiveServer, folder: Path) -> bytes:
    file = ("workflow_api.json", json.dumps(workflow("replaced")), "application/json")
    fields = {"prompt": PROMPT, "seed": str(SEED), "idx": "1"}
    url = f"{server.url}/comfyui_bizyairapi/"
    answer = requests.post(url, data=fields, files={"workflowfile": file}, timeout=120).json()
    return fetch(answer["etag"])


@door("mcp")
def mcp(server: LiveServer, folder: Path) -> bytes:
    wish = {"prompt": PROMPT, "negative_prompt": NEGATIVE, "seed": SEED, "steps": STEPS, "guidance": GUIDANCE}
    names = {"model": MODEL, "width": SIZE, "height": SIZE, "sampler": "euler", "scheduler": "normal"}

    async def ask() -> bytes:
        async with mcp_sdk.Client(build_server(McpDoor(server.url))) as client:
            answer = await client.call_tool("generate", {**wish, **names})
            return base64.b64decode(next(part.data for part in answer.content if part.type == "image"))

    return asyncio.run(ask())


def dify(server: LiveServer, folder: Path) -> bytes:
    """The tool of our plugin under the SDK's own runner, which lives in a place of its own: ``make dify-test``."""
    from tests.e2e.dify.test_plugin import Plugin  # It marks all that its module defines as slow.

    wish = {"prompt": PROMPT, "negative_prompt": NEGATIVE, "seed": SEED, "steps": STEPS, "guidance": GUIDANCE}
    names = {"model": MODEL, "width": SIZE, "height": SIZE, "sampler": "euler", "schedule": "normal"}
    plugin = Plugin(folder, server)
    try:
        return plugin.tool("text_to_image", **wish, **names).files[0]
    finally:
        plugin.close()


@pytest.mark.slow
def test_difys_tool_draws_the_same_picture(server, wanted, tmp_path):
    assert digest(dify(server, tmp_path)) == wanted


@pytest.mark.parametrize("name", sorted(DOORS))
def test_every_door_draws_the_same_picture(name, server, wanted, tmp_path):
    assert digest(DOORS[name](server, tmp_path)) == wanted


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return answer.read()
