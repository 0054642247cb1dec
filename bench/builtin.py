"""Measures the built-in model: names that give their own drawing, and backgrounds of the colour asked for.

    python bench/builtin.py [--names 200] [--compositions 100] [--sheet docs/builtin-sheet.png]

Names: drawn with a fixed seed from all names of the set. A picture counts when, among all drawings of the set at
standard size on white, the one nearest to it is the drawing of its name. Distance: mean squared difference of CIE Lab
values of the pictures blurred (2 pixels of 128) and reduced to 32 x 32, the least over shifts of up to one of the 32
pixels. Drawings that are the same picture under two names count for both.

Compositions: "<name> on a <colour> background" for pairs that were kept out of training. The background counts when the
named colour (of 14) nearest in Lab to the median of the outer 5 pixels is the one asked for.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from limner.models.library import ModelLibrary
from limner.sampling.denoise import denoise
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.noise import initial_noise
from limner.sampling.registry import SamplingRegistry
from limner.sampling.steps import sigmas_for
from limner.storage.folders import Folders

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILTIN = ROOT / "models" / "builtin"
sys.path.insert(0, str(BUILTIN))

import drawings  # noqa: E402
import judge  # noqa: E402
import scenes  # noqa: E402
from captions import with_article  # noqa: E402

AT_ONCE, SIDE = 16, 128
SHEET = (
    "a red apple",
    "a cat",
    "a dog face",
    "a rocket",
    "a sunflower",
    "a pizza",
    "a red heart",
    "a banana",
    "an owl",
    "a tiger face",
    "a christmas tree",
    "a sailboat",
    "a guitar",
    "a hamburger",
    "a butterfly",
    "a grinning face",
    "a red apple on a blue background",
    "an octopus on a yellow background",
    "a snowman on a navy background",
    "a purple automobile",
    "a cat and a rocket",
    "a rocket above a house",
    "two pandas",
    "a small frog on a pink background",
)


class Generator:
    """The one place that samples: prompts and seeds in, pictures out, through Limner's own library and loop."""

    def __init__(self, model: pathlib.Path, steps: int, guidance: float, device: str) -> None:
        checkpoint = ModelLibrary(Folders.under(model.parent), device).open_checkpoint(model)
        self.model, self.text, self.autoencoder = checkpoint.model, checkpoint.clip, checkpoint.vae
        self.steps, self.guidance, self.loop = steps, guidance, DenoisingLoop()
        registry = SamplingRegistry.discovered()
        self.sampler, schedule = registry.sampler("euler"), registry.schedule("karras")
        self.sigmas = sigmas_for(schedule, self.sampler, self.model.parametrization, steps)
        self.negative = self.text.encode("")

    def __call__(self, prompts: list[str], seeds: list[int]) -> np.ndarray:
        """uint8 [prompts, 128, 128, 3]."""
        with ThreadPoolExecutor(AT_ONCE) as people:
            pictures = list(people.map(self.draw, prompts, seeds))
        return np.stack(pictures)

    @torch.inference_mode()
    def draw(self, prompt: str, seed: int) -> np.ndarray:
        """One picture, uint8 [128, 128, 3]; the loop batches what is drawn at once."""
        latent = torch.zeros(1, 4, SIDE // 8, SIDE // 8)
        guider = CfgGuider(self.text.encode(prompt), self.negative, self.guidance)
        noise = initial_noise(latent, seed)
        drawn = denoise(self.loop, self.model, guider, self.sampler, self.sigmas, noise, latent, seed=seed)
        return (self.autoencoder.decode(drawn.samples)[0].numpy() * 255).clip(0, 255).astype(np.uint8)


def measure_names(
    generate: Generator, emoji: list[drawings.Emoji], store: np.ndarray, count: int
) -> tuple[float, list[str]]:
    """Share of names whose picture is nearest to its own drawing, and the names that failed."""
    indices = np.random.default_rng(2026).choice(len(emoji), count, replace=False).tolist()
    pictures = generate([emoji[index].name for index in indices], list(range(1, count + 1)))
    hits = judge.nearest(pictures, indices, judge.features(judge.standard_pictures(store)))
    return float(hits.mean()), [emoji[index].name for index, hit in zip(indices, hits, strict=True) if not hit]


def measure_backgrounds(generate: Generator, emoji: list[drawings.Emoji], count: int) -> tuple[float, list[str]]:
    """Share of unseen pairs of drawing and colour with the colour asked for, and the prompts that failed."""
    pairs = [(one.name, colour) for one in emoji for colour in scenes.COLOURS if scenes.is_held_out(one.name, colour)]
    chosen = [pairs[place] for place in np.random.default_rng(2027).choice(len(pairs), count, replace=False)]
    prompts = [f"{with_article(name)} on a {colour} background" for name, colour in chosen]
    pictures = generate(prompts, list(range(1, count + 1)))
    hits = [judge.border_colour(picture) == colour for picture, (_, colour) in zip(pictures, chosen, strict=True)]
    return float(np.mean(hits)), [prompt for prompt, hit in zip(prompts, hits, strict=True) if not hit]


def main() -> None:
    """Prints the measures as JSON and, if asked, draws the contact sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=200)
    parser.add_argument("--compositions", type=int, default=100)
    parser.add_argument("--sheet", type=pathlib.Path, help="draw 24 prompts with the seeds 1 to 24, uncurated")
    parser.add_argument("--model", type=pathlib.Path, default=BUILTIN / "limner-mini.safetensors")
    parser.add_argument("--state", type=pathlib.Path, default=BUILTIN / "state", help="where the drawings are kept")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    arguments.state.mkdir(exist_ok=True)
    emoji, store = drawings.cached_set(arguments.state)
    generate = Generator(arguments.model, arguments.steps, arguments.guidance, arguments.device)
    result: dict[str, object] = {"set": len(emoji), "steps": arguments.steps, "guidance": arguments.guidance}
    begin = time.time()
    if arguments.names:
        result["names_nearest"], result["names_missed"] = measure_names(generate, emoji, store, arguments.names)
    if arguments.compositions:
        result["backgrounds_right"], result["backgrounds_missed"] = measure_backgrounds(
            generate, emoji, arguments.compositions
        )
    result["seconds"] = round(time.time() - begin, 1)
    if arguments.sheet:
        judge.sheet(generate(list(SHEET), list(range(1, len(SHEET) + 1))), list(SHEET)).save(arguments.sheet)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
