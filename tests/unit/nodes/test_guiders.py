"""The older node for perpendicular negatives does what its guider does."""

import torch

from limner.nodes.guiders import perp_neg, perp_neg_guider
from limner.nodes.latents import empty_latent_image
from limner.nodes.sampling import ksampler
from limner.nodes.sampling_parts import (
    basic_guider,
    basic_scheduler,
    ksampler_select,
    random_noise,
    sampler_custom_advanced,
)


def test_a_sampler_with_a_cfg_of_its_own_uses_the_guider(model, text, sampling):
    latent, registry = empty_latent_image(width=64, height=64, batch_size=1), sampling["registry"]
    changed = perp_neg(model=model, empty_conditioning=text(0.1), neg_scale=0.5)
    common = {"positive": text(0.5), "negative": text(-0.3)}
    old = ksampler(
        model=changed,
        seed=1,
        steps=4,
        cfg=3.0,
        sampler_name="euler",
        scheduler="normal",
        latent_image=latent,
        denoise=1.0,
        **common,
        **sampling,
    )
    guider = perp_neg_guider(model=model, empty_conditioning=text(0.1), cfg=3.0, neg_scale=0.5, **common)
    parts = {
        "noise": random_noise(noise_seed=1),
        "sampler": ksampler_select(sampler_name="euler", registry=registry),
        "sigmas": basic_scheduler(model=model, scheduler="normal", steps=4, registry=registry),
        "latent_image": latent,
        "loop": sampling["loop"],
        "progress": sampling["progress"],
    }
    new, _ = sampler_custom_advanced(guider=guider, **parts)
    assert torch.equal(old["samples"], new["samples"])
    plain, _ = sampler_custom_advanced(guider=basic_guider(model=model, conditioning=text(0.5)), **parts)
    other, _ = sampler_custom_advanced(guider=basic_guider(model=changed, conditioning=text(0.5)), **parts)
    assert torch.equal(plain["samples"], other["samples"])
