"""Texts for regions, in transformers and UNets: each is asked by itself, and counts where and as much as it says."""

import pytest
import torch
from tests.models.families import flux, qwen_image, sd3, stable_diffusion
from tests.models.families.case import Bench
from tests.models.families.components import difference

from limner.nodes.conditioning import (
    conditioning_combine,
    conditioning_set_area,
    conditioning_set_area_percentage,
    conditioning_set_mask,
)
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider

CASES = {"flux": flux.DEV, "flux fill": flux.FILL, "sd3": sd3.MEDIUM, "qwen": qwen_image.IMAGE}
SIGMA = 0.6
SIZE = (13, 12)
"""Of latents: no multiple of a patch one way."""


@pytest.fixture(scope="module", params=CASES)
def bench(request, tmp_path_factory):
    bench = Bench(CASES[request.param], tmp_path_factory.mktemp("regions"))
    return bench, bench.load("original")


def latent(model, samples=1, frames=()):
    channels = model.latent_format.channels
    return torch.randn(samples, channels, *frames, *SIZE, generator=torch.Generator().manual_seed(5))


def guided(model, x, positive, negative, scale):
    """The guided prediction as the denoising loop makes it, call by call."""
    guidance = Guidance(model, CfgGuider(positive, negative, scale), x)
    question = guidance.question(x, SIGMA)
    for call in question.calls:
        call.x0 = asked(model, call.x, call.inputs)
    return guidance.guider.combine(x, SIGMA, question.predictions(), model)


def asked(model, x, inputs):
    meaning, level = model.parametrization, torch.full((len(x),), SIGMA)
    return meaning.x0(x, model.predict(meaning.scale_input(x, level), meaning.timestep(level), inputs), level)


def alone(model, x, conditioning, **options):
    """The prediction for one entry, everywhere."""
    ((context, told),) = conditioning
    found = [model.inputs({**told, **options}, context, sample[None]) for sample in x]
    return asked(model, x, {name: torch.cat([inputs[name] for inputs in found]) for name in found[0]})


def masked(conditioning, mask, strength=1.0, bounds="default"):
    return conditioning_set_mask(conditioning=conditioning, mask=mask, strength=strength, set_cond_area=bounds)


def sides():
    """Two masks that overlap, at the size of the latent."""
    left, right = torch.zeros(1, *SIZE), torch.zeros(1, *SIZE)
    left[..., :7], right[..., 5:] = 1.0, 0.5
    return left, right


def test_masks(bench):
    """For a batch; latents of Qwen-Image may also be videos of one frame."""
    bench, model = bench
    one, two, negative = (bench.texts(seed) for seed in (1, 2, 3))
    left, right = sides()
    both = conditioning_combine(conditioning_1=masked(one, left), conditioning_2=masked(two, right, strength=0.6))
    weights = left[0], right[0] * 0.6
    for frames in ((), (1,)) if bench.case.family == "qwen_image" else ((),):
        x = latent(model, 2, frames)
        mean = sum(alone(model, x, text) * weight for text, weight in zip((one, two), weights, strict=True))
        mean, against = mean / sum(weights), alone(model, x, negative)
        assert difference(guided(model, x, both, negative, 3.0), against + 3.0 * (mean - against)) < 1e-4


def test_mask_bounds(bench):
    """The network sees the rectangle around the mask only, for both texts; elsewhere there is the other one."""
    bench, model = bench
    one, two, negative = (bench.texts(seed) for seed in (1, 2, 3))
    mask = torch.zeros(1, *SIZE)
    mask[:, 2:11, 3:12] = 1.0
    inner = (slice(2, 11), slice(3, 12))
    both = conditioning_combine(conditioning_1=masked(one, mask, 0.5, "mask bounds"), conditioning_2=two)
    x = latent(model)
    region = x[..., *inner]
    wanted = alone(model, x, two)
    wanted[..., *inner] = (wanted[..., *inner] + 0.5 * alone(model, region, one)) / 1.5
    against = alone(model, x, negative)
    against[..., *inner] = (against[..., *inner] + alone(model, region, negative) * faded(9, 9, ends=(True, False))) / (
        1 + faded(9, 9, ends=(True, False))
    )
    assert difference(guided(model, x, both, negative, 3.0), against + 3.0 * (wanted - against)) < 1e-4


def faded(height, width, ends):
    """Weights of an area of which the upper and lower, the left and perhaps the right edge lie inside."""
    rise = torch.tensor([0.5, 1.0])
    rows, columns = torch.ones(height), torch.ones(width)
    rows[:2] = columns[:2] = rise
    rows[-2:] = rise.flip(0)
    if ends[1]:
        columns[-2:] = rise.flip(0)
    return rows[:, None] * columns


def test_areas_in_pixels_and_in_shares(bench):
    """Both are the same area of 9 x 5, an odd one, and of strength 2."""
    bench, model = bench
    one, two = bench.texts(1), bench.texts(2)
    x = latent(model)
    inner = (slice(2, 11), slice(4, 9))
    weight = 2.0 * faded_five()
    wanted = alone(model, x, two)
    wanted[..., *inner] = (wanted[..., *inner] + alone(model, x[..., *inner], one) * weight) / (1 + weight)
    pixels = conditioning_set_area(conditioning=one, width=40, height=72, x=32, y=16, strength=2.0)
    shares = conditioning_set_area_percentage(
        conditioning=one, width=5 / 12, height=9 / 13, x=4 / 12, y=2 / 13, strength=2.0
    )
    for area in (pixels, shares):
        both = conditioning_combine(conditioning_1=area, conditioning_2=two)
        assert difference(guided(model, x, both, two, 1.0), wanted) < 1e-4


def faded_five():
    """9 x 5 inside on all sides: two rows and one column of an edge."""
    rows = torch.tensor([0.5, 1, 1, 1, 1, 1, 1, 1, 0.5])
    return rows[:, None] * torch.ones(5)


@pytest.mark.parametrize("kind", ["flux fill", "sd1 inpaint"])
def test_areas_of_networks_that_see_a_picture(kind, tmp_path):
    """What an area shows of the picture to fill in is its own part, not the whole made smaller."""
    case = flux.FILL if kind == "flux fill" else stable_diffusion.SD1_INPAINT
    bench = Bench(case, tmp_path)
    model = bench.load(next(iter(case.layouts)))
    channels = model.latent_format.channels
    x = latent(model)
    generator = torch.Generator().manual_seed(4)
    picture = torch.randn(1, channels, *SIZE, generator=generator)
    mask = (torch.rand(1, 1, *(8 * side for side in SIZE), generator=generator) > 0.5).float()
    ((context, told),) = bench.texts(1)
    entry = [[context, {**told, "concat_latent_image": picture, "concat_mask": mask}]]
    area = conditioning_set_area(conditioning=entry, width=64, height=72, x=32, y=16, strength=1.0)
    other = [[context * 0.5, entry[0][1]]]
    both = conditioning_combine(conditioning_1=area, conditioning_2=other)
    inner = (slice(2, 11), slice(4, 12))
    cut = {
        "concat_latent_image": picture[..., *inner],
        "concat_mask": mask[..., 16:88, 32:96],
    }
    weight = faded(9, 8, ends=(True, False))
    wanted = alone(model, x, other)
    wanted[..., *inner] = (wanted[..., *inner] + alone(model, x[..., *inner], entry, **cut) * weight) / (1 + weight)
    assert difference(guided(model, x, both, other, 1.0), wanted) < 1e-4
