"""PixArt alpha and sigma against diffusers' pipelines."""

from functools import partial

import torch
from tests.models.families.case import Case, Loading, State, Trial
from tests.models.families.components import difference, kl_autoencoder, quiet, texts
from tests.models.families.original import original

from limner.models.parts.pixart_keys import PIXART as TABLE

SIDE, PIXELS = 8, 64
TEXT = 24
BETAS = {"beta_start": 1e-4, "beta_end": 0.02, "beta_schedule": "linear"}


def network(*, sizes: bool):
    from diffusers import PixArtTransformer2DModel

    return PixArtTransformer2DModel(
        num_attention_heads=2,
        attention_head_dim=72,
        num_layers=2,
        cross_attention_dim=144,
        caption_channels=TEXT,
        interpolation_scale=2,
        use_additional_conditions=sizes,
    )


def oracle(trial: Trial) -> float:
    """Both walk at the integer timesteps that the scheduler leads with."""
    import diffusers

    told = trial.network.config.use_additional_conditions
    pipe = getattr(diffusers, "PixArtAlphaPipeline" if told else "PixArtSigmaPipeline")(
        tokenizer=None,
        text_encoder=None,
        vae=kl_autoencoder(4, quantised=True),
        transformer=trial.network,
        scheduler=diffusers.EulerDiscreteScheduler(timestep_spacing="leading", steps_offset=1, **BETAS),
    )
    (positive, wanted), (negative, unwanted) = trial.positive[0], trial.negative[0]
    theirs = quiet(pipe)(
        prompt_embeds=positive,
        prompt_attention_mask=wanted["attention_mask"],
        negative_prompt_embeds=negative,
        negative_prompt_attention_mask=unwanted["attention_mask"],
        negative_prompt=None,
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=3.0,
        height=PIXELS,
        width=PIXELS,
        use_resolution_binning=False,
        output_type="latent",
    ).images
    ours = trial.walk(pipe.scheduler.sigmas, 3.0, trial.noise * pipe.scheduler.init_noise_sigma)
    return difference(ours, theirs)


def file(state: State) -> State:
    """In the original layout, with what only training needs."""
    extra = {"pos_embed": torch.zeros(1, 16, 144), "y_embedder.y_embedding": torch.zeros(30, TEXT)}
    return {**original(TABLE, state), **extra}


def case(name: str, family: str, *, sizes: bool) -> Case:
    return Case(
        name=name,
        family=family,
        network=partial(network, sizes=sizes),
        layouts={"original": lambda state: Loading(file(state)), "diffusers": Loading},
        texts=texts(TEXT, masked=2),
        latent=(4, SIDE, SIDE),
        oracle=oracle,
        autoencoder=lambda: kl_autoencoder(4, quantised=True),
    )


ALPHA = case("pixart alpha", "pixart_alpha", sizes=True)
SIGMA = case("pixart sigma", "pixart_sigma", sizes=False)
