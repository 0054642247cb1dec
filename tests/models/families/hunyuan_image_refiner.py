"""HunyuanImage's refiner against diffusers' pipeline."""

import torch
from tests.models.families.case import Case, Loading, Trial
from tests.models.families.components import difference, flow_scheduler, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.families.hunyuan_image_refiner import HUNYUAN_IMAGE_REFINER, SCALE, SHIFT
from limner.models.parts.hunyuan_keys import IMAGE_FUSED, IMAGE_LIKE_FLUX, IMAGE_PUBLISHED
from limner.nodes.images_hunyuan import hunyuan_refiner_latent

SCALES = {"query_norm": "scale", "key_norm": "scale"}
SIDE, PIXELS, TEXT = 4, 64, 24
GUIDANCE = 3.0


def network():
    from diffusers import HunyuanImageTransformer2DModel

    return HunyuanImageTransformer2DModel(
        in_channels=128,
        out_channels=64,
        patch_size=(1, 1, 1),
        num_attention_heads=2,
        attention_head_dim=32,
        num_layers=2,
        num_single_layers=2,
        num_refiner_layers=1,
        mlp_ratio=2.0,
        guidance_embeds=True,
        text_embed_dim=TEXT,
        rope_axes_dim=(4, 14, 14),
    )


def autoencoder():
    from diffusers import AutoencoderKLHunyuanImageRefiner

    return AutoencoderKLHunyuanImageRefiner(
        block_out_channels=(16, 32, 64, 128, 128), layers_per_block=1, scaling_factor=SCALE
    )


def oracle(trial: Trial) -> float:
    from diffusers import HunyuanImageRefinerPipeline
    from diffusers.guiders import ClassifierFreeGuidance

    pipe = HunyuanImageRefinerPipeline(
        scheduler=flow_scheduler(shift=SHIFT),
        vae=autoencoder(),
        text_encoder=None,
        tokenizer=None,
        transformer=trial.network,
        guider=ClassifierFreeGuidance(guidance_scale=2.0),
    )
    picture = torch.randn(trial.noise.shape, generator=torch.Generator().manual_seed(8))
    # Its noise in the picture is drawn from the pipeline's generator, ours from the walk's seed: so none is asked for.
    pipe.prepare_latents = lambda image_latents, latents=None, **_: (latents, image_latents)
    theirs = quiet(pipe)(
        prompt_embeds=trial.positive[0][0],
        prompt_embeds_mask=trial.positive[0][1]["attention_mask"],
        negative_prompt_embeds=trial.negative[0][0],
        negative_prompt_embeds_mask=trial.negative[0][1]["attention_mask"],
        image=picture.unsqueeze(2),
        latents=trial.noise.unsqueeze(2),
        num_inference_steps=3,
        distilled_guidance_scale=GUIDANCE,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    positive, negative, _ = hunyuan_refiner_latent(
        positive=[[trial.positive[0][0], {**trial.positive[0][1], "guidance": GUIDANCE}]],
        negative=[[trial.negative[0][0], {**trial.negative[0][1], "guidance": GUIDANCE}]],
        latent={"samples": HUNYUAN_IMAGE_REFINER.latent_format.to_stored(picture)},
        noise_augmentation=0.0,
    )
    walk = Trial(trial.network, trial.model, positive, negative, trial.noise).walk(pipe.scheduler.sigmas, 2.0)
    return difference(walk, theirs.squeeze(2))


REFINER = Case(
    name="hunyuan image refiner",
    family="hunyuan_image_refiner",
    network=network,
    layouts={
        "published": lambda state: Loading(original(IMAGE_PUBLISHED, state)),
        "fused": lambda state: Loading(original(IMAGE_FUSED, state)),
        "checkpoint": lambda state: Loading(prefixed(original(IMAGE_LIKE_FLUX, state, SCALES))),
        "diffusers": Loading,
    },
    texts=texts(TEXT, masked=2),
    latent=(64, SIDE, SIDE),
    oracle=oracle,
    autoencoder=autoencoder,
)
