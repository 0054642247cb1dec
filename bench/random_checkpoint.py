"""Checkpoints of full size with random weights: ``python bench/random_checkpoint.py sdxl FILE``.

Their numbers mean nothing, but every tensor has the name, shape and type that it has in the original layout, so loading
and computing cost what they cost there.
"""

import argparse
import gzip
import json
import math
import struct
from pathlib import Path

import torch

TESTS = Path(__file__).resolve().parent.parent / "tests"
LAYOUTS = TESTS / "models" / "layouts.json.gz"
"""Denoising networks by layout."""
SMALL = TESTS / "golden" / "checkpoint" / "sd1-small-shapes.json"
"""The reference checkpoint, whose text encoder and autoencoder have the full size."""
BLOCK = 1 << 24
"""Random numbers that are drawn; tensors take stretches of them."""


def write_checkpoint(path: Path, layout: str, seed: int = 0) -> int:
    """Writes a safetensors file of float16 tensors, unless it is there. Returns its size.

    Format: 8 bytes little-endian header length, a JSON object, the tensors' bytes.
    """
    shapes = shapes_of(layout)
    header, end = {}, 0
    for name, shape in shapes.items():
        size = 2 * math.prod(shape)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    if path.is_file() and path.stat().st_size == 8 + len(text) + end:
        return path.stat().st_size
    noise = torch.randn(BLOCK, generator=torch.Generator().manual_seed(seed))
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in shapes.items():
            _write(file, name, shape, noise)
    return path.stat().st_size


def shapes_of(layout: str) -> dict[str, list[int]]:
    """Tensors of a file: a denoising network; for ``sd15`` a text encoder and an autoencoder too."""
    shapes = json.loads(gzip.decompress(LAYOUTS.read_bytes()))[layout]
    if layout == "sd15":
        others = json.loads(SMALL.read_text())
        shapes |= {name: shape for name, shape in others.items() if not name.startswith("model.")}
    return shapes


def _write(file, name: str, shape: list[int], noise: torch.Tensor) -> None:
    """One tensor; scaled so that a pass through the network stays finite."""
    fan_in = max(1, math.prod(shape[1:]))
    scale, shift = (0.02, 1.0) if len(shape) == 1 and name.endswith("weight") else (0.5 / fan_in**0.5, 0.0)
    left = math.prod(shape)
    while left:
        part = noise[: min(left, len(noise))]
        file.write((part * scale + shift).half().numpy().tobytes())
        left -= len(part)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layout", help="sd15, sd21, sdxl, sdxl_refiner")
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    print(f"{arguments.file}: {write_checkpoint(arguments.file, arguments.layout) / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
