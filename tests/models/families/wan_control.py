"""Wan's relatives that see more: Fun control and camera networks, Phantom, Animate.

diffusers has a pipeline for the last. For the others its pipeline is given a network that shows the plain one what it
has to see, by the formula.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import torch
from tests.models.families.case import Case, Loading, State, Trial, randomised
from tests.models.families.components import certain, difference, flow_scheduler, quiet
from tests.models.families.original import original, prefixed
from tests.models.families.wan import (
    FRAMES,
    LENGTH,
    PIXELS,
    SEEN,
    SIDE,
    SMALL,
    TEXT,
    autoencoder,
    case,
    compared,
    encoding,
    filled,
    network,
    painted,
)
from torch import Tensor, nn
from torch.nn.functional import conv2d, pixel_unshuffle, relu

from limner.models.families.wan21 import WAN21
from limner.models.load.layout import Layout
from limner.models.parts.wan_animate import animate_table
from limner.models.parts.wan_keys import WAN
from limner.models.parts.wan_patches import with_further_patches
from limner.nodes.videos_wan_camera import wan_camera_embedding, wan_camera_image_to_video
from limner.nodes.videos_wan_control import wan22_fun_control_to_video, wan_fun_control_to_video
from limner.nodes.videos_wan_subjects import wan_animate_to_video, wan_phantom_subject_to_video

SIZE = {"width": PIXELS, "height": PIXELS, "length": FRAMES}
RAYS, FACE = 24 * 64, 16
"""Channels of a camera's rays; side of a face in pixels."""


class Shown(nn.Module):
    """A network that shows another one more than it is called with."""

    def __init__(self, network: nn.Module, call: Callable[..., Tensor]) -> None:
        super().__init__()
        self.network, self.call = network, call
        self.config, self.device, self.dtype = network.config, network.device, network.dtype
        self.cache_context = network.cache_context

    def forward(self, hidden_states: Tensor, **options):
        return (self.call(lambda x: self.network(hidden_states=x, **options)[0], hidden_states),)


def pictures(count: int, seed: int, size: int = PIXELS) -> Tensor:
    """Frames as nodes are given them, in 8 bits."""
    drawn = torch.rand(count, size, size, 3, generator=torch.Generator().manual_seed(seed))
    return (drawn * 255).round() / 255


def seen_by(vae: nn.Module, frames: Tensor) -> Tensor:
    """The latent of frames as a network sees it."""
    return WAN21.latent_format.to_model(encoding(vae).encode(frames))


def walked(trial: Trial, told: tuple, network: nn.Module, vae: nn.Module, call: Callable[..., Tensor]) -> float:
    """The distance of our walk from the pipeline's with a network that is shown more."""
    shown = replace(trial, network=Shown(network, call))
    sigmas, theirs = compared("WanPipeline", shown, vae, height=PIXELS, width=PIXELS)
    return difference(replace(trial, positive=told[0], negative=told[1]).walk(sigmas, 2.0), theirs)


def plain(trial: Trial, channels: int) -> nn.Module:
    """The plain network with a trial's weights."""
    made = network(channels)
    made.load_state_dict(
        {name: weight for name, weight in trial.network.state_dict().items() if name in made.state_dict()}
    )
    return made.eval()


@contextmanager
def tokens(network: nn.Module, change: Callable[[Tensor], Tensor]):
    """Changes what a network makes of its video before the first block."""
    handle = network.patch_embedding.register_forward_hook(lambda _module, _given, made: change(made))
    try:
        yield
    finally:
        handle.remove()


def texts_of(trial: Trial) -> dict:
    return {"positive": trial.positive, "negative": trial.negative}


def controlled(trial: Trial) -> float:
    """A video that steers, and a first picture; both in further channels."""
    vae = certain(randomised(autoencoder()))
    video, first = pictures(FRAMES, 1), pictures(1, 2)
    told = wan_fun_control_to_video(
        **texts_of(trial), vae=encoding(vae), **SIZE, control_video=video, start_image=first
    )
    start = torch.zeros(1, *SMALL)
    start[:, :, :1] = seen_by(vae, first)
    beside = torch.cat([seen_by(vae, video), start], dim=1)
    return walked(trial, told, trial.network, vae, lambda call, x: call(torch.cat([x, beside], dim=1)))


