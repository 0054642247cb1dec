"""Chroma against diffusers' pipeline, with true guidance and with padding that is masked."""

from tests.models.families.case import Case, Loading, Trial
from tests.models.families.components import difference, flow_scheduler, kl_autoencoder, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.parts.flux_keys import CHROMA as TABLE
from limner.models.parts.patch_tokens import to_picture, to_tokens

SCALES = {"query_norm": "scale", "key_norm": "scale", "norms.0": "scale", "norms.1": "scale"}
SIDE, PIXELS = 8, 64
TEXT = 24


def network():
    from diffusers import ChromaTransformer2DModel

    return ChromaTransformer2DModel(
        num_layers=2,
        num_single_layers=2,
        attention_head_dim=32,
        num_attention_heads=2,
        joint_attention_dim=TEXT,
        axes_dims_rope=(4, 14, 14),
        approximator_num_channels=16,
        approximator_hidden_dim=32,
        approximator_layers=2,
    )


def oracle(trial: Trial) -> float:
    from diffusers import ChromaPipeline

    pipe = ChromaPipeline(
        scheduler=flow_scheduler(shift=3.0),
        vae=kl_autoencoder(),
        text_encoder=None,
        tokenizer=None,
        transformer=trial.network,
    )
    (positive, _), (negative, _) = trial.positive[0], trial.negative[0]
    theirs = quiet(pipe)(
        prompt_embeds=positive,
        prompt_attention_mask=positive.new_ones(positive.shape[:2]),
        negative_prompt_embeds=negative,
        negative_prompt_attention_mask=negative.new_ones(negative.shape[:2]),
        latents=to_tokens(trial.noise),
        num_inference_steps=3,
        guidance_scale=2.0,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    return difference(trial.walk(pipe.scheduler.sigmas, 2.0), to_picture(theirs, SIDE, SIDE))


CASE = Case(
    name="chroma",
    family="chroma",
    network=network,
    layouts={
        "original": lambda state: Loading(original(TABLE, state, SCALES)),
        "checkpoint": lambda state: Loading(prefixed(original(TABLE, state, SCALES))),
        "diffusers": Loading,
    },
    texts=texts(TEXT),
    latent=(16, SIDE, SIDE),
    oracle=oracle,
    autoencoder=kl_autoencoder,
)
