"""Wan's videos in which parts of a picture move along tracks that somebody drew (ATI)."""

import json
from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Number, Text, node
from limner.graph.errors import NumericsError
from limner.models.parts.motion_tracks import Tracks, painted
from limner.nodes.autoencoding import present
from limner.nodes.latents_empty import Frames4, Wide
from limner.nodes.sockets import CONDITIONING, IMAGE, VAE
from limner.nodes.videos_wan import wan_image_to_video
from limner.nodes.videos_wan_frames import (
    ANSWERS,
    CATEGORY,
    STRIDE,
    Canvas,
    Seen,
    Told,
    begun,
    elements,
    known_frames,
    nothing,
)
from limner.nodes.widgets import BatchSize

POINTS = 121
"""Of a track that lasts as long as the video; one that has fewer ends earlier."""

EXPECTED = (
    'Tracks are a JSON list of tracks, each a list of points {"x": 10, "y": 20} in pixels, 121 of them for the whole '
    "video; or one such track."
)


@node(name="WanTrackToVideo", title="WanTrackToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_track_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    tracks: Annotated[str, Text(multiline=True)] = "[]",
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    temperature: Annotated[float, Number(min=1.0, max=1000.0, step=0.1)] = 220.0,
    topk: Annotated[int, Number(min=1, max=10)] = 2,
    start_image: IMAGE,
    clip_vision_output: Seen = None,
) -> Told:
    """Moves parts of a picture along tracks, for networks that were trained so (ATI).

    A track is a list of points in pixels, ``{"x": 10, "y": 20}``, 121 of them for the whole video; several tracks are
    a list of lists. A higher ``temperature`` makes what moves smaller; ``topk`` tracks count at a place.

    Source: Wang et al. 2025, "ATI: Any trajectory instruction for controllable video generation".
    """
    found = read_tracks(tracks)
    texts, canvas, network = (positive, negative), Canvas(width, height, length), present(vae)
    if not found or length <= STRIDE:
        return wan_image_to_video(
            positive=positive,
            negative=negative,
            vae=vae,
            width=width,
            height=height,
            length=length,
            batch_size=batch_size,
            clip_vision_output=clip_vision_output,
            start_image=start_image[:1],
        )
    told = known_frames(network, canvas.frames(start_image[:1]), torch.arange(length) == 0)
    still = told["concat_latent_image"]
    zero = nothing(tuple(still.shape))
    moved, covered = painted(still - zero, _in_time(found, canvas), STRIDE, temperature, topk)
    told = {"concat_latent_image": moved + zero, "concat_mask": 1 - covered.expand(1, STRIDE, *covered.shape)}
    return begun(texts, canvas.empty(batch_size), told, clip_vision_output)


def read_tracks(text: str) -> list[Tensor]:
    """The tracks of a text, each [n 2], x and y in pixels.

    Raises:
        NumericsError: if it is something else.
    """
    try:
        # Editors write lists in Python's quotes.
        stated: Any = json.loads(text.replace("'", '"') or "[]")
        several = [stated] if stated and isinstance(stated[0], dict) else stated
        found = [torch.tensor([[float(point["x"]), float(point["y"])] for point in track]) for track in several]
    except (ValueError, TypeError, KeyError) as error:
        raise NumericsError(f"{EXPECTED} This is none: {text[:100]!r}.") from error
    return [track[:POINTS] for track in found if len(track)]


def _in_time(tracks: list[Tensor], canvas: Canvas) -> Tracks:
    """Tracks with one place for each frame of a video, where the network wants them."""
    places, visible = torch.zeros(POINTS, len(tracks), 2), torch.zeros(POINTS, len(tracks))
    middle, scale = torch.tensor([canvas.width, canvas.height]) / 2, min(canvas.size) / 2
    for number, track in enumerate(tracks):
        places[: len(track), number], visible[: len(track), number] = (track - middle) / scale, 1.0
    frames = (elements(canvas.length) - 1) * STRIDE
    later = (torch.arange(frames) + 0.5) * (POINTS - 1) / frames
    chosen = torch.cat([torch.zeros(1), later.floor() + 1]).long()
    return Tracks(places[chosen], visible[chosen])
