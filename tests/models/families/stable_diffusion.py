"""The Stable Diffusion line against diffusers' pipelines: versions 1 and 2, XL, refiner, inpainting, instructions."""

import dataclasses
import gzip
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tests.models.families.case import Case, Loading, State, Trial, randomised
from tests.models.families.components import certain, difference, kl_autoencoder, quiet, texts
from tests.models.families.original import prefixed

from limner.models.load.layout import Layout
from limner.models.parts.unet_keys import unet_keys

SIDE, PIXELS = 8, 64
SD, XL = 0.18215, 0.13025
PREFIX = "model.diffusion_model."
CONTEXT = {"sd15": 40, "sd21": 1024, "sdxl": 2048, "sdxl_refiner": 1280}
NUMBERS = {"sdxl": 6, "sdxl_refiner": 5}
"""Told beside the text, 256 features each."""
POOLED = 1280


def levels(*depths: int, cross: str = "CrossAttn") -> dict[str, Any]:
    """Arguments for levels with transformers of some depths; 0: a level without."""
    return {
        "down_block_types": tuple(f"{cross}DownBlock2D" if depth else "DownBlock2D" for depth in depths),
        "up_block_types": tuple(f"{cross}UpBlock2D" if depth else "UpBlock2D" for depth in reversed(depths)),
    }


SHAPES: dict[str, dict[str, Any]] = {
    "sd15": {**levels(1, 1, 1, 0), "block_out_channels": (32, 32, 64, 64), "attention_head_dim": 8},
    "sd21": {
        **levels(1, 1, 1, 0),
        "block_out_channels": (64, 64, 64, 64),
        "attention_head_dim": 1,
        "use_linear_projection": True,
    },
    "sdxl": {
        **levels(0, 1, 2),
        "block_out_channels": (64, 64, 128),
        "attention_head_dim": (1, 1, 2),
        "transformer_layers_per_block": (1, 1, 2),
        "use_linear_projection": True,
    },
    "sdxl_refiner": {
        **levels(0, 2, 2, 0),
        "block_out_channels": (64, 64, 64, 64),
        "attention_head_dim": 1,
        "transformer_layers_per_block": 2,
        "use_linear_projection": True,
    },
}


DISTILLED: dict[str, Any] = {
    "mid_block_type": "UNetMidBlock2D",
    "reverse_transformer_layers_per_block": ((2, 2, 3), (2, 1, 1), (1,)),
}
"""As SSD-1B was made of SDXL: a middle without attention, other depths on the way up."""


def network(kind: str, channels: int = 4, **further: Any):
    from diffusers import UNet2DConditionModel

    told = {}
    if kind in NUMBERS:
        told = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": POOLED + NUMBERS[kind] * 256,
        }
    return UNet2DConditionModel(
        sample_size=64,
        in_channels=channels,
        cross_attention_dim=CONTEXT[kind],
        **{"layers_per_block": 2, **further},
        norm_num_groups=8 if kind == "sd15" else 16,
        **SHAPES[kind],
        **told,
    )


def original(kind: str, state: State) -> State:
    """In the layout of the real one, whose names it shares."""
    with gzip.open(Path(__file__).parents[1] / "layouts.json.gz") as file:
        names = Layout(dict.fromkeys((name.removeprefix(PREFIX) for name in json.load(file)[kind]), ()))
    keys = unet_keys(names)
    return {keys[target]: tensor for target, tensor in state.items()}


def checkpoint(kind: str, state: State) -> Loading:
    vae = randomised(autoencoder()).state_dict()
    tensors = {**prefixed(original(kind, state)), **prefixed(vae, "first_stage_model.")}
    return Loading(tensors, "checkpoints", "CheckpointLoaderSimple")


def autoencoder():
    return kl_autoencoder(4, quantised=True)


def scheduler(**options):
    """At integer timesteps."""
    from diffusers import EulerDiscreteScheduler

    betas = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    return EulerDiscreteScheduler(**{"timestep_spacing": "leading", "steps_offset": 1, **betas, **options})


