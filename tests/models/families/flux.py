"""Flux.1 against diffusers' pipelines: dev, schnell, Fill, Depth, Kontext."""

from functools import partial

import torch
from tests.models.families.case import Case, Loading, Trial, randomised
from tests.models.families.components import certain, difference, flow_scheduler, kl_autoencoder, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.parts.flux_keys import FLUX
from limner.models.parts.flux_pass import LATENT_FORMAT
from limner.models.parts.patch_tokens import to_picture, to_tokens

SCALES = {"query_norm": "scale", "key_norm": "scale"}
SIDE, PIXELS = 8, 64
TEXT, POOLED = 24, 20


def network(channels: int = 64, guided: bool = True):
    from diffusers import FluxTransformer2DModel

    return FluxTransformer2DModel(
        in_channels=channels,
        out_channels=64,
        num_layers=2,
        num_single_layers=2,
        attention_head_dim=32,
        num_attention_heads=2,
        joint_attention_dim=TEXT,
        pooled_projection_dim=POOLED,
        guidance_embeds=guided,
        axes_dims_rope=(4, 14, 14),
    )


LAYOUTS = {
    "original": lambda state: Loading(original(FLUX, state, SCALES)),
    "checkpoint": lambda state: Loading(prefixed(original(FLUX, state, SCALES))),
    "diffusers": Loading,
}


def compared(name: str, trial: Trial, vae=None, **call) -> float:
    """Our walk and the pipeline's, told a guidance of 2."""
    import diffusers

    pipe = getattr(diffusers, name)(
        scheduler=flow_scheduler(use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15),
        vae=vae or autoencoder(),
        text_encoder=None,
        tokenizer=None,
        text_encoder_2=None,
        tokenizer_2=None,
        transformer=trial.network,
    )
    context, options = trial.positive[0]
    options["guidance"] = 2.0
    theirs = quiet(pipe)(
        prompt_embeds=context,
        pooled_prompt_embeds=options["pooled_output"],
        latents=to_tokens(trial.noise),
        num_inference_steps=3,
        guidance_scale=2.0,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
        **call,
    ).images
    ours = trial.walk(pipe.scheduler.sigmas, 1.0)
    return difference(ours, to_picture(theirs, SIDE, SIDE))


def autoencoder():
    return kl_autoencoder(scaling_factor=LATENT_FORMAT.scale, shift_factor=LATENT_FORMAT.shift)


def plain(trial: Trial) -> float:
    return compared("FluxPipeline", trial)


def kontext(trial: Trial) -> float:
    reference = torch.randn(1, 16, SIDE, SIDE + 2, generator=torch.Generator().manual_seed(9))
    trial.positive[0][1]["reference_latents"] = [LATENT_FORMAT.to_stored(reference)]
    return compared("FluxKontextPipeline", trial, image=reference, max_area=PIXELS**2)


def picture() -> torch.Tensor:
    return torch.rand(1, 3, PIXELS, PIXELS, generator=torch.Generator().manual_seed(9)) * 2 - 1


def depth(trial: Trial) -> float:
    vae = certain(randomised(autoencoder()))
    trial.positive[0][1]["concat_latent_image"] = vae.encode(picture()).latent_dist.mode()
    return compared("FluxControlPipeline", trial, vae, control_image=picture())


def fill(trial: Trial) -> float:
    vae = certain(randomised(autoencoder()))
    mask = (torch.rand(1, 1, PIXELS, PIXELS, generator=torch.Generator().manual_seed(8)) > 0.5).float()
    trial.positive[0][1]["concat_latent_image"] = vae.encode(picture() * (1 - mask)).latent_dist.mode()
    trial.positive[0][1]["concat_mask"] = mask
    return compared("FluxFillPipeline", trial, vae, image=picture() / 2 + 0.5, mask_image=mask)


def case(name: str, channels: int, oracle, *, guided: bool = True) -> Case:
    return Case(
        name=name,
        family="flux",
        network=partial(network, channels, guided=guided),
        layouts=LAYOUTS,
        texts=texts(TEXT, POOLED),
        latent=(16, SIDE, SIDE),
        oracle=oracle,
        autoencoder=autoencoder,
    )


DEV = case("flux dev", 64, plain)
SCHNELL = case("flux schnell", 64, plain, guided=False)
KONTEXT = case("flux kontext", 64, kontext)
DEPTH = case("flux depth", 128, depth)
FILL = case("flux fill", 384, fill)
