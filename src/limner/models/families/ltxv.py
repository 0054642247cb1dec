"""LTX-Video with 2 and 13 billion weights: videos in a coarse latent, 32 pixels and 8 frames an element.

The network reads places in seconds and pixels, so it is told how many frames a second has. What lies in the latent and
must stay, a first picture for instance, it sees without noise, told that its time is 0. Pictures for later frames,
which one element cannot stand for, lie behind the video's last element and are told the frame that they are meant for.

Source: HaCohen et al. 2024, "LTX-Video: realtime video latent diffusion"; guides as in diffusers'
LTXConditionPipeline.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.kept_frames import kept_inputs
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.ltx_keys import LTX
from limner.models.parts.text_tokens import shown_text
from limner.models.parts.transformer import transformer_blueprint
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

CHANNELS, DOWNSCALE, FRAMES = 128, 32, 8

HEADS = 32
"""Of every network of the family; their width differs."""

FRAME_RATE = 25.0
"""Where nobody says another."""

SHIFT = 2.37
"""Logarithm of the factor by which steps move towards noise, for a latent of usual size; nodes fit it to others."""

TIME_SCALE = 1000.0

GUIDES = "guide_frames"
"""Option of a conditioning entry: the frames that the latent's last elements begin with, which are guides."""

LARGE = 48
"""Layers of the networks of 13 billion weights; there are none that are older than 0.9.7."""

LAYOUTS = KnownLayouts(
    original=("patchify_proj.weight", "caption_projection.linear_1.weight", "adaln_single.linear.weight"),
    diffusers=("proj_in.weight", "caption_projection.linear_1.weight", "time_embed.linear.weight"),
    table=lambda _: LTX,
)


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    configuration = _configuration(found.shapes)
    facts = {"causal_places": configuration["num_layers"] >= LARGE or _causal(layout)}
    return transformer_blueprint("LTXVideoTransformer3DModel", configuration, found.sources, found.prefix, facts)


def _causal(layout: Layout) -> bool:
    """Whether the first element's place is that of its one frame: so networks since 0.9.5 say in the file."""
    stated = json.loads(layout.metadata.get("config", "{}"))
    return bool(stated.get("transformer", {}).get("causal_temporal_positioning", False))


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' LTXVideoTransformer3DModel from shapes."""
    width, channels = shapes.shape("proj_in.weight")
    return {
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0],
        "num_attention_heads": HEADS,
        "attention_head_dim": width // HEADS,
        "cross_attention_dim": shapes.shape("transformer_blocks.0.attn2.to_k.weight")[1],
        "num_layers": shapes.count("transformer_blocks.{}."),
        "caption_channels": shapes.shape("caption_projection.linear_1.weight")[1],
    }


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d]; ``places`` [1 3 t h w], seconds and pixels; those of ``kept_inputs``."""
    rate = float(request.entry.get("frame_rate", FRAME_RATE)) or FRAME_RATE
    guides = tuple(request.entry.get(GUIDES, ()))
    elements, *sides = request.latent.shape[-3:]
    # Networks that know guides are among those that read places so.
    causal = bool(request.facts.get("causal_places") or guides)
    began = [*first_frames(_without(guides, elements), causal=causal), *guides]
    return {"context": shown_text(request), "places": places(began, sides, rate)} | kept_inputs(request)


def _without(guides: tuple[int, ...], elements: int) -> int:
    """Elements of a video, without its guides.

    Raises:
        NumericsError: if there are none left.
    """
    if elements <= len(guides):
        raise NumericsError(
            f"The conditioning has {len(guides)} elements of guides, so that of a latent with {elements} nothing is "
            "left for the video. Sample the latent that LTXVAddGuide gave, or cut the guides off both with "
            "LTXVCropGuides."
        )
    return elements - len(guides)


def first_frames(elements: int, *, causal: bool) -> list[int]:
    """The frame that each element of a video begins with; causal: the first element stands for one frame."""
    return [max(0, FRAMES * element - (FRAMES - 1) * causal) for element in range(elements)]


def places(began: Sequence[int], sides: Sequence[int], rate: float) -> Tensor:
    """Where elements stand.

    Args:
        began: The frame with which each element in time begins.
        sides: Elements in height and width.
        rate: Frames a second.

    Shapes: returns [1 3 t h w], in seconds, pixels, pixels.
    """
    rows, columns = (torch.arange(count, dtype=torch.float32) * DOWNSCALE for count in sides)
    seconds = torch.tensor(began, dtype=torch.float32) / rate
    return torch.stack(torch.meshgrid(seconds, rows, columns, indexing="ij"))[None]


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' LTXVideoTransformer3DModel."""
    x, timestep, inputs = call.x, call.timestep * TIME_SCALE, call.inputs
    if "free" in inputs:
        x = x * inputs["free"] + inputs["kept"] * (1 - inputs["free"])
        timestep = (inputs["free"][:, 0].to(timestep.dtype) * timestep.reshape(-1, 1, 1, 1)).flatten(1)
    output = network(
        hidden_states=x.flatten(2).transpose(1, 2),
        encoder_hidden_states=inputs["context"],
        timestep=timestep,
        encoder_attention_mask=None,
        video_coords=inputs["places"].flatten(2),
        return_dict=False,
    )[0]
    return output.transpose(1, 2).reshape(call.x.shape)


LTXV = Family(
    name="ltxv",
    doc="LTX-Video: transformer with T5 XXL text, rectified flow, 768 x 512 px.",
    recognise=LAYOUTS.recognise,
    network=_network,
    parametrization=lambda layout: FlowParametrization(math.exp(SHIFT), timestep_scale=1.0),
    latent_format=LatentFormat(channels=CHANNELS, downscale=DOWNSCALE, scale=1.0, frames=FRAMES),
    native_size=768,
    inputs=_inputs,
    forward=_forward,
    exact=frozenset({"places"}),
    wide=True,
)
