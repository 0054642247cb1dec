"""Hints without networks: what is drawn where, in which values; and what is said where a network is missing."""

import sys
import types

import pytest
import torch
from PIL import Image, ImageFilter, ImageOps

from limner.graph.errors import ModelFileError, StepError
from limner.media.gaussian import bell, blurred
from limner.nodes.preprocessors_colour import blur_hint, color_blocks, lightness, recolor_hint, tile_hint
from limner.nodes.preprocessors_edges import colour_slope, line_art, scribble, soft_edges
from limner.nodes.preprocessors_learned import DETECTORS, learned_hint
from limner.nodes.preprocessors_shape import inpaint_hint, normal_from_depth, shuffle_hint


@pytest.fixture
def disc():
    """A dark disc on a light ground, of the same brightness as its neighbour in red."""
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(80.0), indexing="ij")
    inside = ((rows - 32) ** 2 + (columns - 40) ** 2).sqrt() < 20
    image = torch.full((1, 64, 80, 3), 0.8)
    image[0, inside] = torch.tensor([0.2, 0.25, 0.3])
    return image, inside


@pytest.fixture
def noise():
    return torch.rand(2, 33, 47, 3, generator=torch.Generator().manual_seed(4))


EVERY = {
    "soft edges": lambda image: soft_edges(image=image),
    "line art": lambda image: line_art(image=image),
    "scribble": lambda image: scribble(image=image),
    "blur": lambda image: blur_hint(image=image, sigma=3.0),
    "tile": lambda image: tile_hint(image=image, method="bicubic"),
    "blocks": lambda image: color_blocks(image=image, side=10),
    "lightness": lambda image: recolor_hint(image=image, mode="lightness"),
    "intensity": lambda image: recolor_hint(image=image, mode="intensity"),
    "normal": lambda image: normal_from_depth(depth=image),
}


@pytest.mark.parametrize("name", EVERY)
def test_hints_have_the_images_size_and_range_and_samples_stand_alone(name, noise):
    whole = EVERY[name](noise)
    assert whole.shape == noise.shape
    assert float(whole.min()) >= 0
    assert float(whole.max()) <= 1
    torch.testing.assert_close(whole[1:], EVERY[name](noise[1:]), rtol=1e-3, atol=1e-4)
    with_alpha = torch.cat([noise, noise[..., :1]], dim=-1)
    torch.testing.assert_close(EVERY[name](with_alpha), whole, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["soft edges", "line art", "scribble"])
def test_a_flat_image_has_no_lines(name):
    assert not EVERY[name](torch.full((1, 40, 40, 3), 0.7)).any()


@pytest.mark.parametrize("name", ["soft edges", "line art", "scribble"])
def test_lines_lie_on_the_border_of_the_disc(name, disc):
    image, inside = disc
    drawn = EVERY[name](image)[0, ..., 0] > 0.5
    shape = inside[None, None].float()
    near = torch.nn.functional.max_pool2d(shape, 9, 1, 4) - (1 - torch.nn.functional.max_pool2d(1 - shape, 9, 1, 4))
    border = near[0, 0] > 0
    assert drawn.any()
    assert float((drawn & border).sum() / drawn.sum()) > 0.9


def test_dark_areas_are_drawn_where_that_is_wanted(disc):
    image, inside = disc
    assert bool((line_art(image=image, fill=1.0)[0, inside] > 0.9).all())
    assert not line_art(image=image)[0, 25:40, 35:45].any()


def test_slope_is_the_largest_over_directions_and_colours():
    ramp = torch.linspace(0, 1, 9)
    planes = torch.stack([ramp.expand(9, 9), ramp.expand(9, 9).T, torch.zeros(9, 9)])[None]
    # red grows to the right, green downwards: both directions are equally steep, neither adds to the other
    assert torch.allclose(colour_slope(planes)[0, 1:-1, 1:-1], torch.full((7, 7), 1 / 8), atol=1e-6)
    same = planes[:, :1].expand(1, 3, 9, 9)
    assert torch.allclose(colour_slope(same)[0, 1:-1, 1:-1], torch.full((7, 7), 3**0.5 / 8), atol=1e-6)


def test_scribbles_are_black_and_white_and_without_specks(noise, disc):
    image, _ = disc
    with_speck = image.clone()
    with_speck[0, 4:6, 4:6] = 0.0
    assert set(scribble(image=with_speck).unique().tolist()) == {0.0, 1.0}
    assert torch.equal(scribble(image=with_speck), scribble(image=image))
    assert not torch.equal(scribble(image=with_speck, smallest=0), scribble(image=image, smallest=0))


def test_blur_is_pillows_within_its_approximation(noise):
    frame = Image.fromarray((noise[0].numpy() * 255).astype("uint8"))
    wide = ImageOps.expand(frame, 0)
    theirs = torch.tensor(list(wide.filter(ImageFilter.GaussianBlur(3)).tobytes())).reshape(33, 47, 3) / 255
    ours = blur_hint(image=noise, sigma=3.0)[0]
    assert float((ours - theirs)[8:-8, 8:-8].abs().max()) < 0.02
    assert torch.equal(blurred(noise.movedim(-1, 1), 0.0), noise.movedim(-1, 1))