def referred(trial: Trial) -> float:
    """A video that steers, and a picture that has an embedding of its own and stands before the video."""
    vae = certain(randomised(autoencoder()))
    video, reference = pictures(FRAMES, 1), pictures(1, 2)
    given = SimpleNamespace(encode=encoding(vae).encode, channels=16, downscale=8)
    told = wan22_fun_control_to_video(**texts_of(trial), vae=given, **SIZE, control_video=video, ref_image=reference)
    state = trial.network.state_dict()
    weight, bias = (state[f"patch_embedding.reference.{leaf}"] for leaf in ("weight", "bias"))
    first = conv2d(seen_by(vae, reference)[:, :, 0], weight, bias, stride=2)
    beside = torch.cat([seen_by(vae, video), torch.zeros(1, 4 + 16, *SMALL[1:])], dim=1)
    other = plain(trial, 52)

    def call(call: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        x = torch.cat([x, beside], dim=1)
        with tokens(other, lambda made: torch.cat([first.unsqueeze(2), made[:, :, 1:]], dim=2)):
            return call(torch.cat([x[:, :, :1], x], dim=2))[:, :, 1:]

    return walked(trial, told, other, vae, call)


def filmed(trial: Trial) -> float:
    """A first picture, and a camera whose rays are added to the tokens."""
    vae = certain(randomised(autoencoder()))
    first = pictures(1, 2)
    rays = wan_camera_embedding(camera_pose="ClockWise (CW)", **SIZE, speed=1.5)[0]
    told = wan_camera_image_to_video(
        **texts_of(trial), vae=encoding(vae), **SIZE, start_image=first, camera_conditions=rays
    )
    start = torch.zeros(1, *SMALL)
    start[:, :, :1] = seen_by(vae, first)
    added = adapted(rays, trial.network.state_dict())
    other = plain(trial, 32)

    def call(call: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        with tokens(other, lambda made: made + added):
            return call(torch.cat([x, start], dim=1))

    return walked(trial, told, other, vae, call)


def adapted(rays: Tensor, state: State) -> Tensor:
    """What a camera's rays add to tokens: one convolution, then a residual block, frame by frame in float64."""

    def convolved(x: Tensor, name: str, **options) -> Tensor:
        place = f"patch_embedding.rays.{name}"
        return conv2d(x, state[f"{place}.weight"].double(), state[f"{place}.bias"].double(), **options)

    x = convolved(pixel_unshuffle(rays[0].movedim(1, 0).double(), 8), "conv", stride=2)
    within = relu(convolved(x, "residual_blocks.0.conv1", padding=1))
    return (x + convolved(within, "residual_blocks.0.conv2", padding=1)).movedim(0, 1)[None].float()


def subjects(trial: Trial) -> float:
    """Two pictures of what is to be seen, as frames behind the video; a negative that knows them, one that does not."""
    vae = certain(randomised(autoencoder()))
    images = pictures(2, 2)
    positive, seeing, blind, _ = wan_phantom_subject_to_video(
        **texts_of(trial), vae=encoding(vae), **SIZE, images=images
    )
    shown = torch.cat([seen_by(vae, image[None]) for image in images], dim=2)

    def call(behind: Tensor, call: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        return call(torch.cat([x, behind], dim=2))[:, :, :LENGTH]

    knowing = walked(trial, (positive, seeing), trial.network, vae, partial(call, shown))
    without = replace(trial, positive=trial.negative)
    return max(knowing, walked(without, (blind, blind), trial.network, vae, partial(call, torch.zeros_like(shown))))


def animated(trial: Trial) -> float:
    """A character that takes another's place in a video, moved by poses and a face."""
    import diffusers

    vae = certain(randomised(autoencoder()))
    poses, background, character, face = (
        pictures(FRAMES, 1),
        pictures(FRAMES, 2),
        pictures(1, 3),
        pictures(FRAMES, 4, FACE),
    )
    mask = (pictures(FRAMES, 5)[..., 0] > 0.5).float()
    seen = torch.randn(1, 5, SEEN, generator=torch.Generator().manual_seed(3))
    told = wan_animate_to_video(
        **texts_of(trial),
        vae=encoding(vae),
        **SIZE,
        clip_vision_output=SimpleNamespace(penultimate_hidden_states=seen),
        reference_image=character,
        face_video=face,
        pose_video=poses,
        background_video=background,
        character_mask=mask,
    )
    if told[3:] != (1, 0, FRAMES) or told[2]["samples"].shape != trial.noise.shape:
        return float("nan")
    pipe = diffusers.WanAnimatePipeline(
        tokenizer=None,
        text_encoder=None,
        image_encoder=None,
        image_processor=None,
        vae=vae,
        scheduler=flow_scheduler(shift=3.0),
        transformer=trial.network,
    )
    pipe.check_inputs = lambda *_, **__: None  # as for pictures that move
    videos = {"pose": poses, "face": face, "background": background, "mask": mask}
    theirs = quiet(pipe)(
        image=painted(character[0]),
        image_embeds=seen,
        **{f"{name}_video": [painted(frame) for frame in frames] for name, frames in videos.items()},
        mode="replace",
        prompt_embeds=filled(trial.positive[0][0]),
        negative_prompt_embeds=filled(trial.negative[0][0]),
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=2.0,
        segment_frame_length=FRAMES,
        output_type="latent",
        height=PIXELS,
        width=PIXELS,
    ).frames
    ours = replace(trial, positive=told[0], negative=told[1]).walk(pipe.scheduler.sigmas, 2.0)
    return difference(WAN21.latent_format.to_stored(ours), theirs)


def animating():
    import diffusers

    return diffusers.WanAnimateTransformer3DModel(
        num_attention_heads=1,
        attention_head_dim=128,
        text_dim=TEXT,
        freq_dim=32,
        ffn_dim=64,
        num_layers=2,
        image_dim=SEEN,
        added_kv_proj_dim=128,
        motion_encoder_channel_sizes={"4": 6, "8": 5, "16": 4},
        motion_encoder_size=FACE,
        motion_style_dim=7,
        motion_dim=3,
        motion_encoder_dim=9,
        face_encoder_hidden_dim=8,
        face_encoder_num_heads=2,
        inject_face_latents_blocks=1,
    )


def published(state: State) -> dict[str, Tensor]:
    """The original layout of an Animate network, with its filters and with biases that have the shape of pictures."""
    shapes = Layout({name: tuple(tensor.shape) for name, tensor in state.items()})
    found = original({**WAN, **animate_table(shapes)}, state)
    for name in list(found):
        if ".enc.net_app." in name and name.endswith(".bias"):
            found[name] = found[name].reshape(1, -1, 1, 1)
        if name.endswith("skip.1.weight"):
            found[name.replace("skip.1.weight", "skip.0.kernel")] = torch.ones(4, 4)
    return found


def seeing_more(channels: int, *, reference: int = 0, rays: int = 0) -> nn.Module:
    return with_further_patches(network(channels), reference, rays, 1 if rays else 0)


def published_only(made: Case) -> Case:
    """A case without the layout of diffusers, which has no such network."""
    return replace(made, layouts={name: layout for name, layout in made.layouts.items() if name != "diffusers"})


CONTROL = case("wan 2.1 fun control", "wan21", partial(network, 48), SMALL, controlled, autoencoder)
CONTROL_22 = published_only(
    case("wan 2.2 fun control", "wan21", partial(seeing_more, 52, reference=16), SMALL, referred, autoencoder)
)
CAMERA = published_only(
    case("wan 2.1 fun camera", "wan21", partial(seeing_more, 32, rays=RAYS), SMALL, filmed, autoencoder)
)
PHANTOM = case("wan 2.1 phantom", "wan21", network, SMALL, subjects, autoencoder)
ANIMATE = replace(
    case("wan 2.2 animate", "wan21", animating, (16, 1 + LENGTH, SIDE, SIDE), animated, autoencoder),
    layouts={
        "original": lambda state: Loading(published(state)),
        "checkpoint": lambda state: Loading(prefixed(published(state))),
        "diffusers": Loading,
    },
)
