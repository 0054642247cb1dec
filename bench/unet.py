"""What one step of a UNet costs, against diffusers' own network run eagerly in the same process on the same weights.

    python bench/unet.py [--folder DIR] [--steps 5] [--models sd15 sdxl] [--dtypes float32 bfloat16] [--sizes 256]

A step is one pass with a batch of two (with and without prompt), as Limner's denoising loop asks for it. Steps of both
alternate, so that what else the machine does disturbs both alike; told are medians. The weights are random, of full
size. Without ``--sizes``: 256 pixels on a CPU, 512 and 1024 on an accelerator. SDXL in float32 wants 11 GB.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import torch

from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.models.memory.devices import best_device, module_of
from limner.models.model import DiffusionModel
from limner.storage.folders import Folders
from random_checkpoint import write_checkpoint

SLOWER = 1.05
"""Most that a step may take by diffusers' own."""


def inputs_of(layout: str, size: int) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    """A latent, timesteps, and what the network is told beside."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 4, size // 8, size // 8, generator=generator)
    told = {"context": torch.randn(2, 77, 2048 if layout == "sdxl" else 768, generator=generator)}
    if layout == "sdxl":
        told["pooled"] = torch.randn(2, 1280, generator=generator)
        told["sizes"] = torch.tensor([[size, size, 0, 0, size, size]] * 2, dtype=torch.float32)
    return x, torch.tensor([500.0, 500.0]), told


def eager(model: DiffusionModel, module: torch.nn.Module) -> Callable[..., torch.Tensor]:
    """The same network as diffusers makes it, with the same tensors."""
    with torch.device("meta"):
        network = model.network.blueprint.build()
    network.load_state_dict(module.state_dict(), assign=True)
    network.requires_grad_(requires_grad=False).eval()
    device, dtype = model.network.device, model.network.dtype

    def step(x: torch.Tensor, timestep: torch.Tensor, told: dict[str, torch.Tensor]) -> torch.Tensor:
        placed = {name: value.to(device=device, dtype=dtype) for name, value in told.items()}
        added = {"text_embeds": placed["pooled"], "time_ids": told["sizes"].to(device)} if "pooled" in told else None
        with torch.no_grad():
            return network(
                x.to(device=device, dtype=dtype),
                timestep.to(device),
                encoder_hidden_states=placed["context"],
                added_cond_kwargs=added,
                return_dict=False,
            )[0].float()

    return step


def timed(step: Callable[..., torch.Tensor], device: torch.device, *given: object) -> tuple[float, torch.Tensor]:
    wait = getattr(module_of(device), "synchronize", lambda: None)
    wait()
    began = time.perf_counter()
    result = step(*given)
    wait()
    return time.perf_counter() - began, result


def measure(file: Path, layout: str, dtype: str, size: int, steps: int, device: str) -> dict[str, float]:
    """Medians of both, and how far their results are apart."""
    library = ModelLibrary(Folders.under(file.parent / "data"), device, getattr(torch, dtype), 1 << 40)
    model = library.diffusion_model_in(ModelFile.open(file))
    given = inputs_of(layout, size)
    ours, theirs = [], []
    with model.network.lease("bench") as module:
        step = eager(model, module)
        apart = 0.0
        for _ in range(steps + 1):
            seconds, result = timed(model.predict, library.device, *given)
            ours.append(seconds)
            seconds, reference = timed(step, library.device, *given)
            theirs.append(seconds)
            apart = max(apart, float((result - reference).abs().max()))
    return {"limner": median(ours[1:]), "diffusers": median(theirs[1:]), "apart": apart}


def fresh(*arguments: object) -> dict[str, float]:
    """What a fresh process measures."""
    command = [sys.executable, __file__, "--child", *map(str, arguments)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


def child(arguments: Sequence[str]) -> int:
    """In a fresh process: ``file layout dtype size steps device``."""
    file, layout, dtype, size, steps, device = arguments
    print(json.dumps(measure(Path(file), layout, dtype, int(size), int(steps), device)))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--child"]:
        return child(given[1:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the files are made and kept (default: a temporary folder)")
    parser.add_argument("--device", default=best_device())
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--models", nargs="+", default=["sd15", "sdxl"], choices=("sd15", "sdxl"))
    parser.add_argument("--dtypes", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--sizes", nargs="+", type=int)
    chosen = parser.parse_args(given)
    sizes = chosen.sizes or ([256] if chosen.device == "cpu" else [512, 1024])
    worst = 0.0
    print(f"{'':>24} {'limner s':>9} {'diffusers s':>12} {'ratio':>6} {'apart':>8}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (chosen.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        for layout in chosen.models:
            file = folder / f"{layout}.safetensors"
            write_checkpoint(file, layout)
            for size, dtype in [(size, dtype) for size in sizes for dtype in chosen.dtypes]:
                told = fresh(file, layout, dtype, size, chosen.steps, chosen.device)
                ratio = told["limner"] / told["diffusers"]
                worst = max(worst, ratio)
                print(
                    f"{layout:>6} {size:>5} px {dtype:>9} {told['limner']:9.3f} {told['diffusers']:12.3f} "
                    f"{ratio:6.2f} {told['apart']:8.1e}",
                    flush=True,
                )
    print(f"worst ratio {worst:.2f}, wanted at most {SLOWER}")
    return 0 if worst <= SLOWER else 1


if __name__ == "__main__":
    sys.exit(main())
