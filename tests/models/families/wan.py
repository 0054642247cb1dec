"""Wan against diffusers' pipelines: text and pictures to video, a first and a last picture, VACE, two experts."""

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import torch
from tests.models.families.case import Case, Loading, State, Trial, randomised
from tests.models.families.components import TOKENS, certain, difference, flow_scheduler, quiet, texts
from tests.models.families.original import original, prefixed
from torch.nn.functional import pad

from limner.models.families.wan22 import WAN22
from limner.models.parts.wan_keys import WAN
from limner.models.parts.wan_latent import DEVIATION_22, MEAN_22
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider

FRAMES, SIDE, PIXELS = 9, 4, 32
LENGTH = 3
"""Latent elements in time."""
TEXT, SEEN, FILLED = 24, 20, 512


def network(channels: int = 16, made: int = 16, *, seeing: bool = False, vace: bool = False):
    import diffusers

    further = {"image_dim": SEEN, "added_kv_proj_dim": 128} if seeing else {}
    steered = {"vace_layers": [0], "vace_in_channels": 2 * made + 64} if vace else {}
    return getattr(diffusers, "WanVACETransformer3DModel" if vace else "WanTransformer3DModel")(
        num_attention_heads=1,
        attention_head_dim=128,
        in_channels=channels,
        out_channels=made,
        text_dim=TEXT,
        freq_dim=32,
        ffn_dim=64,
        num_layers=2,
        **further,
        **steered,
    )


def autoencoder():
    from diffusers import AutoencoderKLWan

    return AutoencoderKLWan(base_dim=8, dim_mult=[1, 1, 1, 1], num_res_blocks=1)


def autoencoder_22():
    from diffusers import AutoencoderKLWan

    return AutoencoderKLWan(
        base_dim=8,
        decoder_base_dim=12,
        z_dim=48,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        latents_mean=MEAN_22,
        latents_std=DEVIATION_22,
        is_residual=True,
        in_channels=12,
        out_channels=12,
        patch_size=2,
        scale_factor_spatial=16,
    )


def filled(context: torch.Tensor) -> torch.Tensor:
    """A text as the pipelines fill it up."""
    return pad(context, (0, 0, 0, FILLED - TOKENS))


def compared(
    name: str, trial: Trial, vae, settings: Mapping[str, object] | None = None, **call
) -> tuple[torch.Tensor, torch.Tensor]:
    """The levels of a pipeline, and what it makes of the noise."""
    import diffusers

    further = {"image_encoder": None, "image_processor": None} if "Image" in name else {}
    pipe = getattr(diffusers, name)(
        tokenizer=None,
        text_encoder=None,
        vae=vae,
        scheduler=flow_scheduler(shift=3.0),
        transformer=trial.network,
        **further,
        **(settings or {}),
    )
    pipe.check_inputs = lambda *_, **__: None  # it wants a picture, or what is seen in it, but not both
    theirs = quiet(pipe)(
        prompt_embeds=filled(trial.positive[0][0]),
        negative_prompt_embeds=filled(trial.negative[0][0]),
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=2.0,
        num_frames=FRAMES,
        output_type="latent",
        **call,
    ).frames
    return pipe.scheduler.sigmas, theirs


def plain(trial: Trial, vae=None) -> float:
    size = trial.noise.shape[-1] * (8 if vae is None else 16)
    sigmas, theirs = compared("WanPipeline", trial, vae or autoencoder(), height=size, width=size)
    return difference(trial.walk(sigmas, 2.0), theirs)


def picture(size: int = PIXELS, seed: int = 9) -> torch.Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def beginning(trial: Trial, *, seeing: bool, ends: bool = False) -> float:
    """A first picture, perhaps a last one."""
    vae = certain(randomised(autoencoder()))
    video = torch.zeros(1, 3, FRAMES, PIXELS, PIXELS)
    video[:, :, 0] = picture()
    drawn = torch.ones(1, 4, LENGTH, SIDE, SIDE)
    drawn[:, :, 0] = 0
    call = {}
    if ends:
        video[:, :, -1] = call["last_image"] = picture(seed=10)
        drawn[:, -1, -1] = 0
    seen = torch.randn(1, 5, SEEN, generator=torch.Generator().manual_seed(3)) if seeing else None
    for entries in (trial.positive, trial.negative):
        entries[0][1]["concat_latent_image"] = vae.encode(video).latent_dist.mode()
        entries[0][1]["concat_mask"] = drawn
        if seeing:
            entries[0][1]["clip_vision_output"] = SimpleNamespace(penultimate_hidden_states=seen)
    sigmas, theirs = compared(
        "WanImageToVideoPipeline", trial, vae, image=picture(), image_embeds=seen, height=PIXELS, width=PIXELS, **call
    )
    return difference(trial.walk(sigmas, 2.0), theirs)


def kept(trial: Trial) -> float:
    """A first picture in the latent itself, without noise."""
    vae = certain(randomised(autoencoder_22()))
    size = trial.noise.shape[-1] * 16
    stored = vae.encode(picture(size).unsqueeze(2)).latent_dist.mode()
    clean, free = torch.zeros_like(trial.noise), torch.ones_like(trial.noise)
    clean[:, :, :1], free[:, :, 0] = WAN22.latent_format.to_model(stored), 0
    settings = {"expand_timesteps": True}
    call = {"image": picture(size), "height": size, "width": size}
    sigmas, theirs = compared("WanImageToVideoPipeline", trial, vae, settings, **call)
    guidance = Guidance(trial.model, CfgGuider(trial.positive, trial.negative, 2.0), clean, free)
    x = trial.noise
    for sigma, following in pairwise(float(sigma) for sigma in sigmas):
        x = x + (x - trial.predicted(guidance, x, sigma)) / sigma * (following - sigma)
    return difference(x * free + clean * (1 - free), theirs)


def case(name: str, family: str, build, latent, run, vae) -> Case:
    def layout(state: State) -> Loading:
        return Loading(original(WAN, state))

    return Case(
        name=name,
        family=family,
        network=build,
        layouts={
            "original": layout,
            "checkpoint": lambda state: Loading(prefixed(original(WAN, state))),
            "diffusers": Loading,
        },
        texts=texts(TEXT),
        latent=latent,
        oracle=run,
        autoencoder=vae,
    )


SMALL, WIDE = (16, LENGTH, SIDE, SIDE), (48, LENGTH, SIDE, SIDE)
TEXT_TO_VIDEO = case("wan 2.1", "wan21", network, SMALL, plain, autoencoder)
IMAGE_TO_VIDEO = case(
    "wan 2.1 i2v", "wan21", partial(network, 36, seeing=True), SMALL, partial(beginning, seeing=True), autoencoder
)
FIRST_LAST = case(
    "wan 2.2 i2v", "wan21", partial(network, 36), SMALL, partial(beginning, seeing=False, ends=True), autoencoder
)
TEXT_TO_VIDEO_22 = case(
    "wan 2.2 5b", "wan22", partial(network, 48, 48), WIDE, lambda trial: plain(trial, autoencoder_22()), autoencoder_22
)
IMAGE_TO_VIDEO_22 = case("wan 2.2 5b i2v", "wan22", partial(network, 48, 48), WIDE, kept, autoencoder_22)
