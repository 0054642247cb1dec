"""What Wan's networks are told beside the text: first and last pictures, videos that steer, what is drawn anew."""

from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Flags, Number, Socket, node
from limner.media.resize import resize_images, resize_masks
from limner.models.parts.wan_latent import MEAN
from limner.models.vision.encoder import SeenPicture
from limner.nodes.autoencoding import COLOURS, present
from limner.nodes.conditioning import with_options
from limner.nodes.latents_empty import Frames4, Wide, empty_video
from limner.nodes.sockets import CONDITIONING, LATENT, VAE
from limner.nodes.widgets import LARGEST_SIDE, BatchSize

CATEGORY = "conditioning/video_models"
ANSWERS = ("positive", "negative", "latent")

Pictures = Annotated[Any, Socket("IMAGE"), Flags(optional=True)]
Masks = Annotated[Any, Socket("MASK"), Flags(optional=True)]
Seen = Annotated[Any, Socket("CLIP_VISION_OUTPUT"), Flags(optional=True)]
Wider = Annotated[int, Number(min=32, max=LARGEST_SIDE, step=32)]
Told = tuple[CONDITIONING, CONDITIONING, LATENT]

STRIDE, DOWNSCALE, CHANNELS = 4, 8, 16
"""Frames and pixels an element, channels: Wan 2.1's autoencoder."""

GREY = 0.5
"""Stands where nothing is known: zero, as networks see pictures."""


def elements(length: int) -> int:
    """Latent elements in time of so many frames."""
    return (length - 1) // STRIDE + 1


def fitted(pictures: Tensor, size: tuple[int, int], length: int) -> Tensor:
    """The first pictures of a batch at a size (width, height), cut to its aspect ratio. Shapes: [b h w c]."""
    return resize_images(pictures[:length, ..., :COLOURS].float(), *size, "bilinear", "center")


def grey(length: int, size: tuple[int, int]) -> Tensor:
    """Frames of which nothing is known. Shapes: returns [length h w 3]."""
    return torch.full((length, size[1], size[0], COLOURS), GREY)


def begun(
    positive: CONDITIONING, negative: CONDITIONING, latent: LATENT, options: dict[str, Any], seen: SeenPicture | None
) -> Told:
    """Both conditionings with options, and with what a vision encoder saw if there is that."""
    told = options if seen is None else {**options, "clip_vision_output": seen}
    if not told:
        return positive, negative, latent
    return with_options(positive, **told), with_options(negative, **told), latent


def known_frames(vae: Any, video: Tensor, known: Tensor) -> dict[str, Any]:
    """Options that show a network the known frames of a video.

    Shapes: video [t h w 3]; known [t], whether a frame is. An element has a mask for each of its frames; the first
    element's one frame counts for all.
    """
    latent = vae.encode(video)
    whole = torch.cat([known[:1].repeat(STRIDE - 1), known])
    drawn = 1.0 - whole.float().reshape(-1, STRIDE).T[None, :, :, None, None]
    return {"concat_latent_image": latent, "concat_mask": drawn.expand(-1, -1, -1, *latent.shape[-2:])}


@node(name="WanImageToVideo", title="WanImageToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_image_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    clip_vision_output: Seen = None,
    start_image: Pictures = None,
) -> Told:
    """Lets a video begin with pictures. Of a batch every picture is a frame."""
    return _between(
        (positive, negative), vae, (width, height), length, batch_size, clip_vision_output, start_image, None
    )


@node(name="WanFirstLastFrameToVideo", title="WanFirstLastFrameToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_first_last_frame_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    clip_vision_start_image: Seen = None,
    clip_vision_end_image: Seen = None,
    start_image: Pictures = None,
    end_image: Pictures = None,
) -> Told:
    """Lets a video begin with one picture and end with another; either may be missing."""
    seen = _both(clip_vision_start_image, clip_vision_end_image)
    return _between((positive, negative), vae, (width, height), length, batch_size, seen, start_image, end_image)


@node(name="WanFunInpaintToVideo", title="WanFunInpaintToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_fun_inpaint_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    clip_vision_output: Seen = None,
    start_image: Pictures = None,
    end_image: Pictures = None,
) -> Told:
    """The same for the Fun networks, which see one picture through CLIP."""
    return _between(
        (positive, negative), vae, (width, height), length, batch_size, clip_vision_output, start_image, end_image
    )


def _between(
    texts: tuple[CONDITIONING, CONDITIONING],
    vae: Any,
    size: tuple[int, int],
    length: int,
    batch: int,
    seen: SeenPicture | None,
    start: Tensor | None,
    end: Tensor | None,
) -> Told:
    """What is told of a video whose first and last frames may be known."""
    latent = empty_video(batch, CHANNELS, length, STRIDE, (size[1], size[0]), DOWNSCALE)
    if start is None and end is None:
        return begun(*texts, latent, {}, seen)
    video, known = grey(length, size), torch.zeros(length, dtype=torch.bool)
    if start is not None:
        first = fitted(start, size, length)
        video[: len(first)], known[: len(first)] = first, True
    if end is not None:
        last = fitted(end[-length:], size, length)
        video[length - len(last) :], known[length - len(last) :] = last, True
    return begun(*texts, latent, known_frames(present(vae), video, known), seen)


