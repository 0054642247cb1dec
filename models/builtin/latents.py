"""Encodes every example once, so that training the denoiser costs no rendering and no encoding.

python latents.py        # needs STATE/autoencoder.pt, writes STATE/latents.npz
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import pathlib
import time

import autoencoder
import drawings
import numpy as np
import scenes
import torch
from captions import Captions, Example
from tokens import Tokenizer, rows_of

CAPTION_LENGTH = 40
SORTS = ("bare", "background", "composed")
COMPOSED_SHARES = {"pairs": 0.42, "placed": 0.13, "sized": 0.12, "counted": 0.13, "coloured": 0.2}
PART = 64


@dataclasses.dataclass
class Cache:
    """Encoded examples and their captions.

    Attributes:
        latents: float16 [examples, 4, 16, 16], already times 0.18215.
        sorts: int8 [examples], places in `SORTS`.
        starts: int32 [examples + 1], where each example's captions begin.
        captions: uint16 [captions, 40], token numbers, padded with the end token.
        rows: int32 [49408], the row of each token in the small table.
    """

    latents: np.ndarray
    sorts: np.ndarray
    starts: np.ndarray
    captions: np.ndarray
    rows: np.ndarray

    @classmethod
    def load(cls, path: pathlib.Path) -> Cache:
        """Reads the file that `main` writes."""
        stored = np.load(path)
        return cls(*(stored[field.name] for field in dataclasses.fields(cls)))

    def save(self, path: pathlib.Path) -> None:
        """Writes all parts to one file."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in dataclasses.fields(self)})


@torch.inference_mode()
def encode(examples: list[Example], store: np.ndarray, model: torch.nn.Module, device: str) -> np.ndarray:
    """Draws and encodes all scenes: float16 [examples, 4, 16, 16]."""
    parts = [examples[start : start + PART] for start in range(0, len(examples), PART)]
    result, begin = [], time.time()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.map(lambda part: np.stack([scenes.compose(one.scene, store) for one in part]), parts)
        for number, pictures in enumerate(waiting):
            with torch.autocast(torch.device(device).type, torch.bfloat16):
                mode = model.encode(autoencoder.to_network(pictures, device)).latent_dist.mode()
            result.append((mode.float() * autoencoder.LATENT_SCALE).half().cpu().numpy())
            if number % 100 == 0:
                print(f"{number} of {len(parts)} parts, {time.time() - begin:.0f} s", flush=True)
    return np.concatenate(result)


def tokenise(examples: list[Example], tokenizer: Tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """Token numbers of all captions, and where each example's begin."""
    starts = np.cumsum([0, *(len(one.captions) for one in examples)]).astype(np.int32)
    known: dict[str, np.ndarray] = {}
    rows = []
    for one in examples:
        for caption in one.captions:
            if caption not in known:
                known[caption] = tokenizer(caption)[:CAPTION_LENGTH].astype(np.uint16)
            rows.append(known[caption])
    return np.stack(rows), starts


def main() -> None:
    """Writes the cache."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=pathlib.Path, default=pathlib.Path(__file__).parent / "state")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--backgrounds", type=int, default=5, help="colours for each emoji, at most 13")
    parser.add_argument(
        "--composed", type=int, default=12000, help="scenes with sizes, places, pairs, counts and colours"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    emoji, store = drawings.cached_set(arguments.state)
    wanted = {sort: int(share * arguments.composed) for sort, share in COMPOSED_SHARES.items()}
    examples = Captions(emoji, store).examples(arguments.backgrounds, **wanted)
    captions, starts = tokenise(examples, Tokenizer(arguments.state / "bpe_simple_vocab_16e6.txt.gz"))
    model = autoencoder.build().to(arguments.device).eval()
    model.load_state_dict(torch.load(arguments.state / "autoencoder.pt", map_location=arguments.device))
    latents = encode(examples, store, model, arguments.device)
    print(
        f"latents: mean {latents.mean((0, 2, 3), dtype=np.float32)}, "
        f"deviation {latents.astype(np.float32).std((0, 2, 3))}",
        flush=True,
    )
    sorts = np.array([SORTS.index(one.sort) for one in examples], np.int8)
    Cache(latents, sorts, starts, captions, rows_of(captions)).save(arguments.state / "latents.npz")


if __name__ == "__main__":
    main()
