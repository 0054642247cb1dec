"""Lumina Image 2.0 against diffusers' pipeline."""

from tests.models.families.case import Case, Loading, Trial
from tests.models.families.components import difference, flow_scheduler, kl_autoencoder, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.parts.lumina_keys import LUMINA2 as TABLE

SIDE, PIXELS = 8, 64
TEXT = 40


def network():
    from diffusers import Lumina2Transformer2DModel

    return Lumina2Transformer2DModel(
        hidden_size=96,
        num_layers=2,
        num_refiner_layers=1,
        num_attention_heads=4,
        num_kv_heads=2,
        multiple_of=64,
        axes_dim_rope=(8, 8, 8),
        cap_feat_dim=TEXT,
    )


def oracle(trial: Trial) -> float:
    from diffusers import Lumina2Pipeline

    pipe = Lumina2Pipeline(
        transformer=trial.network,
        scheduler=flow_scheduler(shift=6.0),
        vae=kl_autoencoder(),
        text_encoder=None,
        tokenizer=None,
    )
    (positive, wanted), (negative, unwanted) = trial.positive[0], trial.negative[0]
    theirs = quiet(pipe)(
        prompt_embeds=positive,
        prompt_attention_mask=wanted["attention_mask"].bool(),
        negative_prompt_embeds=negative,
        negative_prompt_attention_mask=unwanted["attention_mask"].bool(),
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=3.0,
        cfg_normalization=False,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    return difference(trial.walk(pipe.scheduler.sigmas, 3.0), theirs)


def file(state):
    return {**original(TABLE, state), "norm_final.weight": state["norm_out.linear_2.bias"]}


CASE = Case(
    name="lumina2",
    family="lumina2",
    network=network,
    layouts={
        "original": lambda state: Loading(file(state)),
        "checkpoint": lambda state: Loading(prefixed(file(state))),
        "diffusers": Loading,
    },
    texts=texts(TEXT, masked=2),
    latent=(16, SIDE, SIDE),
    oracle=oracle,
    autoencoder=kl_autoencoder,
)
