"""What loading costs: seconds and memory for a full-size SD1.5 checkpoint of random weights, and switching between two.

    python bench/load.py [--folder DIR] [--runs 3] [--comfyui http://127.0.0.1:8188]

Every figure is from a fresh process, the files lie in the system's cache. "ready": the three networks can be leased;
"read": every page of every weight was touched once too, since a mapped file costs nothing until then; "CPU" is the
processor's time until then, which other programs disturb less. Memory is what the process gained over the moment before
loading, at its peak, mapped pages included; "held" is what the weights must take: those of the file, or those in the
type that is computed in, whichever is more. Beside it diffusers loads the same file as ``from_single_file`` does,
component by component from one reading, with configurations at hand and nothing asked of a hub.

With ``--comfyui`` a server that speaks ComfyUI's API loads one of its checkpoints (name it with ``--checkpoint``): the
time of a first one-step picture less that of a second.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import psutil
import torch

from random_checkpoint import write_checkpoint

PAGE = 4096
LIMIT = 1.15
"""Peak memory of loading by what the weights take; the aim."""


def opened(file: Path, dtype: torch.dtype | None, capacity: int | None = None):
    """A library and the networks in a file."""
    from limner.models.library import ModelLibrary
    from limner.storage.folders import Folders

    library = ModelLibrary(Folders.under(file.parent / "data"), "cpu", dtype, capacity)
    found = library.open_checkpoint(file)
    return library, [found.model.network, *(branch.network for branch in found.clip.branches), found.vae.network]


def with_limner(file: Path, dtype: torch.dtype) -> list[torch.nn.Module]:
    """All three networks, leased once."""
    _, networks = opened(file, dtype)
    modules = []
    for network in networks:
        with network.lease("bench") as module:
            modules.append(module)
    return modules


def with_diffusers(file: Path, dtype: torch.dtype) -> list[torch.nn.Module]:
    """The same as ``from_single_file`` loads them."""
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from diffusers.loaders.single_file_utils import create_diffusers_clip_model_from_ldm, load_single_file_checkpoint
    from transformers import CLIPTextModel

    options = {"torch_dtype": dtype, "local_files_only": True}
    state = load_single_file_checkpoint(str(file), local_files_only=True)
    folder = file.parent / "config"
    unet = UNet2DConditionModel.from_single_file(dict(state), config=str(folder / "unet"), **options)
    vae = AutoencoderKL.from_single_file(dict(state), config=str(folder / "vae"), **options)
    text = create_diffusers_clip_model_from_ldm(CLIPTextModel, dict(state), config=str(folder / "text"), **options)
    return [unet, text.to(dtype), vae]


WAYS: dict[str, Callable[[Path, torch.dtype], list[torch.nn.Module]]] = {
    "limner": with_limner,
    "diffusers": with_diffusers,
}


def write_configurations(file: Path) -> None:
    """The configurations that diffusers would fetch, from the networks that were recognised in the file."""
    from transformers import CLIPTextConfig

    _, (unet, text, vae) = opened(file, None)
    folder = file.parent / "config"
    with torch.device("meta"):
        unet.blueprint.build().save_config(folder / "unet")
        vae.blueprint.build().save_config(folder / "vae")
        CLIPTextConfig(**text.blueprint.build().text.config.to_dict()).save_pretrained(folder / "text")


def measure(way: str, file: Path, dtype: torch.dtype) -> dict[str, float]:
    """One load in this process, with everything imported before the clock starts."""
    import transformers.models.clip.modeling_clip  # noqa: F401

    WAYS["limner"](file.parent / "warm.safetensors", dtype)  # families, tokenizer, and what torch does the first time
    before = psutil.Process().memory_info().rss
    began, worked = time.perf_counter(), time.process_time()
    modules = WAYS[way](file, dtype)
    ready = time.perf_counter() - began
    weights = [tensor for module in modules for tensor in (*module.parameters(), *module.buffers())]
    touched = sum(int(weight.detach().view(-1).view(torch.uint8)[::PAGE].sum()) for weight in weights if weight.ndim)
    read, cpu = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    held = max(sum(weight.nbytes for weight in weights), file.stat().st_size)
    return {"ready": ready, "read": read, "cpu": cpu, "peak": peak - before, "held": held, "touched": touched}


def switch(first: Path, second: Path, rooms: float, rounds: int = 4) -> dict[str, float]:
    """Seconds until the other of two denoising networks is ready, with room for so many of them."""
    library, networks = opened(first, torch.float32)
    unet = networks[0]
    size = 4 * unet.elements
    library, networks = opened(first, torch.float32, int(size * (rooms + 0.2)))
    other = library.open_checkpoint(second).model.network
    seconds = []
    for network in [networks[0], other] * rounds:
        began = time.perf_counter()
        with network.lease("bench"):
            seconds.append(time.perf_counter() - began)
    return {"seconds": median(seconds[2:]), "held": library.status()["bytes"] / size}


def fresh(*arguments: str) -> dict[str, float]:
    """What a fresh process measures."""
    command = [sys.executable, __file__, "--child", *arguments]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


def child(arguments: Sequence[str]) -> int:
    """In a fresh process: ``way file dtype``, or ``switch first second rooms``."""
    if arguments[0] == "switch":
        told = switch(Path(arguments[1]), Path(arguments[2]), float(arguments[3]))
    else:
        told = measure(arguments[0], Path(arguments[1]), getattr(torch, arguments[2]))
    print(json.dumps(told))
    return 0


def compare(file: Path, runs: int) -> bool:
    """Prints one line a way and type; whether memory stays within the limit."""
    good = True
    print(f"{'':>22} {'ready s':>8} {'read s':>8} {'CPU s':>8} {'peak MB':>8} {'peak/held':>10}")
    for dtype in ("float16", "float32"):
        medians = {}
        for way in WAYS:
            told = [fresh(way, str(file), dtype) for _ in range(runs)]
            medians[way] = {key: median(each[key] for each in told) for key in told[0]}
            share = medians[way]["peak"] / medians[way]["held"]
            if way == "limner":
                good &= share < LIMIT
            print(
                f"{way:>12} {dtype:>9} {medians[way]['ready']:8.2f} {medians[way]['read']:8.2f} "
                f"{medians[way]['cpu']:8.2f} {medians[way]['peak'] / 1e6:8.0f} {share:10.2f}",
                flush=True,
            )
        ratios = {key: medians["limner"][key] / medians["diffusers"][key] for key in ("ready", "read", "cpu", "peak")}
        print(f"{'limner / diffusers':>22} " + " ".join(f"{ratio:8.2f}" for ratio in ratios.values()))
    return good


def comfyui_seconds(server: str, checkpoint: str) -> float:
    """Seconds that a server takes to load a checkpoint: a first picture of one step less a second."""
    client = uuid.uuid4().hex
    return _picture(server, checkpoint, client, 1) - _picture(server, checkpoint, client, 2)


def _picture(server: str, checkpoint: str, client: str, seed: int) -> float:
    sampler = {"seed": seed, "steps": 1, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    links = {"model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0]}
    graph = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": str(seed)}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "4": {"class_type": "KSampler", "inputs": sampler | links},
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "PreviewImage", "inputs": {"images": ["5", 0]}},
    }
    began = time.perf_counter()
    body = json.dumps({"prompt": graph, "client_id": client}).encode()
    request = urllib.request.Request(f"{server}/prompt", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        job = json.load(answer)["prompt_id"]
    while True:
        with urllib.request.urlopen(f"{server}/history/{job}") as answer:
            entry = json.load(answer).get(job)
        if entry:
            assert entry["status"]["status_str"] == "success", entry["status"]
            return time.perf_counter() - began
        time.sleep(0.02)


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--child"]:
        return child(given[1:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the files are made and kept (default: a temporary folder)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--comfyui", metavar="URL", help="a server that speaks ComfyUI's API")
    parser.add_argument("--checkpoint", default="sd15.safetensors", help="its name of the checkpoint")
    chosen = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (chosen.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        first, second, warm = (folder / f"{name}.safetensors" for name in ("sd15", "sd15-other", "warm"))
        for seed, file in enumerate((first, second)):
            print(f"{file.name}: {write_checkpoint(file, 'sd15', seed) / 1e9:.2f} GB, random weights", flush=True)
        if not warm.exists():
            warm.symlink_to(second)
        write_configurations(first)
        good = compare(first, chosen.runs)
        for rooms in (1, 2):
            told = fresh("switch", str(first), str(second), str(rooms))
            print(f"switch, room for {rooms}: {told['seconds']:.3f} s, {told['held']:.2f} networks held", flush=True)
        if chosen.comfyui:
            print(f"{chosen.comfyui}: load {comfyui_seconds(chosen.comfyui.rstrip('/'), chosen.checkpoint):.2f} s")
    print(f"peak memory of loading under {LIMIT} of what is held: {'kept' if good else 'EXCEEDED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
