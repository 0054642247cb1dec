"""Batches that are one thing, as the frames of a video: no pass divides them."""

import dataclasses

import pytest
import torch

from limner.sampling.denoise import denoise
from limner.sampling.forward import BatchLimit
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.noise import initial_noise
from limner.sampling.registry import SamplingRegistry
from limner.sampling.steps import sigmas_for

REGISTRY = SamplingRegistry.discovered()
FRAMES = 5


@pytest.fixture
def small():
    loop = DenoisingLoop(BatchLimit(samples=2))
    yield loop
    loop.close()


@pytest.fixture
def whole(denoiser):
    denoiser.latent_format = dataclasses.replace(denoiser.latent_format, together=True)
    return denoiser


def run(loop, denoiser, prompt):
    sampler = REGISTRY.sampler("euler")
    sigmas = sigmas_for(REGISTRY.schedule("simple"), sampler, denoiser.parametrization, 2)
    latent = torch.zeros(FRAMES, 4, 4, 4)
    guider = CfgGuider(prompt(1), prompt(2), 2.0)
    return denoise(loop, denoiser, guider, sampler, sigmas, initial_noise(latent, 1), latent, seed=1).samples


def test_a_limit_divides_pictures_but_no_videos(small, denoiser, prompt):
    apart = run(small, denoiser, prompt)
    assert max(denoiser.batches) == 2
    denoiser.batches.clear()
    denoiser.latent_format = dataclasses.replace(denoiser.latent_format, together=True)
    torch.testing.assert_close(run(small, denoiser, prompt), apart, rtol=1e-4, atol=1e-4)
    assert set(denoiser.batches) == {FRAMES}


def test_two_videos_of_one_pass_reach_the_network_apart(loop, whole, prompt):
    run(loop, whole, prompt)
    assert whole.batches == [FRAMES] * 4  # two steps of two texts


def test_a_video_that_does_not_fit_is_not_divided(loop, whole, prompt):
    def full(x, inputs):
        raise torch.OutOfMemoryError("full")

    whole.before = full
    with pytest.raises(torch.OutOfMemoryError) as raised:
        run(loop, whole, prompt)
    assert set(whole.batches) == {FRAMES}
    assert any("smaller size" in note for note in raised.value.__notes__)
