"""Sampling nodes join noise, schedule, guidance and network, tell of each step, and can be stopped."""

import pytest
import torch

from limner.graph.errors import InterruptedRun
from limner.nodes.latents import empty_latent_image, set_latent_noise_mask
from limner.nodes.sampling import ksampler, ksampler_advanced
from limner.nodes.sampling_parts import (
    basic_guider,
    basic_scheduler,
    cfg_guider,
    disable_noise,
    ksampler_select,
    random_noise,
    sampler_custom,
    sampler_custom_advanced,
    split_sigmas,
)

SCALE = 0.18215


@pytest.fixture
def sample(model, text, sampling):
    """Runs KSampler with small settings."""

    def run(latent=None, **changes):
        settings = {"seed": 7, "steps": 4, "cfg": 1.0, "sampler_name": "euler", "scheduler": "karras"}
        inputs = {"positive": text(0.5), "negative": text(0.0), "latent_image": latent or empty(), "model": model}
        return ksampler(**{**settings, **inputs, **sampling, **changes})

    return run


def empty(width: int = 64, height: int = 32) -> dict:
    return empty_latent_image(width=width, height=height, batch_size=1)


def test_a_walk_ends_where_the_network_says(sample, progress):
    result = sample()
    assert result["samples"].shape == (1, 4, 4, 8)
    assert torch.allclose(result["samples"], torch.tensor(0.5 / SCALE), atol=1e-3)
    assert [(value, total, preview) for value, total, preview in progress.reports] == [
        (step, 4, None) for step in (1, 2, 3, 4)
    ]


def test_guidance_goes_beyond_the_text(sample, text):
    result = sample(cfg=3.0, negative=text(0.25))
    assert torch.allclose(result["samples"], torch.tensor(1.0 / SCALE), atol=1e-3)


def test_nothing_is_changed_without_noise_to_remove(sample):
    latent = {"samples": torch.rand(1, 4, 4, 8), "batch_index": [2]}
    result = sample(latent, denoise=0.0)
    assert torch.equal(result["samples"], latent["samples"])
    assert result["batch_index"] == [2]


def test_only_the_masked_part_is_painted(sample):
    mask = torch.zeros(1, 32, 64)
    mask[:, :, 32:] = 1.0
    latent = set_latent_noise_mask(samples={"samples": torch.full((1, 4, 4, 8), 9.0)}, mask=mask)
    samples = sample(latent)["samples"]
    assert torch.allclose(samples[..., :3], torch.tensor(9.0), atol=1e-3)
    assert torch.allclose(samples[..., 5:], torch.tensor(0.5 / SCALE), atol=1e-3)


def test_latents_of_other_channels_are_fitted_if_they_are_empty(sample):
    assert sample({"samples": torch.zeros(1, 16, 4, 8)})["samples"].shape == (1, 4, 4, 8)


def test_previews_are_made_if_somebody_wants_them(sample, progress):
    progress.preview_size = 64
    sample()
    previews = [preview for _, _, preview in progress.reports]
    assert all(preview.image.startswith(b"\xff\xd8") for preview in previews)


def test_a_walk_stops_when_asked(sample, progress, monkeypatch):
    def stop(value, total, preview=None):
        raise InterruptedRun("enough")

    monkeypatch.setattr(progress, "report", stop)
    with pytest.raises(InterruptedRun):
        sample(steps=1000)


def test_a_split_walk_ends_like_a_whole_one(model, text, sampling, sample):
    inputs = {"positive": text(0.5), "negative": text(0.0), "model": model, **sampling}
    inputs |= {"noise_seed": 7, "steps": 4, "cfg": 1.0, "sampler_name": "euler", "scheduler": "karras"}
    half = ksampler_advanced(
        **inputs, latent_image=empty(), add_noise="enable", end_at_step=2, return_with_leftover_noise="enable"
    )
    rest = ksampler_advanced(
        **inputs, latent_image=half, add_noise="disable", start_at_step=2, return_with_leftover_noise="disable"
    )
    assert not torch.allclose(half["samples"], rest["samples"])
    assert torch.allclose(rest["samples"], sample()["samples"], atol=1e-3)


def test_sampling_from_parts_equals_the_node_for_all(model, text, sampling, sample):
    registry, walking = sampling["registry"], {key: sampling[key] for key in ("loop", "progress")}
    sampler = ksampler_select(sampler_name="euler", registry=registry)
    sigmas = basic_scheduler(model=model, scheduler="karras", steps=4, denoise=1.0, registry=registry)
    guider = cfg_guider(model=model, positive=text(0.5), negative=text(0.0), cfg=2.0)
    output, denoised = sampler_custom_advanced(
        noise=random_noise(noise_seed=7), guider=guider, sampler=sampler, sigmas=sigmas, latent_image=empty(), **walking
    )
    alone, _ = sampler_custom(
        model=model,
        add_noise=True,
        noise_seed=7,
        cfg=2.0,
        positive=text(0.5),
        negative=text(0.0),
        sampler=sampler,
        sigmas=sigmas,
        latent_image=empty(),
        **walking,
    )
    assert torch.equal(output["samples"], sample(cfg=2.0)["samples"])
    assert torch.equal(output["samples"], alone["samples"])
    assert torch.allclose(denoised["samples"], output["samples"], atol=1e-3)


def test_a_walk_without_noise_under_one_text(model, text, sampling):
    registry = sampling["registry"]
    output, _ = sampler_custom_advanced(
        noise=disable_noise(),
        guider=basic_guider(model=model, conditioning=text(0.5)),
        sampler=ksampler_select(sampler_name="euler", registry=registry),
        sigmas=basic_scheduler(model=model, scheduler="simple", steps=3, registry=registry),
        latent_image=empty(),
        loop=sampling["loop"],
        progress=sampling["progress"],
    )
    assert torch.allclose(output["samples"], torch.tensor(0.5 / SCALE), atol=1e-3)


def test_split_levels_share_one():
    high, low = split_sigmas(sigmas=torch.tensor([4.0, 2.0, 1.0, 0.0]), step=1)
    assert (high.tolist(), low.tolist()) == ([4, 2], [2, 1, 0])
