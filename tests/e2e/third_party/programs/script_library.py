"""ComfyScript makes a class of every node; some of them run."""

import ast
import json
import sys
import urllib.request
from pathlib import Path

import comfy_script
from comfy_script.runtime import Workflow, load

URL = sys.argv[1]
load(f"{URL}/")
from comfy_script.runtime import nodes  # noqa: E402 - there are none before load


def bare(name):
    return "".join(letter for letter in name if letter.isalnum()).lower()


with urllib.request.urlopen(f"{URL}/object_info") as answer:
    listed = json.loads(answer.read())
stubs = ast.parse((Path(comfy_script.__file__).parent / "runtime/nodes.pyi").read_text())
made = {bare(entry.name) for entry in stubs.body if isinstance(entry, ast.ClassDef | ast.FunctionDef)}
missing = [name for name, facts in listed.items() if not {bare(name), bare(facts["display_name"] or "")} & made]
assert len(listed) > 300
assert not missing, missing

with Workflow(wait=True):
    model, clip, vae = nodes.CheckpointLoaderSimple("limner-mini.safetensors")
    positive, negative = nodes.CLIPTextEncode("a red apple", clip), nodes.CLIPTextEncode("text", clip)
    latent = nodes.EmptyLatentImage(128, 128, 1)
    latent = nodes.KSampler(model, 21, 4, 8, "euler", "normal", positive, negative, latent, 1)
    saved = nodes.SaveImage(nodes.VAEDecode(latent, vae), "script")
assert saved.wait() is not None

with Workflow(queue=False) as workflow:
    saved = nodes.SaveImage(nodes.EmptyImage(64, 64, 1, 255), "blank")
task = workflow.queue()
assert task.wait_result(saved) is not None
