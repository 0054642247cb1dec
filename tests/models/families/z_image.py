"""Z-Image against diffusers' pipeline."""

from tests.models.families.case import Case, Loading, Trial
from tests.models.families.components import difference, flow_scheduler, kl_autoencoder, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.parts.lumina_keys import Z_IMAGE as TABLE

SIDE, PIXELS = 8, 64
TEXT = 40


def network():
    from diffusers import ZImageTransformer2DModel

    return ZImageTransformer2DModel(
        dim=96, n_layers=2, n_refiner_layers=1, n_heads=3, n_kv_heads=3, cap_feat_dim=TEXT, axes_dims=[8, 12, 12]
    )


def oracle(trial: Trial) -> float:
    from diffusers import ZImagePipeline

    pipe = ZImagePipeline(
        transformer=trial.network,
        scheduler=flow_scheduler(shift=3.0),
        vae=kl_autoencoder(),
        text_encoder=None,
        tokenizer=None,
    )
    (positive, wanted), (negative, unwanted) = trial.positive[0], trial.negative[0]
    theirs = quiet(pipe)(
        prompt_embeds=[positive[0][wanted["attention_mask"][0].bool()]],
        negative_prompt_embeds=[negative[0][unwanted["attention_mask"][0].bool()]],
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=2.0,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    # The pipeline counts guidance from 0.
    return difference(trial.walk(pipe.scheduler.sigmas, 3.0), theirs)


CASE = Case(
    name="z-image",
    family="z_image",
    network=network,
    layouts={
        "original": lambda state: Loading(original(TABLE, state)),
        "checkpoint": lambda state: Loading(prefixed(original(TABLE, state))),
        "diffusers": Loading,
    },
    texts=texts(TEXT, masked=2),
    latent=(16, SIDE, SIDE),
    oracle=oracle,
    autoencoder=kl_autoencoder,
)
