"""HiDream I1 against diffusers' pipeline, for a square."""

import torch
from tests.models.families.case import Case, Conditioning, Loading, Trial
from tests.models.families.components import TOKENS, difference, flow_scheduler, kl_autoencoder, quiet
from tests.models.families.original import prefixed

SIDE, PIXELS = 8, 64
TEXT, LLAMA, POOLED = 24, 32, 40
LAYERS = 3


def network():
    from diffusers import HiDreamImageTransformer2DModel

    return HiDreamImageTransformer2DModel(
        patch_size=2,
        in_channels=16,
        out_channels=16,
        num_layers=1,
        num_single_layers=LAYERS - 1,
        attention_head_dim=128,
        num_attention_heads=1,
        caption_channels=[TEXT, LLAMA],
        text_emb_dim=POOLED,
        axes_dims_rope=(64, 32, 32),
        llama_layers=list(range(LAYERS)),
    )


def texts(generator: torch.Generator) -> Conditioning:
    context = torch.randn(1, TOKENS, TEXT, generator=generator)
    llama = torch.randn(1, LAYERS, TOKENS, LLAMA, generator=generator)
    pooled = torch.randn(1, POOLED, generator=generator)
    return [[context, {"conditioning_llama3": llama, "pooled_output": pooled}]]


def oracle(trial: Trial) -> float:
    from diffusers import HiDreamImagePipeline

    pipe = HiDreamImagePipeline(
        scheduler=flow_scheduler(shift=3.0),
        vae=kl_autoencoder(),
        text_encoder=None,
        tokenizer=None,
        text_encoder_2=None,
        tokenizer_2=None,
        text_encoder_3=None,
        tokenizer_3=None,
        text_encoder_4=None,
        tokenizer_4=None,
        transformer=trial.network,
    )
    pipe.default_sample_size = SIDE
    (positive, wanted), (negative, unwanted) = trial.positive[0], trial.negative[0]
    theirs = quiet(pipe)(
        prompt_embeds_t5=positive,
        prompt_embeds_llama3=wanted["conditioning_llama3"].transpose(0, 1),
        pooled_prompt_embeds=wanted["pooled_output"],
        negative_prompt_embeds_t5=negative,
        negative_prompt_embeds_llama3=unwanted["conditioning_llama3"].transpose(0, 1),
        negative_pooled_prompt_embeds=unwanted["pooled_output"],
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=3.0,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    return difference(trial.walk(pipe.scheduler.sigmas, 3.0), theirs)


CASE = Case(
    name="hidream",
    family="hidream",
    network=network,
    layouts={"original": Loading, "checkpoint": lambda state: Loading(prefixed(state))},
    texts=texts,
    latent=(16, SIDE, SIDE),
    oracle=oracle,
    autoencoder=kl_autoencoder,
)
