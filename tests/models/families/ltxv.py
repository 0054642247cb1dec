"""LTX-Video against diffusers' pipelines: text to video, and a first picture in the latent."""

from itertools import pairwise

import torch
from tests.models.families.case import Case, Loading, Trial
from tests.models.families.components import TOKENS, difference, flow_scheduler, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.parts.ltx_keys import LTX
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider

TEXT, RATE = 24, 30
LATENT = (128, 3, 4, 2)
WANTED = TOKENS - 2
"""Tokens of the text that are not masked."""


def network():
    from diffusers import LTXVideoTransformer3DModel

    return LTXVideoTransformer3DModel(
        num_attention_heads=32, attention_head_dim=2, cross_attention_dim=64, num_layers=2, caption_channels=TEXT
    )


def autoencoder():
    from diffusers import AutoencoderKLLTXVideo

    small = {"block_out_channels": (8,) * 4, "layers_per_block": (1,) * 5}
    return AutoencoderKLLTXVideo(**small, **{f"decoder_{name}": value for name, value in small.items()})


def packed(latent: torch.Tensor) -> torch.Tensor:
    return latent.flatten(2).transpose(1, 2)


def told(trial: Trial) -> list:
    """Both conditionings, told the frame rate."""
    return [[[entry[0][0], {**entry[0][1], "frame_rate": RATE}]] for entry in (trial.positive, trial.negative)]


def oracle(trial: Trial) -> float:
    from diffusers import LTXPipeline

    pipe = LTXPipeline(
        scheduler=flow_scheduler(use_dynamic_shifting=True, base_shift=0.95, max_shift=2.05),
        vae=autoencoder(),
        text_encoder=None,
        tokenizer=None,
        transformer=trial.network,
    )
    positive, negative = told(trial)
    theirs = quiet(pipe)(
        prompt_embeds=positive[0][0],
        prompt_attention_mask=positive[0][1]["attention_mask"],
        negative_prompt_embeds=negative[0][0],
        negative_prompt_attention_mask=negative[0][1]["attention_mask"],
        latents=packed(trial.noise),
        num_inference_steps=3,
        guidance_scale=2.0,
        frame_rate=RATE,
        num_frames=17,
        height=128,
        width=64,
        output_type="latent",
    ).frames
    ours = walked(trial, pipe.scheduler.sigmas)
    return difference(packed(ours), theirs)


def walked(trial: Trial, sigmas, clean: torch.Tensor | None = None, free: torch.Tensor | None = None) -> torch.Tensor:
    """Euler's walk, told the frame rate and what stays."""
    x = trial.noise
    guidance = Guidance(trial.model, CfgGuider(*told(trial), 2.0), x if clean is None else clean, free)
    for sigma, following in pairwise(float(sigma) for sigma in sigmas):
        x = x + (x - trial.predicted(guidance, x, sigma)) / sigma * (following - sigma)
    return x


def kept(trial: Trial) -> float:
    """One step as the pipeline for pictures calls the network."""
    clean, free = torch.zeros_like(trial.noise), torch.ones_like(trial.noise)
    clean[:, :, 0] = torch.randn(LATENT[0], *LATENT[2:], generator=torch.Generator().manual_seed(6))
    free[:, :, 0] = 0
    sigma = 0.7
    shown = clean * (1 - free) + trial.noise * free
    outputs = [
        trial.network(
            hidden_states=packed(shown),
            encoder_hidden_states=entry[0][0][:, :WANTED],
            timestep=1000 * sigma * packed(free)[..., 0],
            encoder_attention_mask=torch.ones(1, WANTED),
            num_frames=LATENT[1],
            height=LATENT[2],
            width=LATENT[3],
            rope_interpolation_scale=(8 / RATE, 32, 32),
            return_dict=False,
        )[0]
        for entry in (trial.positive, trial.negative)
    ]
    guided = outputs[1] + 2.0 * (outputs[0] - outputs[1])
    expected = packed(trial.noise) + guided * (0.2 - sigma)
    return difference(packed(walked(trial, [sigma, 0.2], clean, free)), expected)


def case(name: str, run) -> Case:
    return Case(
        name=name,
        family="ltxv",
        network=network,
        layouts={
            "original": lambda state: Loading(original(LTX, state)),
            "checkpoint": lambda state: Loading(prefixed(original(LTX, state))),
            "diffusers": Loading,
        },
        texts=texts(TEXT, masked=2),
        latent=LATENT,
        oracle=run,
    )


TEXT_TO_VIDEO = case("ltx-video", oracle)
IMAGE_TO_VIDEO = case("ltx-video i2v", kept)
