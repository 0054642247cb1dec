"""Wan against diffusers' pipelines: text and pictures to video, a first and a last picture, VACE, two experts."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import torch
from PIL import Image
from tests.models.families.case import Case, Loading, State, Trial, randomised
from tests.models.families.components import TOKENS, certain, difference, flow_scheduler, quiet, texts
from tests.models.families.original import original, prefixed
from torch.nn.functional import pad

from limner.models.families.wan22 import WAN22
from limner.models.parts.wan_keys import WAN
from limner.models.parts.wan_latent import DEVIATION_22, MEAN_22
from limner.nodes.videos_wan import wan_first_last_frame_to_video, wan_image_to_video
from limner.nodes.videos_wan_control import wan_vace_to_video
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
    name: str, trial: Trial, vae, settings: Mapping[str, object] | None = None, frames: int = FRAMES, **call
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
        num_frames=frames,
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


def encoding(network) -> SimpleNamespace:
    """An autoencoder as nodes are given it."""

    def encode(pixels: torch.Tensor) -> torch.Tensor:
        return network.encode(pixels.movedim(-1, 0)[None] * 2 - 1).latent_dist.mode()

    return SimpleNamespace(encode=encode)


def pixels(picture: torch.Tensor) -> torch.Tensor:
    """A picture as nodes are given it."""
    return (picture.movedim(1, -1) + 1) / 2


def beginning(trial: Trial, *, seeing: bool, ends: bool = False) -> float:
    """A first picture, perhaps a last one, by their nodes."""
    vae = certain(randomised(autoencoder()))
    given = {
        "vae": encoding(vae),
        "width": PIXELS,
        "height": PIXELS,
        "length": FRAMES,
        "start_image": pixels(picture()),
    }
    seen = torch.randn(1, 5, SEEN, generator=torch.Generator().manual_seed(3)) if seeing else None
    call, texts = {}, {"positive": trial.positive, "negative": trial.negative}
    if ends:
        call["last_image"] = picture(seed=10)
        told = wan_first_last_frame_to_video(**texts, **given, end_image=pixels(picture(seed=10)))
    else:
        told = wan_image_to_video(
            **texts, **given, clip_vision_output=SimpleNamespace(penultimate_hidden_states=seen) if seeing else None
        )
    sigmas, theirs = compared(
        "WanImageToVideoPipeline", trial, vae, image=picture(), image_embeds=seen, height=PIXELS, width=PIXELS, **call
    )
    return difference(replace(trial, positive=told[0], negative=told[1]).walk(sigmas, 2.0), theirs)


def steered(trial: Trial) -> float:
    """A video that steers, of which a half stays, and a reference picture."""
    vae = certain(randomised(autoencoder()))
    generator = torch.Generator().manual_seed(4)
    count = FRAMES - 4  # the reference takes the first element
    frames = (torch.rand(count, PIXELS, PIXELS, 3, generator=generator) * 255).round() / 255
    masks = (torch.rand(count, PIXELS, PIXELS, generator=generator) > 0.5).float()
    reference = (torch.rand(1, PIXELS, PIXELS, 3, generator=generator) * 255).round() / 255
    *told, trim = wan_vace_to_video(
        positive=trial.positive,
        negative=trial.negative,
        vae=encoding(vae),
        width=PIXELS,
        height=PIXELS,
        length=count,
        strength=0.8,
        control_video=frames,
        control_masks=masks,
        reference_image=reference,
    )
    if trim != 1 or told[2]["samples"].shape[1:] != trial.noise.shape[1:]:
        return float("nan")
    shown = [[shape(image) for image in batch] for batch, shape in ((frames, painted), (masks, painted))]
    call = {"video": shown[0], "mask": shown[1], "reference_images": [painted(reference[0])]}
    sigmas, theirs = compared(
        "WanVACEPipeline",
        trial,
        vae,
        {"transformer_2": None},
        **call,
        conditioning_scale=0.8,
        height=PIXELS,
        width=PIXELS,
        frames=count,
    )
    ours = replace(trial, positive=told[0], negative=told[1]).walk(sigmas, 2.0)
    return difference(ours[:, :, trim:], theirs[:, :, -ours.shape[2] + trim :])


def painted(image: torch.Tensor) -> Image.Image:
    return Image.fromarray((image * 255).round().to(torch.uint8).numpy()).convert("RGB")


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
VACE = case("wan 2.1 vace", "wan21", partial(network, vace=True), SMALL, steered, autoencoder)
