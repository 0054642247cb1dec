"""Stable Diffusion 3 and 3.5 against diffusers' pipeline: medium, 3.5 medium, 3.5 large."""

from functools import partial

from tests.models.families.case import Case, Loading, State, Trial, randomised
from tests.models.families.components import difference, flow_scheduler, kl_autoencoder, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.parts.sd3_keys import sd3_table

SIDE, PIXELS = 8, 64
TEXT, POOLED = 24, 20
LAYERS = 3


def network(heads: int, *, normed: bool, twice: tuple[int, ...]):
    from diffusers import SD3Transformer2DModel

    return SD3Transformer2DModel(
        sample_size=SIDE,
        num_layers=LAYERS,
        attention_head_dim=64,
        num_attention_heads=heads,
        joint_attention_dim=TEXT,
        caption_projection_dim=64 * heads,
        pooled_projection_dim=POOLED,
        pos_embed_max_size=12,
        dual_attention_layers=twice,
        qk_norm="rms_norm" if normed else None,
    )


def checkpoint(state: State) -> Loading:
    """A network and its autoencoder in one file."""
    vae = randomised(kl_autoencoder()).state_dict()
    tensors = {**prefixed(original(sd3_table(LAYERS), state)), **prefixed(vae, "first_stage_model.")}
    return Loading(tensors, "checkpoints", "CheckpointLoaderSimple")


def oracle(trial: Trial) -> float:
    from diffusers import StableDiffusion3Pipeline

    pipe = StableDiffusion3Pipeline(
        transformer=trial.network,
        scheduler=flow_scheduler(shift=3.0),
        vae=kl_autoencoder(),
        text_encoder=None,
        tokenizer=None,
        text_encoder_2=None,
        tokenizer_2=None,
        text_encoder_3=None,
        tokenizer_3=None,
    )
    (positive, wanted), (negative, unwanted) = trial.positive[0], trial.negative[0]
    theirs = quiet(pipe)(
        prompt_embeds=positive,
        negative_prompt_embeds=negative,
        pooled_prompt_embeds=wanted["pooled_output"],
        negative_pooled_prompt_embeds=unwanted["pooled_output"],
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=3.0,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    return difference(trial.walk(pipe.scheduler.sigmas, 3.0), theirs)


def case(name: str, heads: int, *, normed: bool = False, twice: tuple[int, ...] = ()) -> Case:
    return Case(
        name=name,
        family="sd3",
        network=partial(network, heads, normed=normed, twice=twice),
        layouts={
            "checkpoint": checkpoint,
            "original": lambda state: Loading(original(sd3_table(LAYERS), state)),
            "diffusers": Loading,
        },
        texts=texts(TEXT, POOLED),
        latent=(16, SIDE, SIDE),
        oracle=oracle,
        autoencoder=kl_autoencoder,
    )


MEDIUM = case("sd3 medium", 1)
MEDIUM_35 = case("sd3.5 medium", 1, normed=True, twice=(0, 1))
LARGE_35 = case("sd3.5 large", 2, normed=True)
