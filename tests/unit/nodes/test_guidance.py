"""Changes of guidance: neutral settings change nothing, each sample stands alone, and walks go through."""

import pytest
import torch

from limner.nodes.guidance import (
    apg,
    cfg_norm,
    cfg_zero_star,
    epsilon_scaling,
    fresca,
    mahiro,
    renorm_cfg,
    rescale_cfg,
    tcfg,
    video_linear_cfg_guidance,
    video_triangle_cfg_guidance,
)
from limner.nodes.latents import empty_latent_image
from limner.nodes.latents_math import latent_apply_operation_cfg
from limner.nodes.sampling import ksampler
from limner.sampling.guiders.cfg import CfgGuider

DRAW = torch.Generator().manual_seed(3)
X, POSITIVE, NEGATIVE = torch.randn(3, 2, 4, 6, 8, generator=DRAW)
SCALE, SIGMA = 5.0, 2.0
PLAIN = NEGATIVE + (POSITIVE - NEGATIVE) * SCALE


def guided(model, x=X, positive=POSITIVE, negative=NEGATIVE, scale=SCALE):
    return CfgGuider([], [], scale).combine(x, SIGMA, [positive, negative], model)


NEUTRAL = {
    "RescaleCFG": lambda model: rescale_cfg(model=model, multiplier=0.0),
    "RenormCFG": lambda model: renorm_cfg(model=model, renorm_cfg=0.0),
    "APG": lambda model: apg(model=model, norm_threshold=0.0),
    "Epsilon Scaling": lambda model: epsilon_scaling(model=model, scaling_factor=1.0),
    "FreSca": lambda model: fresca(model=model, scale_high=1.0),
    "LatentApplyOperationCFG": lambda model: latent_apply_operation_cfg(model=model, operation=lambda latent: latent),
}

EVERY = {
    **NEUTRAL,
    "RescaleCFG 0.7": lambda model: rescale_cfg(model=model),
    "RenormCFG 1": lambda model: renorm_cfg(model=model),
    "APG 0.5": lambda model: apg(model=model, eta=0.5, momentum=-0.5),
    "CFGZeroStar": lambda model: cfg_zero_star(model=model),
    "CFGNorm": lambda model: cfg_norm(model=model),
    "Mahiro": lambda model: mahiro(model=model),
    "TCFG": lambda model: tcfg(model=model),
    "FreSca 2": lambda model: fresca(model=model, scale_low=2.0, freq_cutoff=1),
}


@pytest.mark.parametrize("name", NEUTRAL)
def test_neutral_settings_are_plain_guidance(name, model):
    torch.testing.assert_close(guided(NEUTRAL[name](model)), PLAIN, rtol=1e-4, atol=1e-4)
    assert not model.options


@pytest.mark.parametrize("name", EVERY)
def test_a_batch_gives_what_its_samples_give_alone(name, model):
    whole = guided(EVERY[name](model))
    for row in range(2):
        part = slice(row, row + 1)
        alone = guided(EVERY[name](model), X[part], POSITIVE[part], NEGATIVE[part])
        torch.testing.assert_close(whole[part], alone, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("cfg", [1.0, 4.0])
def test_a_walk_goes_through(name, cfg, model, text, sampling):
    result = ksampler(
        model=EVERY[name](model),
        seed=1,
        steps=3,
        cfg=cfg,
        sampler_name="euler",
        scheduler="karras",
        positive=text(0.5),
        negative=text(0.1),
        latent_image=empty_latent_image(width=64, height=64),
        **sampling,
    )
    assert bool(torch.isfinite(result["samples"]).all())


def test_rescaled_velocity_has_the_contrast_of_the_unguided_one(model):
    def velocity(x0):
        total = SIGMA**2 + 1
        return (X / total - x0) * total**0.5 / SIGMA

    rescaled = velocity(guided(rescale_cfg(model=model, multiplier=1.0)))
    expected = velocity(POSITIVE).std((1, 2, 3))
    torch.testing.assert_close(rescaled.std((1, 2, 3)), expected, rtol=1e-3, atol=1e-3)


def test_projected_guidance_has_no_part_along_the_prediction(model):
    change = guided(apg(model=model, eta=0.0, norm_threshold=0.0)) - POSITIVE
    assert torch.allclose((change * POSITIVE).sum((1, 2, 3)), torch.zeros(2), atol=1e-2)


def test_momentum_belongs_to_one_walk(model):
    patched = apg(model=model, norm_threshold=0.0, momentum=-0.5)
    guider = CfgGuider([], [], SCALE)
    first = guider.combine(X, 2.0, [POSITIVE, NEGATIVE], patched)
    second = guider.combine(X, 1.0, [POSITIVE, NEGATIVE], patched)
    other = CfgGuider([], [], SCALE).combine(X, 1.0, [POSITIVE, NEGATIVE], patched)
    assert not torch.allclose(first, second)
    torch.testing.assert_close(first, other)
    torch.testing.assert_close(guider.combine(X, 2.0, [POSITIVE, NEGATIVE], patched), first)


def test_norms_are_limited(model):
    limited = guided(renorm_cfg(model=model, renorm_cfg=1.0)).flatten(1).norm(dim=1)
    assert bool((limited <= POSITIVE.flatten(1).norm(dim=1) * 1.001).all())
    lengths = guided(cfg_norm(model=model)).norm(dim=1)
    assert bool((lengths <= POSITIVE.norm(dim=1) * 1.001).all())
    torch.testing.assert_close(guided(renorm_cfg(model=model, cfg_trunc=1.0)), POSITIVE)


def test_frames_get_guidance_of_their_own(model):
    linear = guided(video_linear_cfg_guidance(model=model))
    torch.testing.assert_close(linear[0], POSITIVE[0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(linear[1], PLAIN[1], rtol=1e-4, atol=1e-4)
    triangle = guided(video_triangle_cfg_guidance(model=model))
    torch.testing.assert_close(triangle, POSITIVE, rtol=1e-4, atol=1e-4)
