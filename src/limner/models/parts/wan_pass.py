"""How Wan's networks are built from files and called.

Beside the noisy video a network may see others, channel by channel: which frames are known (four channels, one for each
frame of an element) and these frames; a video that steers; both. How many there are is told from the width of its first
layer. Frames that are given and stay can also lie in the video itself, without noise and at time 0: so Wan 2.2 with 5
billion weights begins with a picture. Pictures of what is to be seen, but at no time of the video, are further frames
before it (Fun networks) or behind it (Phantom).

Source: Wan et al. 2025, "Wan: open and advanced large-scale video generative models".
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad, pixel_unshuffle

from limner.graph.errors import NumericsError
from limner.models.family import InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.transformer import transformer_blueprint
from limner.models.parts.video_patches import SIDE, fitted_video, padded_video
from limner.models.parts.wan_animate import MARK, animate_configuration, animate_inputs, animate_table, with_flat_biases
from limner.models.parts.wan_keys import WAN
from limner.models.parts.wan_patches import further_channels, with_further_patches

HEAD = 128
"""Width of an attention head, in every network of the family."""

TOKENS = 512
"""Of a text; what is missing is zeros that the network does look at."""

LAYOUTS = KnownLayouts(
    original=("head.modulation", "time_projection.1.weight", "patch_embedding.weight"),
    diffusers=("scale_shift_table", "condition_embedder.time_proj.weight", "patch_embedding.weight"),
    table=lambda layout: {**WAN, **animate_table(layout)} if layout.has(MARK) else WAN,
)


def latent_channels(layout: Layout) -> int | None:
    """Channels of the latents that a file's network makes; None if the file holds no network of Wan's."""
    prefix = LAYOUTS.prefix(layout)
    if prefix is None:
        return None
    rows = layout.shape(f"{prefix}head.head.weight") or layout.shape(f"{prefix}proj_out.weight")
    return rows[0] // SIDE**2 if rows else None


def wan_blueprint(layout: Layout) -> Blueprint:
    """How to build and fill a file's network."""
    found = LAYOUTS.read(layout)
    sources, configuration = found.sources, _configuration(found.shapes)
    network = "WanTransformer3DModel"
    if found.shapes.has("vace_blocks."):
        network, configuration = "WanVACETransformer3DModel", configuration | _steered(found.shapes)
    elif found.shapes.has(MARK):
        network, configuration = "WanAnimateTransformer3DModel", configuration | animate_configuration(found.shapes)
        sources = with_flat_biases(sources, layout)
    further = further_channels(found.shapes)
    facts = {f"{name}_channels": further[name] for name in ("reference", "rays") if further[name]}
    plain = transformer_blueprint(network, configuration, sources, found.prefix, facts)
    return replace(plain, build=lambda: with_further_patches(plain.build(), **further)) if facts else plain


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' WanTransformer3DModel from shapes."""
    width, channels, *patch = shapes.shape("patch_embedding.weight")
    image = shapes.shape("condition_embedder.image_embedder.norm1.weight")
    places = shapes.shape("condition_embedder.image_embedder.pos_embed")
    return {
        "patch_size": tuple(patch),
        "num_attention_heads": width // HEAD,
        "attention_head_dim": HEAD,
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0] // SIDE**2,
        "text_dim": shapes.shape("condition_embedder.text_embedder.linear_1.weight")[1],
        "freq_dim": shapes.shape("condition_embedder.time_embedder.linear_1.weight")[1],
        "ffn_dim": shapes.shape("blocks.0.ffn.net.0.proj.weight")[0],
        "num_layers": shapes.count("blocks.{}."),
        "image_dim": image[0] if image else None,
        "added_kv_proj_dim": width if "blocks.0.attn2.add_k_proj.weight" in shapes else None,
        "pos_embed_seq_len": places[1] if places else None,
    }


