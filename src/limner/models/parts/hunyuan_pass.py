"""HunyuanVideo's network, and how it is called.

One network serves text to video and image to video by replaced tokens, whose files have the same tensors: whether the
first element of the video is a picture that is seen without noise, at time 0, is said in every pass. Other files have
further input channels: a picture at its place in the video and a mask, or the picture alone.

Source: Kong et al. 2024, "HunyuanVideo: a systematic framework for large video generative models"; the modules are
those of diffusers' HunyuanVideoTransformer3DModel.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.family import InputRequest, Pass
from limner.models.parts.flux_pass import told_guidance
from limner.models.parts.text_tokens import pooled_text, shown_text
from limner.models.parts.video_patches import SIDE, fitted_video, padded_video

GUIDANCE = 6.0
"""Where nothing is said, as the network was published."""

GUIDANCE_SCALE = 1000.0

EXACT = frozenset({"guidance"})

FIRST = "guiding_frame_index"
"""Option of a conditioning entry: the first element of the latent is a picture, and stays."""

REFERENCE = "ref_latent"
"""Option: a picture of somebody or something that the video shows."""

BEFORE = -1
"""Where a reference picture stands in time."""


class HunyuanVideoNetwork(nn.Module):
    """The modules of diffusers' network under their names, run for tokens of two times.

    Args:
        configuration: Arguments of HunyuanVideoTransformer3DModel.
    """

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        from diffusers import HunyuanVideoTransformer3DModel  # takes a second to import, so only when one is built

        super().__init__()
        made: Any = HunyuanVideoTransformer3DModel(**configuration, image_condition_type="token_replace")
        self.x_embedder: Any = made.x_embedder
        self.context_embedder: Any = made.context_embedder
        self.time_text_embed: Any = made.time_text_embed
        self.transformer_blocks: Any = made.transformer_blocks
        self.single_transformer_blocks: Any = made.single_transformer_blocks
        self.norm_out: Any = made.norm_out
        self.proj_out: Any = made.proj_out
        self.axes: tuple[int, ...] = tuple(made.config.rope_axes_dim)
        self.base = float(made.config.rope_theta)

    def forward(
        self,
        x: Tensor,
        timestep: Tensor,
        context: Tensor,
        pooled: Tensor,
        guidance: Tensor | None = None,
        reference: Tensor | None = None,
        *,
        begun: bool = False,
    ) -> Tensor:
        """What the network answers.

        No token is masked, so attention needs no mask: the fastest kernels take none.

        Args:
            x: Sides are multiples of a patch's.
            timestep: 0 to 1000.
            context: Text, nothing filled up.
            pooled: Pooled text.
            guidance: Times 1000; None for networks that know none.
            reference: A picture that is seen beside the video.
            begun: Whether the first element is told time 0 and no guidance.

        Shapes: x [n c t h w], timestep [n], context [n t d], pooled [n p], guidance [n], reference [n c r h' w'];
        returns [n c' t h w].
        """
        times, clean = self.time_text_embed(timestep, pooled, guidance)
        first = clean if begun else times
        elements, rows, columns = x.shape[2], x.shape[3] // SIDE, x.shape[4] // SIDE
        tokens, places = self.x_embedder(x), video_places((elements, rows, columns))
        own = tokens.shape[1]
        if reference is not None:
            sides = (reference.shape[2], reference.shape[3] // SIDE, reference.shape[4] // SIDE)
            tokens = torch.cat([tokens, self.x_embedder(reference)], dim=1)
            places = torch.cat([places, video_places(sides, time=BEFORE, left=columns)])
        turns = rotation(places.to(x.device), self.axes, self.base)
        text = self.context_embedder(context, timestep, None)
        for block in (*self.transformer_blocks, *self.single_transformer_blocks):
            tokens, text = block(tokens, text, times, None, turns, first, rows * columns)
        answer = self.proj_out(self.norm_out(tokens[:, :own], times))
        return _video(answer, (elements, rows, columns))


def _video(tokens: Tensor, size: tuple[int, int, int]) -> Tensor:
    """Tokens [n t*h*w c*2*2] of a size as a video [n c t 2h 2w]."""
    grid = tokens.reshape(len(tokens), *size, -1, SIDE, SIDE)
    return grid.permute(0, 4, 1, 2, 5, 3, 6).flatten(5, 6).flatten(3, 4)


def video_places(size: tuple[int, int, int], *, time: int = 0, left: int = 0) -> Tensor:
    """Time, row and column of the tokens of a video. Shapes: returns [t*h*w 3] float32."""
    axes = [torch.arange(count, dtype=torch.float32) for count in size]
    axes[0], axes[2] = axes[0] + time, axes[2] + left
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, len(size))


def rotation(places: Tensor, axes: tuple[int, ...], base: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the turns of pairs of numbers, each pair's written twice.

    Args:
        places: One number an axis, [t a].
        axes: How many numbers of a head turn with each axis.
        base: Of the wave lengths.

    Shapes: returns two [t sum(axes)]. Source: Su et al. 2021, equation 15.
    """
    angles: list[Tensor] = []
    for axis, width in enumerate(axes):
        speeds = base ** -(torch.arange(0, width, 2, dtype=torch.float32, device=places.device) / width)
        angles.append(torch.outer(places[:, axis], speeds).repeat_interleave(2, dim=1))
    turned = torch.cat(angles, dim=1)
    return turned.cos(), turned.sin()


def hunyuan_inputs(request: InputRequest) -> dict[str, Tensor]:
    """Network inputs of one conditioning entry.

    Options read: ``guidance``, ``pooled_output``, ``attention_mask``; ``concat_latent_image`` [b c t h w] with
    ``concat_mask`` [b 1 t h w], 1 = to be drawn; those of ``FIRST`` and ``REFERENCE``.

    Shapes: ``context`` [1 t d]; ``pooled`` [1 p]; ``guidance`` [1] where the network knows it; ``concat`` [1 k t h w]
    where it sees more than a latent; ``first`` [1 c 1 h w] for a latent that begins with a picture; ``reference``
    [1 c 1 h w].
    """
    facts, channels = request.facts, request.latent_format.channels
    found = {"context": shown_text(request), "pooled": pooled_text(request, int(str(facts["pooled_projection_dim"])))}
    if facts.get("guidance_embeds"):
        found["guidance"] = told_guidance(request, GUIDANCE)
    beside = int(str(facts["in_channels"])) - channels
    if beside:
        found["concat"] = _beside(request, beside)
        return found
    if request.entry.get(FIRST) is not None:
        found["first"] = request.latent[:1, :, :1].float().cpu()
    reference = request.entry.get(REFERENCE)
    if reference is not None:
        moving = reference if reference.ndim == 5 else reference.unsqueeze(2)
        found["reference"] = padded_video(request.latent_format.to_model(moving[:1, :, :1].float()))
    return found


def _beside(request: InputRequest, beside: int) -> Tensor:
    """A picture at its place in the video, and a mask that is 1 where it is known. Shapes: returns [1 beside t h w]."""
    picture, drawn = request.entry.get("concat_latent_image"), request.entry.get("concat_mask")
    channels, size = request.latent_format.channels, request.latent.shape[-3:]
    if picture is None:
        return torch.zeros(1, beside, *size)
    shown = fitted_video(request.latent_format.to_model(picture.float()), request.latent).cpu()
    if beside == channels:
        return shown
    known = torch.zeros(1, 1, *size) if drawn is None else fitted_video(1.0 - drawn.float(), request.latent).cpu()
    return torch.cat([shown, known[:, :1]], dim=1)


def hunyuan_forward(network: Any, call: Pass) -> Tensor:
    """One pass through HunyuanVideoNetwork."""
    x, inputs = call.x, call.inputs
    if "concat" in inputs:
        x = torch.cat([x, inputs["concat"]], dim=1)
    if "first" in inputs:
        x = torch.cat([inputs["first"], x[:, :, 1:]], dim=2)
    guidance = inputs.get("guidance")
    output = network(
        padded_video(x),
        call.timestep,
        inputs["context"],
        inputs["pooled"],
        None if guidance is None else guidance * GUIDANCE_SCALE,
        inputs.get("reference"),
        begun="first" in inputs,
    )
    return output[..., : call.x.shape[-2], : call.x.shape[-1]]
