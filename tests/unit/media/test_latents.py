"""Latents survive their file; what is none is refused."""

import pytest
import torch
from safetensors.torch import save

from limner.graph.errors import StorageError
from limner.media.latents import EARLY_SCALE, encode_latent, read_latent


def test_a_latent_comes_back_exactly(tmp_path):
    samples = torch.randn(2, 4, 8, 6)
    path = tmp_path / "a.latent"
    path.write_bytes(encode_latent(samples, {"prompt": "{}"}))
    assert torch.equal(read_latent(path), samples)


def test_the_first_files_held_scaled_values(tmp_path):
    path = tmp_path / "a.latent"
    path.write_bytes(save({"latent_tensor": torch.ones(1, 4, 2, 2)}))
    assert torch.allclose(read_latent(path), torch.tensor(1 / EARLY_SCALE))


def test_other_files_are_explained(tmp_path):
    (tmp_path / "a.latent").write_bytes(b"nonsense")
    (tmp_path / "b.latent").write_bytes(save({"weights": torch.ones(1)}))
    with pytest.raises(StorageError, match="cannot be read as a latent"):
        read_latent(tmp_path / "a.latent")
    with pytest.raises(StorageError, match="no tensor 'latent_tensor'"):
        read_latent(tmp_path / "b.latent")
    with pytest.raises(StorageError, match="There is no latent"):
        read_latent(tmp_path / "c.latent")