def _steered(shapes: Layout) -> dict[str, Any]:
    """Further arguments of WanVACETransformer3DModel: its own blocks stand beside evenly spaced ones of the others."""
    own, all_blocks = shapes.count("vace_blocks.{}."), shapes.count("blocks.{}.")
    step = max(1, all_blocks // own)
    return {
        "vace_layers": [number * step for number in range(own)],
        "vace_in_channels": shapes.shape("vace_patch_embedding.weight")[1],
    }


def wan_inputs(request: InputRequest) -> dict[str, Tensor]:
    """Network inputs of one conditioning entry.

    Options read: ``concat_latent_image`` [b k*c t h w], ``concat_mask`` [b 1 or 4 t h w] with 1 = to be drawn,
    ``clip_vision_output``; ``time_dim_concat`` [b c k h w], frames behind the video, and those that
    ``further_inputs``, ``steering_inputs`` and ``animate_inputs`` read where the network has a place for them.

    Shapes: ``context`` [1 t d]; ``concat`` [1 k t h w]; ``seen`` [1 t d]; ``behind`` [1 c k h w]. Families may add
    those of ``kept_inputs``.
    """
    text, facts = request.context, request.facts
    wanted = TOKENS if facts.get("image_dim") else max(TOKENS, text.shape[1])
    found = {"context": pad(text[:, :wanted], (0, 0, 0, wanted - min(wanted, text.shape[1])))}
    channels = request.latent_format.channels
    beside = int(str(facts["in_channels"])) - channels
    if beside:
        found["concat"] = _beside(request, beside, channels)
    seen = request.entry.get("clip_vision_output")
    if seen is not None and facts.get("image_dim"):
        found["seen"] = seen.penultimate_hidden_states[:2].flatten(0, 1)[None]
    behind = request.entry.get("time_dim_concat")
    if behind is not None:
        found["behind"] = _pictures(request, behind)
    if "vace_in_channels" in facts:
        found |= steering_inputs(request)
    if "motion_encoder_size" in facts:
        found |= animate_inputs(request)
    return found | further_inputs(request)


def _pictures(request: InputRequest, stored: Tensor) -> Tensor:
    """Frames of their own, as large as the latent. Shapes: stored [b c k h w]; returns [1 c k h w]."""
    frames = request.latent_format.to_model(stored[:1].float())
    return fitted_video(frames, request.latent[:1, :, :1].expand(-1, -1, frames.shape[2], -1, -1)).cpu()


def _beside(request: InputRequest, beside: int, channels: int) -> Tensor:
    """What the network sees beside the noisy video. Shapes: returns [1 beside t h w].

    Of several videos the last is the one with known frames; their mask stands before it.
    """
    picture, mask = request.entry.get("concat_latent_image"), request.entry.get("concat_mask")
    size, known, count = request.latent.shape[-3:], beside % channels, beside // channels
    parts: list[Tensor] = []
    for number in range(count):
        part = None if picture is None else picture[:, number * channels : (number + 1) * channels]
        if part is None or part.shape[1] < channels:
            parts.append(torch.zeros(1, channels, *size))
        else:
            parts.append(fitted_video(request.latent_format.to_model(part.float()), request.latent).cpu())
    if known:
        drawn = torch.ones(1, known, *size) if mask is None or picture is None else fitted_video(mask, request.latent)
        parts.insert(max(0, count - 1), 1.0 - drawn.expand(-1, known, -1, -1, -1).cpu())
    return torch.cat(parts, dim=1)


def further_inputs(request: InputRequest) -> dict[str, Tensor]:
    """What a Fun network sees of a reference picture and of a camera.

    Options read: ``reference_latents``, a list of [b c 1 h w] of which the first counts, zeros where it is missing;
    ``camera_conditions`` [b 24 t 8h 8w].

    Shapes: ``reference`` [1 c 1 h w]; ``rays`` [1 24*64 t h w].
    """
    found: dict[str, Tensor] = {}
    if "reference_channels" in request.facts:
        pictures = request.entry.get("reference_latents") or ()
        empty = torch.zeros(1, request.latent.shape[1], 1, *request.latent.shape[-2:])
        found["reference"] = _pictures(request, pictures[0][:, :, :1]) if pictures else empty
    rays = request.entry.get("camera_conditions")
    if rays is not None and "rays_channels" in request.facts:
        found["rays"] = _rays(request, rays)
    return found


def _rays(request: InputRequest, rays: Tensor) -> Tensor:
    """The rays of every pixel of an element as channels."""
    side = request.latent_format.downscale
    frames, height, width = request.latent.shape[-3:]
    like = torch.empty(1, 1, frames, height * side, width * side, device="meta")
    fine = pixel_unshuffle(fitted_video(rays, like)[0].movedim(1, 0), side)
    return fine.movedim(0, 1)[None].cpu()


def steering_inputs(request: InputRequest) -> dict[str, Tensor]:
    """The video that steers a VACE network, with its mask; one that is not steered is given zeros.

    Options read: ``vace_frames``, a list of [1 2c t h w] as stored; ``vace_mask``, one of [1 64 t h w];
    ``vace_strength``.

    Shapes: ``steering`` [1 k t h w] and ``strength`` [1].

    Raises:
        NumericsError: if there are several.
    """
    videos, masks, strengths = (list(request.entry.get(f"vace_{name}", ())) for name in ("frames", "mask", "strength"))
    if len(videos) > 1:
        raise NumericsError(f"A VACE network is steered by one video, but {len(videos)} came. Remove the others.")
    if not videos:
        channels, size = int(str(request.facts["vace_in_channels"])), request.latent.shape[-3:]
        return {"steering": torch.zeros(1, channels, *size), "strength": torch.zeros(1)}
    halves = [request.latent_format.to_model(half.float()) for half in videos[0].chunk(2, dim=1)]
    made = torch.cat([fitted_video(part, request.latent).cpu() for part in (*halves, masks[0])], dim=1)
    return {"steering": made, "strength": torch.tensor([float(strength) for strength in strengths[:1]] or [1.0])}


def wan_forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' WanTransformer3DModel, or a sibling of it."""
    x, timestep, inputs = call.x, call.timestep, call.inputs
    before, behind = inputs.get("reference"), inputs.get("behind")
    start, end = (0 if part is None else part.shape[2] for part in (before, behind))
    if "free" in inputs:
        x = x * inputs["free"] + inputs["kept"] * (1 - inputs["free"])
        timestep = _times(timestep, inputs["free"], start, end)
    x = torch.cat([x, *(inputs[name] for name in ("concat", "rays") if name in inputs)], dim=1)
    x = torch.cat([_widened(part, x) for part in (before, x, behind) if part is not None], dim=2)
    output = network(
        hidden_states=padded_video(x),
        timestep=timestep,
        encoder_hidden_states=inputs["context"],
        encoder_hidden_states_image=inputs.get("seen"),
        return_dict=False,
        **_further_arguments(network, inputs),
    )[0]
    frames, height, width = call.x.shape[-3:]
    return output[:, :, start : start + frames, :height, :width]


def _times(timestep: Tensor, free: Tensor, before: int, behind: int) -> Tensor:
    """The time of every token: 0 where frames stay; further frames have the video's. Shapes: returns [n t]."""
    whole = pad(free.to(timestep.dtype), (0, 0, 0, 0, before, behind), value=1.0)
    times = padded_video(whole)[:, 0, :, ::SIDE, ::SIDE]
    return (times * timestep.reshape(-1, 1, 1, 1)).flatten(1)


def _widened(frames: Tensor, x: Tensor) -> Tensor:
    """Frames with as many channels as a video has with what is beside it; those are zero."""
    return pad(frames, (0, 0, 0, 0, 0, 0, 0, x.shape[1] - frames.shape[1]))


def _further_arguments(network: Any, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Arguments of the siblings. Every layer of a VACE network has the same strength, each sample its own."""
    if "pose" in inputs:
        return {"pose_hidden_states": padded_video(inputs["pose"]), "face_pixel_values": inputs["face"]}
    if "steering" not in inputs:
        return {}
    strengths = inputs["strength"].reshape(1, -1, 1, 1).expand(len(network.config.vace_layers), -1, -1, -1)
    return {"control_hidden_states": padded_video(inputs["steering"]), "control_hidden_states_scale": strengths}
