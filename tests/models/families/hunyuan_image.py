"""HunyuanImage 2.1 against diffusers' pipeline: with and without text to be written, told a guidance."""

from functools import partial

import torch
from tests.models.families.case import Case, Loading, Trial
from tests.models.families.components import difference, flow_scheduler, quiet, texts
from tests.models.families.original import original, prefixed

from limner.models.families.hunyuan_image import SCALE, SHIFT
from limner.models.parts.hunyuan_image_pass import GLYPHS
from limner.models.parts.hunyuan_keys import IMAGE_FUSED, IMAGE_LIKE_FLUX, IMAGE_PUBLISHED

SCALES = {"query_norm": "scale", "key_norm": "scale"}
SIDE, PIXELS = 4, 128
TEXT, WRITTEN = 24, 12


def network(*, guided: bool = False):
    from diffusers import HunyuanImageTransformer2DModel

    return HunyuanImageTransformer2DModel(
        num_attention_heads=2,
        attention_head_dim=32,
        num_layers=2,
        num_single_layers=2,
        num_refiner_layers=1,
        mlp_ratio=2.0,
        guidance_embeds=guided,
        text_embed_dim=TEXT,
        text_embed_2_dim=WRITTEN,
        rope_axes_dim=(16, 16),
    )


def autoencoder():
    from diffusers import AutoencoderKLHunyuanImage

    return AutoencoderKLHunyuanImage(
        in_channels=3,
        out_channels=3,
        latent_channels=64,
        block_out_channels=(32, 64, 128),
        layers_per_block=1,
        spatial_compression_ratio=4,
        sample_size=PIXELS,
        scaling_factor=SCALE,
    )


def glyphs(seed: int) -> torch.Tensor:
    return torch.randn(1, 5, WRITTEN, generator=torch.Generator().manual_seed(seed))


def compared(trial: Trial, *, write: bool, guidance: float | None) -> float:
    """Our walk and the pipeline's, with guidance of 2 by both texts."""
    from diffusers import HunyuanImagePipeline
    from diffusers.guiders import ClassifierFreeGuidance

    vae = autoencoder()
    vae.register_to_config(spatial_compression_ratio=PIXELS // SIDE)
    pipe = HunyuanImagePipeline(
        scheduler=flow_scheduler(shift=SHIFT),
        vae=vae,
        text_encoder=None,
        tokenizer=None,
        text_encoder_2=None,
        tokenizer_2=None,
        transformer=trial.network,
        guider=ClassifierFreeGuidance(guidance_scale=2.0),
    )
    told = {}
    ours = []
    for seed, (side, entry) in enumerate((("", trial.positive[0]), ("negative_", trial.negative[0]))):
        context, options = entry
        second = glyphs(seed)
        told |= {
            f"{side}prompt_embeds": context,
            f"{side}prompt_embeds_mask": options["attention_mask"],
            f"{side}prompt_embeds_2": second if write else torch.zeros_like(second),
            f"{side}prompt_embeds_mask_2": torch.full((1, second.shape[1]), int(write)),
        }
        ours.append([[context, {**options, "guidance": guidance, **({GLYPHS: second} if write else {})}]])
    theirs = quiet(pipe)(
        **told,
        latents=trial.noise,
        num_inference_steps=3,
        distilled_guidance_scale=guidance,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    walk = Trial(trial.network, trial.model, *ours, trial.noise).walk(pipe.scheduler.sigmas, 2.0)
    return difference(walk, theirs)


def case(name: str, build, run) -> Case:
    return Case(
        name=name,
        family="hunyuan_image",
        network=build,
        layouts={
            "published": lambda state: Loading(original(IMAGE_PUBLISHED, state)),
            "fused": lambda state: Loading(original(IMAGE_FUSED, state)),
            "checkpoint": lambda state: Loading(prefixed(original(IMAGE_LIKE_FLUX, state, SCALES))),
            "diffusers": Loading,
        },
        texts=texts(TEXT, masked=2),
        latent=(64, SIDE, SIDE),
        oracle=run,
        autoencoder=autoencoder,
    )


PLAIN = case("hunyuan image", network, partial(compared, write=False, guidance=None))
WRITING = case("hunyuan image, writing", network, partial(compared, write=True, guidance=None))
GUIDED = case("hunyuan image, guidance", partial(network, guided=True), partial(compared, write=True, guidance=3.0))
