"""What our own nodes set on a model acts alike where a pack samples with it, beside what the pack sets."""

import comfy.sample
import pytest
import torch

from limner.nodes.network_guidance import (
    normalized_attention_guidance,
    perturbed_attention_guidance,
    self_attention_guidance,
)
from limner.nodes.network_patches import freeu_v2, patch_model_add_downscale
from limner.nodes.sampling import ksampler

STEPS, SEED = 2, 3

PATCHED = {
    "freeu": lambda model, studio: freeu_v2(model=model, b2=1.8),
    "perturbed": lambda model, studio: perturbed_attention_guidance(model=model, scale=4.0),
    "watched": lambda model, studio: self_attention_guidance(model=model, scale=1.5),
    "guided": lambda model, studio: normalized_attention_guidance(model=model, negative=studio.negative, scale=6.0),
    "shrunk": lambda model, studio: patch_model_add_downscale(
        model=model, block_number=1, downscale_method="bicubic", upscale_method="bicubic"
    ),
}


def by_us(studio, model, cfg):
    return ksampler(
        model=model,
        seed=SEED,
        steps=STEPS,
        cfg=cfg,
        sampler_name="euler",
        scheduler="normal",
        positive=studio.positive,
        negative=studio.negative,
        latent_image=studio.empty(),
        **studio.services,
    )["samples"]


def by_a_pack(studio, patcher, cfg):
    latent = studio.empty()["samples"]
    noise = comfy.sample.prepare_noise(latent, SEED)
    return comfy.sample.sample(
        patcher, noise, STEPS, cfg, "euler", "normal", studio.positive, studio.negative, latent, seed=SEED
    )


@pytest.mark.parametrize("name", PATCHED)
@pytest.mark.parametrize("cfg", [1.0, 4.0])
def test_a_pack_samples_with_our_patches(name, cfg, studio):
    plain = studio.checkpoint.model
    model = PATCHED[name](plain, studio)
    ours = by_us(studio, model, cfg)
    assert not torch.allclose(ours, by_us(studio, plain, cfg), atol=1e-3)
    torch.testing.assert_close(by_a_pack(studio, studio.bridge.to_host(model), cfg), ours, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", PATCHED)
def test_our_patches_act_beside_those_of_a_pack(name, studio):
    model = PATCHED[name](studio.checkpoint.model, studio)
    patcher = studio.bridge.to_host(model)
    seen = []

    def watching(hidden, told):
        seen.append(told["block"])
        return hidden

    patcher.set_model_input_block_patch(watching)
    made = by_a_pack(studio, patcher, 4.0)
    assert seen
    torch.testing.assert_close(made, by_us(studio, model, 4.0), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(by_us(studio, patcher.to_native(), 4.0), made, rtol=1e-4, atol=1e-4)
