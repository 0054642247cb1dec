"""HunyuanVideo against diffusers' pipelines: text to video; pictures by replaced tokens, by further channels."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import torch
from PIL import Image
from tests.models.families.case import Case, Loading, Trial, randomised
from tests.models.families.components import certain, difference, flow_scheduler, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.families.hunyuan_video import HUNYUAN_VIDEO, SCALE, SHIFT
from limner.models.parts.hunyuan_keys import LIKE_FLUX, PUBLISHED
from limner.nodes.videos_hunyuan import hunyuan_image_to_video
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider

SCALES = {"query_norm": "scale", "key_norm": "scale"}
FRAMES, LENGTH, SIDE, PIXELS = 9, 3, 4, 32
TEXT, POOLED = 24, 20
GUIDED = 1.0
NOISE = 0.999
"""Share of noise that pictures by further channels begin from, in diffusers' pipeline."""


def network(channels: int = 16, *, guided: bool = True, kind: str | None = None):
    from diffusers import HunyuanVideoTransformer3DModel

    return HunyuanVideoTransformer3DModel(
        in_channels=channels,
        num_attention_heads=2,
        attention_head_dim=32,
        num_layers=2,
        num_single_layers=2,
        num_refiner_layers=1,
        mlp_ratio=2.0,
        guidance_embeds=guided,
        text_embed_dim=TEXT,
        pooled_projection_dim=POOLED,
        rope_axes_dim=(4, 14, 14),
        image_condition_type=kind,
    )


def autoencoder():
    from diffusers import AutoencoderKLHunyuanVideo

    return AutoencoderKLHunyuanVideo(
        block_out_channels=(8, 16, 16, 24), layers_per_block=1, norm_num_groups=2, scaling_factor=SCALE
    )


def compared(name: str, trial: Trial, vae, **call) -> tuple[torch.Tensor, torch.Tensor]:
    """The levels of a pipeline, and what it makes of the noise."""
    import diffusers

    further = {"image_processor": None} if name == "HunyuanVideoImageToVideoPipeline" else {}
    pipe = getattr(diffusers, name)(
        text_encoder=None,
        tokenizer=None,
        text_encoder_2=None,
        tokenizer_2=None,
        vae=vae,
        scheduler=flow_scheduler(shift=SHIFT),
        transformer=trial.network,
        **further,
    )
    told = {
        f"{side}{theirs}": value
        for side, (context, options) in (("", trial.positive[0]), ("negative_", trial.negative[0]))
        for theirs, value in (
            ("prompt_embeds", context),
            ("pooled_prompt_embeds", options["pooled_output"]),
            ("prompt_attention_mask", options["attention_mask"]),
        )
    }
    theirs = quiet(pipe)(
        **told,
        latents=trial.noise,
        num_inference_steps=3,
        true_cfg_scale=2.0,
        guidance_scale=GUIDED,
        num_frames=FRAMES,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
        **call,
    ).frames
    return pipe.scheduler.sigmas, theirs


def guided(trial: Trial, **options) -> Trial:
    """Both conditionings, told the guidance and more."""
    told = {"guidance": GUIDED, **options}
    positive, negative = ([[entry[0][0], {**entry[0][1], **told}]] for entry in (trial.positive, trial.negative))
    return replace(trial, positive=positive, negative=negative)


def plain(trial: Trial) -> float:
    sigmas, theirs = compared("HunyuanVideoPipeline", trial, autoencoder())
    return difference(guided(trial).walk(sigmas, 2.0), theirs)


def picture() -> Image.Image:
    pixels = torch.rand(PIXELS, PIXELS, 3, generator=torch.Generator().manual_seed(9))
    return Image.fromarray((pixels * 255).round().to(torch.uint8).numpy())


def encoding(network) -> SimpleNamespace:
    """An autoencoder as nodes are given it."""

    def encode(pixels: torch.Tensor) -> torch.Tensor:
        return network.encode(pixels.movedim(-1, 0)[None] * 2 - 1).latent_dist.mode()

    return SimpleNamespace(encode=encode)


def begun(trial: Trial, guidance_type: str) -> tuple[Trial, Mapping[str, torch.Tensor], torch.nn.Module]:
    """Both conditionings and the latent of a node, and the autoencoder that it was given."""
    vae = certain(randomised(autoencoder()))
    pixels = torch.tensor(list(picture().tobytes())).reshape(1, PIXELS, PIXELS, 3) / 255
    given = {"width": PIXELS, "height": PIXELS, "length": FRAMES, "start_image": pixels}
    told = [
        hunyuan_image_to_video(positive=texts, vae=encoding(vae), guidance_type=guidance_type, **given)
        for texts in (trial.positive, trial.negative)
    ]
    return guided(replace(trial, positive=told[0][0], negative=told[1][0])), told[0][1], vae


def concatenated(trial: Trial, name: str) -> float:
    ours, _, vae = begun(trial, "v1 (concat)")
    sigmas, theirs = compared(name, trial, vae, image=picture())
    if name == "HunyuanSkyreelsImageToVideoPipeline":
        return difference(ours.walk(sigmas, 2.0), theirs)
    known = ours.positive[0][1]["concat_latent_image"] * SCALE
    walked = ours.walk(sigmas, 2.0, trial.noise * NOISE + known * (1 - NOISE))
    return difference(walked[:, :, 1:], theirs)


def replaced(trial: Trial) -> float:
    ours, latent, vae = begun(trial, "v2 (replace)")
    sigmas, theirs = compared("HunyuanVideoImageToVideoPipeline", trial, vae, image=picture())
    clean, free = HUNYUAN_VIDEO.latent_format.to_model(latent["samples"]), latent["noise_mask"]
    guidance = Guidance(ours.model, CfgGuider(ours.positive, ours.negative, 2.0), clean, free)
    x = trial.noise * NOISE + clean[:, :, :1] * (1 - NOISE)
    for sigma, following in pairwise(float(sigma) for sigma in sigmas):
        x = x + (x - ours.predicted(guidance, x, sigma)) / sigma * (following - sigma)
    return difference(x * free + clean * (1 - free), theirs)


def case(name: str, build, run) -> Case:
    return Case(
        name=name,
        family="hunyuan_video",
        network=build,
        layouts={
            "published": lambda state: Loading(original(PUBLISHED, state)),
            "like flux": lambda state: Loading(original(LIKE_FLUX, state, SCALES)),
            "checkpoint": lambda state: Loading(prefixed(original(LIKE_FLUX, state, SCALES))),
            "model.model": lambda state: Loading(prefixed(original(LIKE_FLUX, state, SCALES), "model.model.")),
            "diffusers": Loading,
        },
        texts=texts(TEXT, POOLED, masked=2),
        latent=(16, LENGTH, SIDE, SIDE),
        oracle=run,
        autoencoder=autoencoder,
    )


TEXT_TO_VIDEO = case("hunyuan video", network, plain)
UNGUIDED = case("hunyuan video, no guidance", partial(network, guided=False), plain)
REPLACED = case("hunyuan video i2v, replaced", partial(network, kind="token_replace"), replaced)
CONCATENATED = case(
    "hunyuan video i2v, channels",
    partial(network, 33, guided=False, kind="latent_concat"),
    partial(concatenated, name="HunyuanVideoImageToVideoPipeline"),
)
SKYREELS = case(
    "hunyuan video, skyreels i2v",
    partial(network, 32),
    partial(concatenated, name="HunyuanSkyreelsImageToVideoPipeline"),
)