def test_the_bell_has_its_deviation():
    weights = bell(4.0)
    places = torch.arange(len(weights)) - len(weights) // 2
    assert float(weights.sum()) == pytest.approx(1)
    assert float((weights * places**2).sum()) == pytest.approx(16, rel=0.03)


def test_blocks_are_means(noise):
    blocks = color_blocks(image=noise, side=10)
    assert torch.allclose(blocks[:, :10, :10], noise[:, :10, :10].mean(dim=(1, 2), keepdim=True).expand(2, 10, 10, 3))
    assert len(blocks[0].reshape(-1, 3).unique(dim=0)) == 4 * 5


def test_a_tile_hint_keeps_what_is_coarse():
    ramp = torch.linspace(0.1, 0.9, 64).expand(64, 64)[None, ..., None].expand(1, 64, 64, 3)
    assert float((tile_hint(image=ramp, reduction=4.0, method="bilinear") - ramp).abs().max()) < 0.03
    assert torch.equal(tile_hint(image=ramp, reduction=1.0, method="nearest-exact"), ramp)


def test_lightness_is_that_of_the_cie():
    colours = torch.tensor([[[[1.0, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0.5]]]])
    expected = torch.tensor([100.0, 0, 53.24, 87.73, 32.30, 53.39]) / 100
    assert torch.allclose(lightness(colours)[0, 0], expected, atol=1e-3)


def test_normals_of_a_slope_point_away_from_what_is_near():
    nearer_right = torch.linspace(0, 1, 64).expand(64, 64)[None, ..., None].expand(1, 64, 64, 3)
    middle = normal_from_depth(depth=nearer_right, strength=1.0)[0, 32, 32] * 2 - 1
    slope = 64 / 63
    expected = torch.tensor([-slope, 0.0, 1.0]) / (slope**2 + 1) ** 0.5
    assert torch.allclose(middle, expected, atol=1e-4)
    nearer_below = nearer_right.transpose(1, 2)
    up, down = (
        normal_from_depth(depth=nearer_below, strength=1.0, green_up=green)[0, 32, 32] for green in (True, False)
    )
    assert up[1] > 0.5 > down[1]
    flat = normal_from_depth(depth=nearer_right * 0.1, background=0.5)
    assert torch.allclose(flat, torch.tensor([0.5, 0.5, 1.0]).expand_as(flat))


def test_shuffling_keeps_colours_and_depends_on_the_seed(noise, disc):
    image, _ = disc
    once = shuffle_hint(image=image, seed=1, grain=16)
    assert torch.equal(once, shuffle_hint(image=image, seed=1, grain=16))
    assert not torch.equal(once, shuffle_hint(image=image, seed=2, grain=16))
    assert float(once.min()) >= 0.2 - 1e-6
    assert float(once.max()) <= 0.8 + 1e-6
    assert not torch.allclose(once, image, atol=0.1)


def test_holes_are_minus_one(noise):
    mask = torch.zeros(1, 33, 47)
    mask[0, :10] = 1
    hint = inpaint_hint(image=noise, mask=mask)
    assert torch.equal(hint[:, 10:], noise[:, 10:])
    assert bool((hint[:, :10] == -1).all())


class Detector:
    """What the package's documentation says of a detector."""

    @classmethod
    def from_pretrained(cls, folder):
        if not folder.endswith("annotators"):
            raise OSError("no such weights")
        return cls()

    def __call__(self, picture):
        return ImageOps.invert(picture).resize((20, 10))


@pytest.fixture
def library(folders):
    return types.SimpleNamespace(folders=folders, device=torch.device("cpu"))


def test_learned_hints_come_from_the_package(noise, library, monkeypatch):
    monkeypatch.setitem(
        sys.modules, "controlnet_aux", types.SimpleNamespace(**dict.fromkeys(DETECTORS.values(), Detector))
    )
    with pytest.raises(ModelFileError, match="lllyasviel/Annotators"):
        learned_hint(image=noise, kind="pose", library=library)
    (library.folders.model_roots[0] / "annotators").mkdir(parents=True)
    flat = torch.full((2, 33, 47, 3), 51 / 255)
    hint = learned_hint(image=flat, kind="pose", library=library)
    assert torch.allclose(hint, torch.full_like(flat, 204 / 255), atol=1e-6)


def test_a_missing_package_is_named(noise, library, monkeypatch):
    monkeypatch.setitem(sys.modules, "controlnet_aux", None)
    (library.folders.model_roots[0] / "annotators").mkdir(parents=True)
    with pytest.raises(StepError, match=r"controlnet-aux.*limner\[preprocessors\]"):
        learned_hint(image=noise, kind="pose", library=library)
