"""An autoencoder is called in halves, and asks for the memory of each."""

import pytest
import torch

from limner.models.library import ModelLibrary
from limner.models.memory.load_plan import MemoryRefusal
from limner.storage.folders import Folders


@pytest.fixture
def asked(monkeypatch, tiny_path, tmp_path):
    """The tiny autoencoder on an account of 120 MB, and what it asks for."""
    library = ModelLibrary(Folders.under(tmp_path), capacity=120 << 20)
    autoencoder, sizes = library.open_checkpoint(tiny_path).vae, []
    begin = autoencoder.network.ledger.begin_work

    def noting(key, size):
        sizes.append(size)
        begin(key, size)

    monkeypatch.setattr(autoencoder.network.ledger, "begin_work", noting)
    return autoencoder, sizes


def test_more_pixels_more_memory(asked):
    autoencoder, sizes = asked
    for side in (8, 16):
        autoencoder.decode(torch.zeros(1, 4, side, side))
    autoencoder.encode(torch.zeros(1, 64, 64, 3))
    small, large, encoding = sizes
    assert large == pytest.approx(4 * small, rel=0.1)
    assert 0 < encoding < small


def test_what_does_not_fit_at_once_goes_in_tiles(asked, caplog):
    autoencoder, _ = asked
    picture = autoencoder.decode(torch.zeros(1, 4, 96, 96))
    assert picture.shape == (1, 768, 768, 3)
    assert "in tiles" in caplog.text


def test_a_tile_that_does_not_fit_is_refused_with_numbers(tiny_path, tmp_path):
    library = ModelLibrary(Folders.under(tmp_path), capacity=1 << 20)
    with pytest.raises(MemoryRefusal, match=r"may use 1.00 MiB|may use 1 MiB"):
        library.open_checkpoint(tiny_path).vae.decode(torch.zeros(1, 4, 96, 96))
