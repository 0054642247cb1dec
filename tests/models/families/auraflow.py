"""AuraFlow against diffusers' pipeline."""

from tests.models.families.case import Case, Loading, Trial
from tests.models.families.components import difference, flow_scheduler, kl_autoencoder, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.parts.auraflow_keys import AURAFLOW as TABLE

SIDE, PIXELS = 8, 64
TEXT = 24


def network():
    from diffusers import AuraFlowTransformer2DModel

    return AuraFlowTransformer2DModel(
        sample_size=SIDE,
        num_mmdit_layers=1,
        num_single_dit_layers=2,
        attention_head_dim=256,
        num_attention_heads=1,
        joint_attention_dim=TEXT,
        caption_projection_dim=256,
        pos_embed_max_size=36,
    )


def oracle(trial: Trial) -> float:
    from diffusers import AuraFlowPipeline

    pipe = AuraFlowPipeline(
        tokenizer=None,
        text_encoder=None,
        vae=kl_autoencoder(4),
        transformer=trial.network,
        scheduler=flow_scheduler(shift=1.73),
    )
    (positive, wanted), (negative, _) = trial.positive[0], trial.negative[0]
    # The pipeline sets padding to zero when it encodes.
    theirs = quiet(pipe)(
        prompt_embeds=positive * wanted["attention_mask"][..., None],
        prompt_attention_mask=wanted["attention_mask"],
        negative_prompt_embeds=negative * wanted["attention_mask"][..., None],
        negative_prompt_attention_mask=wanted["attention_mask"],
        negative_prompt=None,
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=3.0,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    return difference(trial.walk(pipe.scheduler.sigmas, 3.0), theirs)


CASE = Case(
    name="auraflow",
    family="auraflow",
    network=network,
    layouts={
        "original": lambda state: Loading(original(TABLE, state)),
        "checkpoint": lambda state: Loading(prefixed(original(TABLE, state))),
        "diffusers": Loading,
    },
    texts=texts(TEXT, masked=2),
    latent=(4, SIDE, SIDE),
    oracle=oracle,
    autoencoder=lambda: kl_autoencoder(4),
)
