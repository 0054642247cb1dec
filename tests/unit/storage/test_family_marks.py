"""Families told from tensors without torch: the same as the families themselves say, over all recorded layouts."""

import gzip
import json
from pathlib import Path

import pytest

from limner.storage.builtin import builtin_checkpoint
from limner.storage.family_marks import Seen, seen_in_file, seen_in_tensors

MODELS = Path(__file__).parents[2] / "models"
FAMILIES = {
    "sd15": "sd1", "sd21": "sd2", "sdxl": "sdxl", "sdxl_refiner": "sdxl_refiner", "sd3_medium": "sd3",
    "sd35_medium": "sd3", "sd35_large": "sd3", "flux_dev": "flux", "flux_schnell": "flux", "flux_fill": "flux",
    "chroma": "chroma", "auraflow": "auraflow", "lumina2": "lumina2", "pixart_sigma": "pixart_sigma",
    "qwen_image": "qwen_image", "flux_vae": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    found = {}
    for file in ("data/video_layouts.json.gz", "layouts.json.gz", "data/transformer_layouts.json.gz"):
        with gzip.open(MODELS / file) as stored:
            found |= {
                name: {key: tuple(shape) for key, shape in table.items()} for name, table in json.load(stored).items()
            }
    return found


def test_layouts_are_of_their_families(tables):
    assert {name: seen_in_tensors(table).family for name, table in tables.items()} == {
        name: FAMILIES.get(name, "") for name in tables
    }
    bare = {name.removeprefix("model.diffusion_model."): shape for name, shape in tables["flux_dev"].items()}
    assert seen_in_tensors(bare) == Seen("flux")


def test_the_first_layer_tells_what_a_network_was_made_for(tables):
    first = "model.diffusion_model.input_blocks.0.0.weight"
    assert seen_in_tensors({**tables["sd15"], first: (320, 9, 3, 3)}) == Seen("sd1", "inpainting")
    assert seen_in_tensors({**tables["sd15"], first: (320, 8, 3, 3)}) == Seen("sd1", "instructions")
    assert seen_in_tensors(tables["sd15"], {"limner.family": "own"}) == Seen("own")


def test_files_are_read_by_their_headers(tmp_path):
    assert seen_in_file(builtin_checkpoint()) == Seen("sd1")
    odd = tmp_path / "odd.safetensors"
    odd.write_bytes(b"no header")
    assert seen_in_file(odd) == Seen()
    assert seen_in_file(tmp_path / "old.ckpt") == Seen()
