"""Qwen-Image against diffusers' pipeline, Qwen-Image-Edit against the network as its pipeline calls it."""

from functools import partial

import torch
from tests.models.families.case import Case, Loading, State, Trial
from tests.models.families.components import difference, flow_scheduler, quiet, texts
from tests.models.families.original import prefixed

from limner.models.families.qwen_image import CLEAN_REFERENCES, QWEN_IMAGE
from limner.models.parts.patch_tokens import to_picture, to_tokens

SIDE, PIXELS = 8, 64
TEXT = 24
WANTED = 4
"""Tokens of the text that are not masked."""


def network(*, clean: bool = False):
    from diffusers import QwenImageTransformer2DModel

    return QwenImageTransformer2DModel(
        num_layers=2,
        attention_head_dim=32,
        num_attention_heads=2,
        joint_attention_dim=TEXT,
        axes_dims_rope=(4, 14, 14),
        zero_cond_t=clean,
    )


def autoencoder():
    from diffusers import AutoencoderKLQwenImage

    return AutoencoderKLQwenImage(base_dim=8, dim_mult=[1, 1, 1, 1], num_res_blocks=1)


def oracle(trial: Trial) -> float:
    from diffusers import QwenImagePipeline

    pipe = QwenImagePipeline(
        scheduler=flow_scheduler(use_dynamic_shifting=True),
        vae=autoencoder(),
        text_encoder=None,
        tokenizer=None,
        transformer=trial.network,
    )
    context, options = trial.positive[0]
    theirs = quiet(pipe)(
        prompt_embeds=context,
        prompt_embeds_mask=options["attention_mask"].long(),
        latents=to_tokens(trial.noise),
        num_inference_steps=3,
        true_cfg_scale=1.0,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    return difference(trial.walk(pipe.scheduler.sigmas, 1.0), to_picture(theirs, SIDE, SIDE))


def edit(trial: Trial) -> float:
    """One call with a reference picture of another size."""
    reference = torch.randn(1, 16, SIDE, SIDE + 4, generator=torch.Generator().manual_seed(9))
    context, options = trial.positive[0]
    options["reference_latents"] = [QWEN_IMAGE.latent_format.to_stored(reference)]
    tokens = to_tokens(trial.noise)
    sigma = 0.6
    theirs = trial.network(
        hidden_states=torch.cat([tokens, to_tokens(reference)], dim=1),
        encoder_hidden_states=context[:, :WANTED],
        timestep=torch.tensor([sigma]),
        img_shapes=[[(1, SIDE // 2, SIDE // 2), (1, SIDE // 2, SIDE // 2 + 2)]],
        return_dict=False,
    )[0][:, : tokens.shape[1]]
    expected = trial.noise + to_picture(theirs, SIDE, SIDE) * (0.3 - sigma)
    frame = trial.walk([sigma, 0.3], 1.0, trial.noise.unsqueeze(2))  # as the latent of a video of one frame
    return max(difference(trial.walk([sigma, 0.3], 1.0), expected), difference(frame[:, :, 0], expected))


def marked(state: State) -> Loading:
    return Loading({**prefixed(state), f"model.diffusion_model.{CLEAN_REFERENCES}": torch.zeros(1)})


def case(name: str, run, layouts, *, clean: bool = False) -> Case:
    return Case(
        name=name,
        family="qwen_image",
        network=partial(network, clean=clean),
        layouts=layouts,
        texts=texts(TEXT, masked=2),
        latent=(16, SIDE, SIDE),
        oracle=run,
        autoencoder=autoencoder,
    )


PLAIN = {"original": Loading, "checkpoint": lambda state: Loading(prefixed(state))}
IMAGE = case("qwen-image", oracle, PLAIN)
EDIT = case("qwen-image edit", edit, PLAIN)
EDIT_CLEAN = case("qwen-image edit 2511", edit, {"checkpoint": marked}, clean=True)