def compared(name: str, trial: Trial, *, prediction: str = "epsilon", parts: dict[str, Any], **call) -> float:
    """Our walk and the pipeline's, guided by 3."""
    import diffusers

    pipe = getattr(diffusers, name)(
        unet=trial.network,
        scheduler=scheduler(prediction_type=prediction),
        **{"vae": autoencoder(), "text_encoder": None, "tokenizer": None, **parts},
    )
    theirs = quiet(pipe)(
        prompt_embeds=trial.positive[0][0],
        negative_prompt_embeds=trial.negative[0][0],
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=3.0,
        output_type="latent",
        **call,
    ).images
    ours = trial.walk(pipe.scheduler.sigmas, 3.0, trial.noise * pipe.scheduler.init_noise_sigma)
    return difference(ours, theirs)


PLAIN = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
TWO = {"text_encoder_2": None, "tokenizer_2": None}
SIZE = {"height": PIXELS, "width": PIXELS}


def pooled(trial: Trial) -> dict[str, torch.Tensor]:
    wanted, unwanted = trial.positive[0][1], trial.negative[0][1]
    return {
        "pooled_prompt_embeds": wanted["pooled_output"],
        "negative_pooled_prompt_embeds": unwanted["pooled_output"],
    }


def plain(trial: Trial, prediction: str = "epsilon") -> float:
    return compared("StableDiffusionPipeline", trial, prediction=prediction, parts=PLAIN, **SIZE)


def large(trial: Trial) -> float:
    return compared("StableDiffusionXLPipeline", trial, parts=TWO, **SIZE, **pooled(trial))


def distilled(trial: Trial) -> float:
    """Turbo and Lightning: four steps without guidance, from the noisiest timestep on."""
    import diffusers

    pipe = diffusers.StableDiffusionXLPipeline(
        unet=trial.network,
        scheduler=scheduler(timestep_spacing="trailing"),
        vae=autoencoder(),
        text_encoder=None,
        tokenizer=None,
        **TWO,
    )
    theirs = quiet(pipe)(
        prompt_embeds=trial.positive[0][0],
        pooled_prompt_embeds=trial.positive[0][1]["pooled_output"],
        latents=trial.noise,
        num_inference_steps=4,
        guidance_scale=0.0,
        output_type="latent",
        **SIZE,
    ).images
    ours = trial.walk(pipe.scheduler.sigmas, 1.0, trial.noise * pipe.scheduler.init_noise_sigma)
    return difference(ours, theirs)


def preconditioned(trial: Trial) -> float:
    from diffusers import EDMEulerScheduler, StableDiffusionXLPipeline

    pipe = StableDiffusionXLPipeline(
        unet=trial.network,
        scheduler=EDMEulerScheduler(sigma_min=0.002, sigma_max=80.0, sigma_data=0.5),
        vae=autoencoder(),
        text_encoder=None,
        tokenizer=None,
        **TWO,
    )
    theirs = quiet(pipe)(
        prompt_embeds=trial.positive[0][0],
        negative_prompt_embeds=trial.negative[0][0],
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=3.0,
        output_type="latent",
        **SIZE,
        **pooled(trial),
    ).images
    ours = trial.walk(pipe.scheduler.sigmas, 3.0, trial.noise * pipe.scheduler.init_noise_sigma)
    return difference(ours, theirs)


def measured(state: State) -> Loading:
    loading = checkpoint("sdxl", state)
    measures = {"edm_mean": torch.zeros(1, 4, 1, 1), "edm_std": torch.ones(1, 4, 1, 1)}
    return dataclasses.replace(loading, state={**loading.state, **measures})


def picture() -> torch.Tensor:
    return torch.rand(1, 3, PIXELS, PIXELS, generator=torch.Generator().manual_seed(9)) * 2 - 1


def inpainted(trial: Trial, name: str, scale: float, **further) -> float:
    """A mask that follows the latent's elements, so that every way of making it smaller gives the same."""
    vae = certain(randomised(autoencoder()))
    vae.register_to_config(scaling_factor=scale)
    coarse = (torch.rand(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(8)) > 0.5).float()
    mask = coarse.repeat_interleave(8, dim=-1).repeat_interleave(8, dim=-2)
    shown = vae.encode(picture() * (mask < 0.5)).latent_dist.mode()
    for conditioning in (trial.positive, trial.negative):
        conditioning[0][1].update(concat_latent_image=shown, concat_mask=mask)
    call = {"image": picture(), "mask_image": mask, "strength": 1.0, **SIZE}
    return compared(name, trial, parts={"vae": vae, **further.pop("parts")}, **call, **further)


