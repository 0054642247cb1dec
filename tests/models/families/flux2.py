"""Flux.2 against diffusers' pipelines: dev, klein, and dev with reference pictures from its own autoencoder."""

from functools import partial

import torch
from PIL import Image
from tests.models.families.case import Case, Loading, Trial, randomised
from tests.models.families.components import difference, flow_scheduler, quiet, texts
from tests.models.families.original import original

from limner.models.autoencoders.flux2 import FLUX2 as KIND
from limner.models.parts.flux2_keys import FLUX2 as TABLE

SCALES = {"query_norm": "scale", "key_norm": "scale"}
SIDE, PIXELS = 4, 64
TEXT = 24
CHANNELS = 128


def network(*, guided: bool):
    from diffusers import Flux2Transformer2DModel

    return Flux2Transformer2DModel(
        in_channels=CHANNELS,
        num_layers=2,
        num_single_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=TEXT,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=guided,
    )


def autoencoder():
    from diffusers import AutoencoderKLFlux2

    return AutoencoderKLFlux2(block_out_channels=(8, 8, 8, 8), layers_per_block=1, norm_num_groups=2)


def oracle(trial: Trial) -> float:
    from diffusers import Flux2Pipeline

    pipe = Flux2Pipeline(
        scheduler=flow_scheduler(use_dynamic_shifting=True),
        vae=randomised(autoencoder()),
        text_encoder=None,
        tokenizer=None,
        transformer=trial.network,
    )
    return compared(pipe, trial)


def compared(pipe, trial: Trial, image: Image.Image | None = None) -> float:
    context, options = trial.positive[0]
    options["guidance"] = 2.0
    theirs = quiet(pipe)(
        image=image,
        prompt_embeds=context,
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=2.0,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    ours = trial.walk(pipe.scheduler.sigmas, 1.0)
    return difference(ours, theirs.unflatten(1, (SIDE, SIDE)).movedim(-1, 1) if theirs.ndim == 3 else theirs)


def references(trial: Trial) -> float:
    from diffusers import Flux2Pipeline

    vae = randomised(autoencoder())
    pipe = Flux2Pipeline(
        scheduler=flow_scheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=None,
        tokenizer=None,
        transformer=trial.network,
    )
    pixels = torch.randint(0, 256, (PIXELS, PIXELS + 32, 3), generator=torch.Generator().manual_seed(9))
    picture = pixels.movedim(-1, 0)[None] / 255 * 2 - 1
    trial.positive[0][1]["reference_latents"] = [KIND.encode(vae, picture)]
    return compared(pipe, trial, Image.fromarray(pixels.byte().numpy()))


def case(name: str, run, *, guided: bool = True) -> Case:
    return Case(
        name=name,
        family="flux2",
        network=partial(network, guided=guided),
        layouts={"original": lambda state: Loading(original(TABLE, state, SCALES)), "diffusers": Loading},
        texts=texts(TEXT),
        latent=(CHANNELS, SIDE, SIDE),
        oracle=run,
        autoencoder=autoencoder,
    )


DEV = case("flux2 dev", oracle)
KLEIN = case("flux2 klein", oracle, guided=False)
REFERENCES = case("flux2 references", references)
