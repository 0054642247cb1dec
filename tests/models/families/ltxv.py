"""LTX-Video against diffusers' pipelines: text to video, a first picture in the latent, guides for later frames."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import torch
from tests.models.families.case import SEED, Case, Loading, Trial, randomised
from tests.models.families.components import TOKENS, certain, difference, flow_scheduler, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.parts.ltx_keys import LTX
from limner.nodes.videos_ltx import ltxv_add_guide, ltxv_crop_guides
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider

TEXT, RATE = 24, 30
LATENT = (128, 3, 4, 2)
FRAMES = 33
"""Of videos with guides."""
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


def late_autoencoder():
    from diffusers import AutoencoderKLLTXVideo

    return AutoencoderKLLTXVideo(
        block_out_channels=(8,) * 5,
        down_block_types=("LTXVideo095DownBlock3D",) * 4,
        layers_per_block=(1,) * 5,
        spatio_temporal_scaling=(True,) * 4,
        downsample_type=("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        decoder_block_out_channels=(8, 16, 32),
        decoder_layers_per_block=(1,) * 4,
        decoder_spatio_temporal_scaling=(True,) * 3,
        decoder_inject_noise=(False,) * 4,
        upsample_residual=(True,) * 3,
        upsample_factor=(2,) * 3,
        timestep_conditioning=True,
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )


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


BEGINNING, VIDEO = (0, 9), (16, 17)
"""Frames at which guides begin, and how many they have. The first lies in the latent, and the end of the second too."""


def guided(trial: Trial, *guides: tuple[int, int]) -> float:
    """Guides as the node adds them, of which nothing changes, against the pipeline for conditions."""
    from diffusers import LTXConditionPipeline
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    vae = certain(randomised(late_autoencoder()))
    draw = torch.Generator().manual_seed(7)
    shown = [(start, torch.rand(count, 128, 64, 3, generator=draw)) for start, count in guides]
    pipe = LTXConditionPipeline(
        scheduler=flow_scheduler(), vae=vae, text_encoder=None, tokenizer=None, transformer=trial.network
    )
    theirs = quiet(pipe)(
        conditions=[
            LTXVideoCondition(
                **{"image": frames.movedim(-1, 1)} if len(frames) == 1 else {"video": frames.movedim(-1, 1)[None]},
                frame_index=start,
            )
            for start, frames in shown
        ],
        prompt_embeds=trial.positive[0][0],
        prompt_attention_mask=trial.positive[0][1]["attention_mask"],
        negative_prompt_embeds=trial.negative[0][0],
        negative_prompt_attention_mask=trial.negative[0][1]["attention_mask"],
        generator=torch.Generator().manual_seed(SEED),
        image_cond_noise_scale=0.0,
        num_inference_steps=3,
        guidance_scale=2.0,
        frame_rate=RATE,
        num_frames=FRAMES,
        height=128,
        width=64,
        output_type="latent",
    ).frames
    positive, negative = told(trial)
    latent = {"samples": torch.zeros(1, LATENT[0], FRAMES // 8 + 1, *LATENT[2:])}
    noise = torch.randn(latent["samples"].shape, generator=torch.Generator().manual_seed(SEED))
    for start, frames in shown:
        positive, negative, latent = ltxv_add_guide(
            positive=positive, negative=negative, vae=encoding(vae), latent=latent, image=frames, frame_idx=start
        )
    clean, free = latent["samples"], latent["noise_mask"].expand_as(latent["samples"])
    further = clean.shape[2] - noise.shape[2]
    x = torch.cat([noise, noise[:, :, :further]], dim=2)
    x = walked(replace(trial, positive=positive, negative=negative, noise=x), pipe.scheduler.sigmas, clean, free)
    ours = ltxv_crop_guides(
        positive=positive,
        negative=negative,
        latent={"samples": x * free + clean * (1 - free), "noise_mask": latent["noise_mask"]},
    )[2]
    return difference(ours["samples"], theirs)


def encoding(network) -> SimpleNamespace:
    """An autoencoder as nodes are given it."""
    mean, deviation = (value.reshape(1, -1, 1, 1, 1) for value in (network.latents_mean, network.latents_std))

    def encode(pixels: torch.Tensor) -> torch.Tensor:
        found = network.encode(pixels.movedim(-1, 0)[None] * 2 - 1).latent_dist.mode()
        return (found - mean) / deviation

    return SimpleNamespace(encode=encode)


def case(name: str, run, vae=autoencoder) -> Case:
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
        autoencoder=vae,
    )


TEXT_TO_VIDEO = case("ltx-video", oracle)
IMAGE_TO_VIDEO = case("ltx-video i2v", kept)
GUIDED = case("ltx-video 0.9.7 guide", lambda trial: guided(trial, (11, 1)), late_autoencoder)
TWICE_GUIDED = case("ltx-video 0.9.7 guides", lambda trial: guided(trial, BEGINNING, VIDEO), late_autoencoder)