def inpainted_sd(trial: Trial) -> float:
    return inpainted(trial, "StableDiffusionInpaintPipeline", SD, parts=PLAIN)


def inpainted_xl(trial: Trial) -> float:
    return inpainted(trial, "StableDiffusionXLInpaintPipeline", XL, parts=TWO, **pooled(trial))


def instructed(trial: Trial) -> float:
    """One call: the pipeline guides in two directions, which is another guider's work."""
    shown = torch.randn(1, 4, SIDE, SIDE, generator=torch.Generator().manual_seed(9))
    context, options = trial.positive[0]
    options["concat_latent_image"] = shown
    pipe_scheduler = scheduler()
    pipe_scheduler.set_timesteps(3)
    sigma = pipe_scheduler.sigmas[1]
    x = trial.noise * sigma
    inputs = torch.cat([x / (sigma**2 + 1) ** 0.5, shown], dim=1)
    output = trial.network(inputs, pipe_scheduler.timesteps[1], context, return_dict=False)[0]
    following = float(sigma) / 2
    return difference(trial.walk([sigma, following], 1.0, x), x + output * (following - sigma))


def refined(trial: Trial) -> float:
    """One call, told the sizes and the score that the pipeline tells where nothing is asked."""
    context, options = trial.positive[0]
    pipe_scheduler = scheduler()
    pipe_scheduler.set_timesteps(3)
    sigma = pipe_scheduler.sigmas[1]
    x = trial.noise * sigma
    told = {"text_embeds": options["pooled_output"], "time_ids": torch.tensor([[PIXELS, PIXELS, 0, 0, 6.0]])}
    shown = x / (sigma**2 + 1) ** 0.5
    output = trial.network(shown, pipe_scheduler.timesteps[1], context, added_cond_kwargs=told, return_dict=False)[0]
    following = float(sigma) / 2
    return difference(trial.walk([sigma, following], 1.0, x), x + output * (following - sigma))


def case(name: str, family: str, kind: str, oracle: Callable[[Trial], float], channels: int = 4, **further) -> Case:
    return Case(
        name=name,
        family=family,
        network=partial(network, kind, channels, **further),
        layouts={
            "checkpoint": partial(checkpoint, kind),
            "original": lambda state: Loading(original(kind, state)),
            "diffusers": Loading,
        },
        texts=texts(CONTEXT[kind], POOLED if kind in NUMBERS else 0),
        latent=(4, SIDE, SIDE),
        oracle=oracle,
        autoencoder=autoencoder,
    )


SD1 = case("sd1", "sd1", "sd15", plain)
SD1_INPAINT = case("sd1 inpaint", "sd1", "sd15", inpainted_sd, channels=9)
SD1_INSTRUCT = case("sd1 instruct", "sd1", "sd15", instructed, channels=8)
SD2 = case("sd2", "sd2", "sd21", partial(plain, prediction="v_prediction"))
SD2_INPAINT = case("sd2 inpaint", "sd2", "sd21", inpainted_sd, channels=9)
SDXL = case("sdxl", "sdxl", "sdxl", large)
SDXL_INPAINT = case("sdxl inpaint", "sdxl", "sdxl", inpainted_xl, channels=9)
SDXL_REFINER = case("sdxl refiner", "sdxl_refiner", "sdxl_refiner", refined)
SSD = case("sdxl ssd-1b", "sdxl", "sdxl", large, **DISTILLED)
KOALA = dataclasses.replace(
    case("sdxl koala", "sdxl", "sdxl", large, mid_block_type=None, layers_per_block=1), layouts={"diffusers": Loading}
)
PLAYGROUND = dataclasses.replace(
    case("playground 2.5", "playground", "sdxl", preconditioned), layouts={"checkpoint": measured}
)
TURBO = case("sdxl turbo", "sdxl", "sdxl", distilled)
