"""Stable Diffusion's x4 upscaler against diffusers' pipeline."""

import torch
from tests.models.families.case import Case, Loading, State, Trial, randomised
from tests.models.families.components import difference, kl_autoencoder, quiet, texts
from tests.models.families.original import prefixed
from tests.models.families.stable_diffusion import levels

from limner.models.load.layout import Layout
from limner.models.parts.unet_adapter_names import published_names
from limner.nodes.upscaling_latent import sd_4x_upscale_conditioning

SIDE = 8
CONTEXT = 40
BETAS = {"beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "scaled_linear"}
LEVEL = 35


def network():
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=SIDE,
        in_channels=7,
        out_channels=4,
        **levels(0, 1, 1, 1),
        block_out_channels=(32, 64, 64, CONTEXT * 2),
        attention_head_dim=8,
        cross_attention_dim=CONTEXT,
        only_cross_attention=(True, True, True, False),
        num_class_embeds=1000,
        use_linear_projection=True,
        norm_num_groups=8,
    )


def autoencoder():
    return kl_autoencoder(4, levels=3, quantised=True)


def original(state: State) -> State:
    """As published."""

    names = published_names(Layout(dict.fromkeys(state, ())))
    return {names[target]: tensor for target, tensor in state.items()}


def checkpoint(state: State) -> Loading:
    vae = randomised(autoencoder()).state_dict()
    tensors = {**prefixed(original(state)), **prefixed(vae, "first_stage_model.")}
    return Loading(tensors, "checkpoints", "CheckpointLoaderSimple")


def oracle(trial: Trial) -> float:
    """A picture with noise of a level; both draw the noise from the same seed."""
    from diffusers import DDPMScheduler, EulerDiscreteScheduler, StableDiffusionUpscalePipeline

    picture = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(9))
    scheduler = EulerDiscreteScheduler(
        timestep_spacing="leading", steps_offset=1, prediction_type="v_prediction", **BETAS
    )
    pipe = StableDiffusionUpscalePipeline(
        vae=autoencoder(),
        text_encoder=None,
        tokenizer=None,
        unet=trial.network,
        low_res_scheduler=DDPMScheduler(**BETAS),
        scheduler=scheduler,
    )
    theirs = quiet(pipe)(
        prompt_embeds=trial.positive[0][0],
        negative_prompt_embeds=trial.negative[0][0],
        image=picture,
        noise_level=LEVEL,
        num_inference_steps=3,
        guidance_scale=3.0,
        latents=trial.noise,
        generator=torch.Generator().manual_seed(0),
        output_type="latent",
    ).images
    positive, negative, _ = sd_4x_upscale_conditioning(
        images=picture.movedim(1, -1), positive=trial.positive, negative=trial.negative, noise_augmentation=LEVEL / 350
    )
    told = Trial(trial.network, trial.model, positive, negative, trial.noise * scheduler.init_noise_sigma)
    return difference(told.walk(scheduler.sigmas, 3.0), theirs)


SD_X4_UPSCALER = Case(
    name="x4 upscaler",
    family="sd_x4_upscaler",
    network=network,
    layouts={
        "checkpoint": checkpoint,
        "original": lambda state: Loading(original(state)),
        "diffusers": Loading,
    },
    texts=texts(CONTEXT),
    latent=(4, SIDE, SIDE),
    oracle=oracle,
    autoencoder=autoencoder,
)
