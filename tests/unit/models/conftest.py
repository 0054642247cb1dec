"""Tiny checkpoints in the original layout: the reference checkpoint's tensors with narrow sides."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from limner.models.library import ModelLibrary
from limner.storage.folders import Folders

SHAPES = Path(__file__).parents[2] / "golden" / "checkpoint" / "sd1-small-shapes.json"
NARROW = {
    "model.diffusion_model.": {320: 32, 640: 64, 960: 96, 1280: 128, 2560: 256, 5120: 512, 768: 64},
    "first_stage_model.": {128: 16, 256: 32, 512: 64},
    "cond_stage_model.": {768: 64, 3072: 128, 49408: 40},
}
LAYERS = 2
"""Of the text encoder that are kept."""


def narrow(name, shape):
    """The shape of a tensor in the tiny checkpoint; None if the tensor is left out."""
    prefix = next(prefix for prefix in NARROW if name.startswith(prefix))
    parts = name.split(".layers.")
    if len(parts) == 2 and int(parts[1].split(".")[0]) >= LAYERS:
        return None
    sides = [NARROW[prefix].get(side, side) for side in shape]
    return tuple(sides)


def tiny_state(seed=0):
    """Tensors of a tiny SD1 checkpoint; the token table holds 40 rows and a map."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, shape in json.loads(SHAPES.read_text()).items():
        size = narrow(name, shape)
        if size is None:
            continue
        values = torch.randn(size, generator=generator)
        fan_in = max(1, values[0].numel()) if values.ndim > 1 else 1
        norm = "norm" in name or values.ndim == 1
        state[name] = 1 + 0.05 * values if norm and name.endswith("weight") else values * (0.5 / fan_in**0.5)
    rows = "cond_stage_model.transformer.text_model.embeddings.token_embedding.rows"
    state[rows] = torch.randint(0, 40, (49408,), generator=generator, dtype=torch.int32)
    return state


@pytest.fixture(scope="session")
def tiny_path(tmp_path_factory):
    """A tiny checkpoint on disk."""
    path = tmp_path_factory.mktemp("models") / "checkpoints" / "tiny.safetensors"
    path.parent.mkdir()
    save_file(tiny_state(), path, {"limner.native_size": "64"})
    return path


@pytest.fixture
def library(tiny_path, tmp_path):
    """A library that finds the tiny checkpoint, and files put under ``tmp_path/models``."""
    return ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models", tiny_path.parents[1])))


@pytest.fixture
def tiny(library):
    """The tiny checkpoint, opened."""
    return library.checkpoint("tiny.safetensors")


@pytest.fixture
def state():
    """Its tensors."""
    return tiny_state()