def _both(first: SeenPicture | None, last: SeenPicture | None) -> SeenPicture | None:
    """What was seen in two pictures, one after the other."""
    if first is None or last is None:
        return last if first is None else first
    return SeenPicture(
        torch.cat([first.last_hidden_state, last.last_hidden_state], dim=1),
        torch.cat([first.penultimate_hidden_states, last.penultimate_hidden_states], dim=1),
        torch.cat([first.image_embeds, last.image_embeds]),
    )


@node(name="WanFunControlToVideo", title="WanFunControlToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_fun_control_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    clip_vision_output: Seen = None,
    start_image: Pictures = None,
    control_video: Pictures = None,
) -> Told:
    """Steers a Fun control network by a video of poses, depths or edges, and lets it begin with pictures."""
    size, network = (width, height), present(vae)
    latent = empty_video(batch_size, CHANNELS, length, STRIDE, (height, width), DOWNSCALE)
    shape = (1, CHANNELS, *latent["samples"].shape[2:])
    shown = [_shown(network, pictures, size, length, shape) for pictures in (control_video, start_image)]
    told = {"concat_latent_image": torch.cat(shown, dim=1)}
    return begun(positive, negative, latent, told, clip_vision_output)


def _shown(vae: Any, pictures: Tensor | None, size: tuple[int, int], length: int, shape: tuple[int, ...]) -> Tensor:
    """The latent of a video, grey where pictures are missing. Shapes: returns [1 c t h w]."""
    video = grey(length, size)
    if pictures is not None:
        given = fitted(pictures, size, length)
        video[: len(given)] = given
    return vae.encode(video)[:, :, : shape[2]]


@node(
    name="WanVaceToVideo",
    title="WanVaceToVideo",
    category=CATEGORY,
    outputs=("positive", "negative", "latent", "trim_latent"),
)
def wan_vace_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    strength: Annotated[float, Number(min=0.0, max=1000.0, step=0.01)] = 1.0,
    control_video: Pictures = None,
    control_masks: Masks = None,
    reference_image: Pictures = None,
) -> tuple[CONDITIONING, CONDITIONING, LATENT, int]:
    """Steers a VACE network by a video, of which only the masked part is to be drawn, and by a reference picture.

    The reference comes first in the latent: cut ``trim_latent`` elements off with TrimVideoLatent before decoding.
    Frames that the video lacks are grey, masks that are missing say that everything is to be drawn.
    """
    size, network = (width, height), present(vae)
    video, masks = grey(length, size), torch.ones(length, height, width)
    if control_video is not None:
        given = fitted(control_video, size, length)
        video[: len(given)] = given
    if control_masks is not None:
        drawn = resize_masks(control_masks.float(), width, height)[:length]
        masks[: len(drawn) if len(drawn) > 1 else length] = drawn
    frames, fine = _steering(network, video, masks)
    reference = 0
    if reference_image is not None:
        seen = network.encode(fitted(reference_image[:1], size, 1))
        reference = seen.shape[2]
        frames = torch.cat([torch.cat([seen, _nothing(network, seen)], dim=1), frames], dim=2)
        fine = torch.cat([torch.zeros_like(fine[:, :, :reference]), fine], dim=2)
    told = {"vace_frames": [frames], "vace_mask": [fine], "vace_strength": [strength]}
    latent = empty_video(batch_size, CHANNELS, length + STRIDE * reference, STRIDE, (height, width), DOWNSCALE)
    return *begun(positive, negative, latent, told, None), reference


def _steering(vae: Any, video: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """Latents of what stays and of what is to be drawn, and masks with every pixel of an element as a channel.

    Shapes: video [t h w 3], masks [t h w]; returns [1 2c t' h/8 w/8], [1 64 t' h/8 w/8].
    """
    drawn = (masks > GREY).float()[..., None]
    stays, goes = ((video - GREY) * part + GREY for part in (1 - drawn, drawn))
    frames = torch.cat([vae.encode(stays), vae.encode(goes)], dim=1)
    fine = torch.nn.functional.pixel_unshuffle(masks[:, None], DOWNSCALE).movedim(0, 1)[None]
    # Of the frames of an element the one in its middle speaks for it, as in the published code.
    fine = torch.nn.functional.interpolate(fine, size=tuple(frames.shape[2:]), mode="nearest-exact")
    return frames, fine


def _nothing(vae: Any, like: Tensor) -> Tensor:
    """A stored latent that is zero where the network sees it."""
    return torch.tensor(MEAN).reshape(1, -1, 1, 1, 1).expand_as(like)


@node(name="Wan22ImageToVideoLatent", title="Wan22ImageToVideoLatent", category="conditioning/inpaint")
def wan22_image_to_video_latent(
    *,
    vae: VAE,
    width: Wider = 1280,
    height: Wider = 704,
    length: Frames4 = 49,
    batch_size: BatchSize = 1,
    start_image: Pictures = None,
) -> LATENT:
    """An empty video for Wan 2.2 (5B), or one that begins with pictures, which stay as they are."""
    latent = empty_video(batch_size, 48, length, STRIDE, (height, width), DOWNSCALE * 2)
    if start_image is None:
        return latent
    given = fitted(start_image, (width, height), length)
    whole = (len(given) - 1) // STRIDE * STRIDE + 1
    known = present(vae).encode(given[:whole])
    samples = latent["samples"]
    free = torch.ones(1, 1, *samples.shape[2:])
    samples[:, :, : known.shape[2]], free[:, :, : known.shape[2]] = known, 0.0
    return {"samples": samples, "noise_mask": free}
