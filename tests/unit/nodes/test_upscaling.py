"""Pictures enlarged by networks, and repainted in tiles."""

import pytest
import torch
from safetensors.torch import save_file
from tests.unit.nodes.conftest import DoublingNetwork

from limner.graph.errors import NumericsError, UnknownNameError
from limner.models.library import ModelLibrary
from limner.models.upscalers.upscaler import Upscaler
from limner.nodes.upscaling import image_upscale_with_model, upscale_model_loader
from limner.nodes.upscaling_tiled import CutNoise, Grid, tiled_upscale
from limner.sampling.noise import initial_noise


@pytest.fixture
def image():
    return torch.rand(2, 40, 56, 3, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def repaint(model, vae, text, sampling):
    def repainted(image, **settings):
        given = {
            "upscale_by": 2.0,
            "steps": 2,
            "cfg": 1.0,
            "denoise": 0.4,
            "tile_width": 64,
            "tile_height": 64,
            "overlap": 16,
        } | settings
        return tiled_upscale(
            image=image,
            model=model,
            positive=text(given.pop("level", 0.5)),
            negative=text(0.0),
            vae=vae,
            sampler_name="euler",
            scheduler="karras",
            **given,
            **sampling,
        )

    return repainted


def test_a_model_is_recognised_from_its_file(folders):
    scale, features = 2, 4
    tensors = {
        "body.0.weight": torch.rand(features, 3, 3, 3),
        "body.0.bias": torch.rand(features),
        "body.1.weight": torch.rand(features),
        "body.2.weight": torch.rand(3 * scale**2, features, 3, 3),
        "body.2.bias": torch.rand(3 * scale**2),
    }
    path = folders.model_roots[0] / "upscale_models"
    path.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path / "small.safetensors")
    library = ModelLibrary(folders)
    upscaler = upscale_model_loader(model_name="small.safetensors", library=library)
    assert (upscaler.scale, upscaler.channels) == (2, 3)
    assert upscaler.upscale(torch.rand(1, 9, 7, 3)).shape == (1, 18, 14, 3)
    with pytest.raises(UnknownNameError):
        upscale_model_loader(model_name="other.safetensors", library=library)


def test_images_grow_and_tell_of_their_tiles(image, progress):
    result = image_upscale_with_model(upscale_model=Upscaler("a", DoublingNetwork(), 2), image=image, progress=progress)
    assert torch.allclose(result, image.repeat_interleave(2, 1).repeat_interleave(2, 2))
    assert [told[:2] for told in progress.reports] == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("height", "width", "tile", "overlap"), [(160, 96, 64, 16), (64, 64, 64, 32), (72, 200, 64, 0)]
)
def test_a_grid_covers_everything_with_equal_tiles(height, width, tile, overlap):
    grid = Grid.over(height, width, (tile, tile), overlap, 8)
    planes = torch.rand(1, 3, height, width)
    tiles = list(grid.cut(planes))
    assert {tuple(part.shape[-2:]) for part in tiles} == {grid.tile}
    assert all(top % 8 == left % 8 == 0 for top, left in grid.places)
    joined = grid.joined([part.movedim(1, -1) for part in tiles])
    assert torch.allclose(joined, planes.movedim(1, -1), atol=1e-6)


def test_tiles_no_smaller_than_the_picture_are_one():
    assert Grid.over(48, 40, (512, 512), 64, 8).places == [(0, 0)]


def test_noise_agrees_where_tiles_overlap():
    grid = Grid.over(64, 96, (64, 64), 32, 8)
    tiles = CutNoise(7, grid).generate_noise({"samples": torch.zeros(2, 4, 8, 8)})
    whole = initial_noise(torch.zeros(1, 4, 8, 12), 7)
    assert torch.equal(tiles[0], whole[0, ..., :8])
    assert torch.equal(tiles[1], whole[0, ..., 4:])


def test_nothing_is_repainted_without_denoise(repaint, image, vae):
    result = repaint(image, denoise=0.0)
    assert result.shape == (2, 80, 112, 3)
    # The autoencoder of these tests keeps means of squares, wherever a tile begins.
    means = repaint(image, denoise=0.0, tile_width=512, tile_height=512)
    assert torch.allclose(result, means, atol=1e-6)


def test_every_tile_goes_where_the_text_says(repaint, image):
    result = repaint(image, denoise=1.0, steps=4, level=0.1)
    assert torch.allclose(result, torch.full_like(result, 0.1 / 0.18215), atol=0.02)


def test_a_network_may_enlarge_first(repaint, image):
    network = DoublingNetwork()
    result = repaint(image, upscale_model=Upscaler("a", network, 2), upscale_by=1.5, denoise=0.0)
    assert result.shape == (2, 60, 84, 3)
    assert network.seen == [(1, 3, 40, 56)] * 2


def test_a_missing_autoencoder_is_named(model, text, sampling, image):
    with pytest.raises(NumericsError, match="VAE is invalid"):
        tiled_upscale(
            image=image,
            model=model,
            positive=text(0.5),
            negative=text(0.0),
            vae=None,
            sampler_name="euler",
            scheduler="karras",
            **sampling,
        )
