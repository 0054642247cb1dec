"""Runs the recorded cases through Limner and says how near its latents and pictures come.

    python -m tests.golden.compare [--only NAME ...] [--json] [--models DIR]

Makes the reference checkpoint first if it is not there (about a minute, 630 MB). Exit status 1 if a case that should be
reached is not. The cases are those of ``nodes/``, named ``nodes/NAME``, and ``cases/``; see README.md for where they
come from.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from tests.golden.running import Runner

from limner.media.latents import read_latent
from limner.models.library import ModelLibrary
from limner.sampling.loop import DenoisingLoop
from limner.sampling.registry import SamplingRegistry
from limner.storage.folders import Folders

HERE = Path(__file__).parent
CASES, NODES = HERE / "cases", HERE / "nodes"
MAKER = HERE / "checkpoint" / "make_checkpoint.py"
DEFAULT_MODELS = HERE.parents[1] / "build" / "golden"
LEAST_DECIBEL = 80.0
LEAST_SHARE = 0.999
SAMPLING_NODES = ("KSampler", "KSamplerAdvanced")


@dataclass
class Comparison:
    """How one case came out.

    Attributes:
        case: Its name.
        verdict: ``equal``, ``different``, ``later`` (needs a sampler that does not exist yet) or ``failed``.
        latents: PSNR in decibel by recorded name; infinite if bit-equal.
        images: PSNR in decibel by recorded name.
        share: Share of image values within one of 255 levels, the worst of the case's pictures.
        seconds: How long it took.
        reason: Why it is not equal.
    """

    case: str
    verdict: str = "equal"
    latents: dict[str, float] = field(default_factory=dict)
    images: dict[str, float] = field(default_factory=dict)
    share: float = 1.0
    seconds: float = 0.0
    reason: str = ""


def decibel(ours: NDArray[Any], recorded: NDArray[Any]) -> float:
    """Peak signal-to-noise ratio; the peak is the largest recorded magnitude."""
    difference = ours.astype(np.float64) - recorded.astype(np.float64)
    error = float(np.mean(difference**2))
    peak = float(np.abs(recorded.astype(np.float64)).max())
    return math.inf if error == 0 else 20 * math.log10(peak / math.sqrt(error))


def within_one_level(ours: NDArray[np.uint8], recorded: NDArray[np.uint8]) -> float:
    """Share of 8-bit values that differ by at most one."""
    return float((np.abs(ours.astype(int) - recorded.astype(int)) <= 1).mean())


def missing_samplers(document: Mapping[str, Any], registry: SamplingRegistry) -> list[str]:
    """Samplers that a case names and that do not exist yet."""
    names = {node["inputs"]["sampler_name"] for node in document.values() if node["class_type"] in SAMPLING_NODES}
    return sorted(names - set(registry.samplers))


def recorded_at(case: str, suffix: str) -> Path:
    """A file of a case."""
    return (HERE if case.startswith(f"{NODES.name}/") else CASES) / f"{case}{suffix}"


def all_cases() -> list[str]:
    """Names of the recorded cases, the quick ones first."""
    nodes = sorted(f"{NODES.name}/{path.stem}" for path in NODES.glob("*.json"))
    return nodes + sorted(path.stem for path in CASES.glob("*.json"))


def make_checkpoint(models: Path) -> None:
    """Writes the reference checkpoint and its LoRA into a model folder, unless they are there."""
    checkpoint = models / "checkpoints" / "sd1-small.safetensors"
    adapter = models / "loras" / "small-lora.safetensors"
    if checkpoint.is_file() and adapter.is_file():
        return
    for path in (checkpoint, adapter):
        path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = checkpoint.with_suffix(".part")
    subprocess.run([sys.executable, str(MAKER), str(unfinished), "--lora", str(adapter)], check=True, stdout=sys.stderr)
    unfinished.replace(checkpoint)


class Laboratory:
    """Runs cases on the reference checkpoint, in float32 on the CPU."""

    def __init__(self, models: Path, data: Path) -> None:
        make_checkpoint(models)
        folders = Folders.under(data, input=CASES, model_roots=(models,))
        library = ModelLibrary(folders, device=torch.device("cpu"), dtype=torch.float32)
        self.loop = DenoisingLoop()
        self.runner = Runner(folders, {ModelLibrary: library, DenoisingLoop: self.loop})

    def run(self, case: str) -> Comparison:
        """Runs a case and compares all that was recorded of it."""
        document = json.loads(recorded_at(case, ".json").read_text())
        later = missing_samplers(document, self.runner.registry)
        if later:
            return Comparison(case, "later", reason=f"needs the sampler {', '.join(later)}")
        begun = time.monotonic()
        ours = dict(_outputs(self.runner.folders, self.runner.run(document)))
        comparison = compared(case, ours, np.load(recorded_at(case, ".npz")))
        comparison.seconds = time.monotonic() - begun
        return comparison

    def close(self) -> None:
        """Ends the threads."""
        self.runner.close()
        self.loop.close()


def _outputs(folders: Folders, told: Mapping[str, Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    """What the output nodes saved, under the names of the recording."""
    for node, ui in told.items():
        for entry in ui.get("latents", ()):
            yield f"latent_{node}", read_latent(folders.output / entry["subfolder"] / entry["filename"]).numpy()
        if "images" in ui:
            paths = [folders.output / entry["subfolder"] / entry["filename"] for entry in ui["images"]]
            yield f"image_{node}", np.stack([np.asarray(Image.open(path)) for path in paths])


def compared(case: str, ours: Mapping[str, NDArray[Any]], recorded: Mapping[str, NDArray[Any]]) -> Comparison:
    """Measures every recorded output of a case."""
    result, reasons = Comparison(case), []
    for name, reference in recorded.items():
        mine = ours.get(name)
        if mine is None or mine.shape != reference.shape:
            reasons.append(f"{name} is {None if mine is None else mine.shape} instead of {reference.shape}")
        elif name.startswith("latent"):
            result.latents[name] = decibel(mine, reference)
        else:
            result.images[name] = decibel(mine, reference)
            result.share = min(result.share, within_one_level(mine, reference))
    worst = min(result.latents.values(), default=math.inf)
    if worst < LEAST_DECIBEL:
        reasons.append(f"latents at {worst:.1f} dB instead of {LEAST_DECIBEL:.0f}")
    if result.share < LEAST_SHARE:
        reasons.append(f"{result.share:.2%} of the image values within 1/255 instead of {LEAST_SHARE:.1%}")
    if reasons:
        result.verdict, result.reason = "different", "; ".join(reasons)
    return result


def run_all(laboratory: Laboratory, cases: Sequence[str]) -> Iterator[Comparison]:
    """Runs cases one after the other; one that fails does not stop the others."""
    for case in cases:
        try:
            yield laboratory.run(case)
        except Exception as error:
            yield Comparison(case, "failed", reason=f"{type(error).__name__}: {error}")


def _line(result: Comparison) -> str:
    if result.verdict in ("later", "failed"):
        return f"{result.case:40} {result.verdict:9} {result.reason}"
    latents = min(result.latents.values(), default=math.inf)
    images = min(result.images.values(), default=math.inf)
    figures = f"latents {latents:6.1f} dB  images {images:6.1f} dB  within 1/255 {result.share:8.3%}"
    return f"{result.case:40} {result.verdict:9} {figures}  {result.seconds:4.1f} s  {result.reason}".rstrip()


def _printed(comparisons: Iterator[Comparison], *, as_json: bool) -> list[Comparison]:
    """Prints each comparison as it comes."""
    results = []
    for result in comparisons:
        print(json.dumps(asdict(result)) if as_json else _line(result), flush=True)
        results.append(result)
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run these cases (parts of names)")
    parser.add_argument("--json", action="store_true", help="print one JSON object per case")
    parser.add_argument("--models", type=Path, default=DEFAULT_MODELS, help="where the reference checkpoint is kept")
    chosen = parser.parse_args(arguments)
    names = all_cases()
    if chosen.only:
        names = [name for name in names if any(part in name for part in chosen.only)]
    with tempfile.TemporaryDirectory(prefix="limner-golden-") as data:
        laboratory = Laboratory(chosen.models, Path(data))
        results = _printed(run_all(laboratory, names), as_json=chosen.json)
        laboratory.close()
    counts = Counter(result.verdict for result in results)
    if not chosen.json:
        print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    return 1 if not results or counts["different"] or counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
