"""How much the denoising loop gains when several people sample at once, and whether anybody's picture changes.

    python bench/sampling.py [--checkpoint FILE] [--size 128] [--device cpu]

Builds the reference checkpoint unless one is given. Runs 1, 2, 4 and 8 jobs that differ in sampler, schedule, steps,
prompt, seed and cfg, first one after another, then at once, and prints images per minute, the mean number of samples in
a forward pass, and the PSNR of each image's latent against its solo run.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch

from limner.models.library import Checkpoint, ModelLibrary
from limner.sampling.denoise import denoise
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.noise import initial_noise
from limner.sampling.registry import SamplingRegistry
from limner.sampling.steps import sigmas_for
from limner.storage.folders import Folders

ROOT = Path(__file__).resolve().parent.parent
MAKER = ROOT / "tests" / "golden" / "checkpoint" / "make_checkpoint.py"


@dataclass(frozen=True)
class Wish:
    """What one person asks for."""

    sampler: str
    schedule: str
    steps: int
    cfg: float
    prompt: str


WISHES = (
    Wish("euler", "normal", 8, 7.0, "a castle on a hill, oil painting"),
    Wish("dpmpp_2m", "karras", 10, 5.0, "a red apple on a blue table"),
    Wish("euler_ancestral", "simple", 9, 6.0, "portrait of a fox"),
    Wish("heun", "exponential", 6, 4.0, "a lighthouse in a storm"),
    Wish("dpmpp_2m_sde", "karras", 8, 7.5, "three green bottles"),
    Wish("ddim", "ddim_uniform", 10, 8.0, "a village at night, snow"),
    Wish("uni_pc", "sgm_uniform", 9, 6.5, "macro photograph of a beetle"),
    Wish("dpmpp_sde", "beta", 5, 3.0, "an astronaut riding a horse"),
)


class Studio:
    """A loaded checkpoint with the conditioning of every wish, so that only sampling is measured."""

    def __init__(self, checkpoint: Checkpoint, size: int) -> None:
        assert checkpoint.clip is not None
        self.model, self.loop, self.registry = checkpoint.model, DenoisingLoop(), SamplingRegistry.discovered()
        self.latent = torch.zeros(1, 4, size // 8, size // 8)
        self.positive = [checkpoint.clip.encode(wish.prompt) for wish in WISHES]
        self.negative = checkpoint.clip.encode("blurry, text")

    def picture(self, number: int) -> torch.Tensor:
        """The latent that a wish gives; its number is its seed."""
        wish = WISHES[number]
        sampler = self.registry.sampler(wish.sampler)
        sigmas = sigmas_for(self.registry.schedule(wish.schedule), sampler, self.model.parametrization, wish.steps)
        guider = CfgGuider(self.positive[number], self.negative, wish.cfg)
        noise = initial_noise(self.latent, number)
        return denoise(self.loop, self.model, guider, sampler, sigmas, noise, self.latent, seed=number).samples


def decibels(value: torch.Tensor, reference: torch.Tensor) -> float:
    """PSNR; infinite for equal tensors."""
    error = (value - reference).square().mean()
    return float(10 * torch.log10((reference.max() - reference.min()) ** 2 / error))


def timed(work: Callable[[], list[torch.Tensor]]) -> tuple[float, list[torch.Tensor]]:
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def measure(studio: Studio, count: int) -> float:
    """Prints one line; gives the worst PSNR."""
    numbers = range(count)
    alone, references = timed(lambda: [studio.picture(number) for number in numbers])
    counters = studio.loop.counters
    forwards, samples = counters.forwards, counters.samples
    with ThreadPoolExecutor(count) as people:
        together, pictures = timed(lambda: list(people.map(studio.picture, numbers)))
    batch = (counters.samples - samples) / (counters.forwards - forwards)
    levels = [decibels(picture, reference) for picture, reference in zip(pictures, references, strict=True)]
    print(
        f"{count} at once: {60 * count / together:6.1f} images/min, one at a time {60 * count / alone:6.1f} "
        f"(x{alone / together:.2f}); {batch:4.1f} samples a pass; "
        f"PSNR to solo {' '.join('equal' if level == float('inf') else f'{level:.0f}' for level in levels)} dB",
        flush=True,
    )
    return min(levels)


def reference_checkpoint(folder: Path) -> Path:
    """The reference checkpoint, made as the golden cases make it."""
    path = folder / "sd1-small.safetensors"
    subprocess.run([sys.executable, str(MAKER), str(path)], check=True)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint to use instead of the reference")
    parser.add_argument("--size", type=int, default=128, help="width and height in pixels")
    parser.add_argument("--device", default="cpu", help="where to compute")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16", "float16"))
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        path = chosen.checkpoint or reference_checkpoint(Path(temporary))
        library = ModelLibrary(Folders.under(Path(temporary)), chosen.device, getattr(torch, chosen.dtype))
        studio = Studio(library.open_checkpoint(path), chosen.size)
        studio.picture(0)  # loads the weights
        worst = min(measure(studio, count) for count in (1, 2, 4, 8))
        studio.loop.close()
    print(f"worst PSNR {worst:.0f} dB, wanted at least 60")
    return 0 if worst >= 60 else 1


if __name__ == "__main__":
    sys.exit(main())
