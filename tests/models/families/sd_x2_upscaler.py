"""The x2 latent upscaler against diffusers' pipeline."""

import torch
from tests.models.families.case import Case, Loading, Trial
from tests.models.families.components import difference, kl_autoencoder, quiet, texts
from tests.models.families.original import prefixed

from limner.nodes.upscaling_latent import latent_upscale_conditioning

SIDE = 16
CONTEXT, POOLED = 40, 24
SCALE = 0.18215


def network():
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        act_fn="gelu",
        attention_head_dim=64,
        norm_num_groups=None,
        block_out_channels=(64, 64, 128, 128),
        layers_per_block=2,
        time_cond_proj_dim=128 + POOLED,
        conv_in_kernel=1,
        conv_out_kernel=1,
        cross_attention_dim=CONTEXT,
        down_block_types=("KDownBlock2D", *("KCrossAttnDownBlock2D",) * 3),
        up_block_types=(*("KCrossAttnUpBlock2D",) * 3, "KUpBlock2D"),
        in_channels=8,
        out_channels=5,
        mid_block_type=None,
        resnet_time_scale_shift="scale_shift",
        time_embedding_type="fourier",
        timestep_post_act="gelu",
    )


def autoencoder():
    return kl_autoencoder(4, quantised=True)


def oracle(trial: Trial) -> float:
    """Both walk along Stable Diffusion's levels; the small latent is given at the network's scale there."""
    from diffusers import EulerDiscreteScheduler, StableDiffusionLatentUpscalePipeline

    small = torch.randn(1, 4, SIDE // 2, SIDE // 2, generator=torch.Generator().manual_seed(9))
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="original_sample"
    )
    pipe = StableDiffusionLatentUpscalePipeline(
        vae=autoencoder(), text_encoder=None, tokenizer=None, unet=trial.network, scheduler=scheduler
    )
    wanted, unwanted = trial.positive[0], trial.negative[0]
    theirs = quiet(pipe)(
        prompt=None,
        image=small * SCALE,
        prompt_embeds=wanted[0],
        pooled_prompt_embeds=wanted[1]["pooled_output"],
        negative_prompt_embeds=unwanted[0],
        negative_pooled_prompt_embeds=unwanted[1]["pooled_output"],
        num_inference_steps=3,
        guidance_scale=3.0,
        latents=trial.noise,
        output_type="latent",
    ).images
    positive, negative, latent = latent_upscale_conditioning(
        samples={"samples": small}, positive=trial.positive, negative=trial.negative
    )
    if latent["samples"].shape != trial.noise.shape:
        return float("nan")
    told = Trial(trial.network, trial.model, positive, negative, trial.noise * scheduler.init_noise_sigma)
    return difference(told.walk(scheduler.sigmas, 3.0), theirs)


SD_X2_UPSCALER = Case(
    name="x2 latent upscaler",
    family="sd_x2_upscaler",
    network=network,
    layouts={
        "diffusers": Loading,
        "folder": lambda state: Loading(prefixed(state, "unet."), "checkpoints", "CheckpointLoaderSimple"),
    },
    texts=texts(CONTEXT, POOLED),
    latent=(4, SIDE, SIDE),
    oracle=oracle,
    autoencoder=autoencoder,
)
