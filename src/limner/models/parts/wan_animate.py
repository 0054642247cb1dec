"""Wan 2.2 Animate: a character that moves and speaks as another one does.

The network sees a reference picture as the latent's first frame, poses added to the others' tokens, and a video of a
face, from which a small network of its own takes what the face does.

Source: Cheng et al. 2025, "Wan-Animate"; Wang et al. 2022, "Latent image animator", for the motion of faces.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from limner.models.family import InputRequest
from limner.models.load.blueprint import Source
from limner.models.load.layout import Layout
from limner.models.load.renaming import Dropped, Rule, Split, Table
from limner.models.parts.video_patches import fitted_video
from limner.models.parts.wan_latent import FRAMES

MARK = "motion_encoder."
"""Begins names of tensors that no other network of Wan's has."""

SMALLEST = 2
"""Logarithm of the side, in elements, at which the encoder of faces becomes a vector."""

BLACK = -1.0
"""A face that does nothing, as networks see pictures."""

PUBLISHED = "motion_encoder.enc.net_app.convs"


def animate_table(layout: Layout) -> Table:
    """The key map of what an Animate network has beside others, for a file in either layout."""
    found = layout.count(f"{PUBLISHED}.{{}}.") - 2, layout.count("motion_encoder.res_blocks.{}.")
    blocks = max(found)
    table: dict[str, Rule] = {
        f"{PUBLISHED}.0.0": "motion_encoder.conv_in",
        f"{PUBLISHED}.0.1": "motion_encoder.conv_in.act_fn",
        f"{PUBLISHED}.{blocks + 1}": "motion_encoder.conv_out",
        "motion_encoder.enc.fc.{}": "motion_encoder.motion_network.{}",
        "motion_encoder.dec.direction.weight": "motion_encoder.motion_synthesis_weight",
        "face_adapter.fuser_blocks.{}.linear1_q": "face_adapter.{}.to_q",
        "face_adapter.fuser_blocks.{}.linear1_kv": Split(("face_adapter.{}.to_k", "face_adapter.{}.to_v")),
        "face_adapter.fuser_blocks.{}.linear2": "face_adapter.{}.to_out",
        "face_adapter.fuser_blocks.{}.q_norm": "face_adapter.{}.norm_q",
        "face_adapter.fuser_blocks.{}.k_norm": "face_adapter.{}.norm_k",
    }
    for name in ("conv1_local", "conv2", "conv3"):
        table[f"face_encoder.{name}.conv"] = f"face_encoder.{name}"
    for block in range(blocks):
        table |= _residual(f"{PUBLISHED}.{block + 1}", f"motion_encoder.res_blocks.{block}")
    return table


def _residual(old: str, new: str) -> dict[str, Rule]:
    """A block that halves its picture; the filter that blurs before is known, whether a file has it or not."""
    return {
        f"{old}.conv1.0": f"{new}.conv1",
        f"{old}.conv1.1": f"{new}.conv1.act_fn",
        f"{old}.conv2.0.kernel": Dropped(),
        f"{old}.conv2.1": f"{new}.conv2",
        f"{old}.conv2.2": f"{new}.conv2.act_fn",
        f"{old}.skip.0.kernel": Dropped(),
        f"{old}.skip.1": f"{new}.conv_skip",
    }


def with_flat_biases(sources: dict[str, Source], layout: Layout) -> dict[str, Source]:
    """Sources whose biases of convolutions, published with the shape of a picture, are vectors."""
    return {
        name: _flat(source, layout) if name.endswith(".act_fn.bias") else source for name, source in sources.items()
    }


def _flat(source: Source, layout: Layout) -> Source:
    shape = layout.shape(source.names[0])
    return source if len(shape) == 1 else replace(source, transform=Tensor.flatten, shape=(max(shape),))


def animate_configuration(shapes: Layout) -> dict[str, Any]:
    """Further arguments of diffusers' WanAnimateTransformer3DModel from shapes."""
    blocks = shapes.count("motion_encoder.res_blocks.{}.")
    size = 2 ** (blocks + SMALLEST)
    widths = [shapes.shape("motion_encoder.conv_in.weight")[0]]
    widths += [shapes.shape(f"motion_encoder.res_blocks.{block}.conv2.weight")[0] for block in range(blocks)]
    width, motions = shapes.shape("motion_encoder.motion_synthesis_weight")
    hidden = shapes.shape("face_encoder.conv2.weight")[0]
    return {
        "latent_channels": shapes.shape("pose_patch_embedding.weight")[1],
        "motion_encoder_channel_sizes": {str(size >> block): width for block, width in enumerate(widths)},
        "motion_encoder_size": size,
        "motion_style_dim": shapes.shape("motion_encoder.conv_out.weight")[0],
        "motion_dim": motions,
        "motion_encoder_dim": width,
        "face_encoder_hidden_dim": hidden,
        "face_encoder_num_heads": shapes.shape("face_encoder.conv1_local.weight")[0] // hidden,
        "inject_face_latents_blocks": shapes.count("blocks.{}.") // shapes.count("face_adapter.{}."),
    }


def animate_inputs(request: InputRequest) -> dict[str, Tensor]:
    """Poses and faces of one conditioning entry.

    Options read: ``pose_video_latent`` [b c t h w] as stored, ``face_video_pixels`` [b 3 f s s] in -1..1. Poses that
    are missing are zeros, faces black.

    Shapes: latent [b c 1+t h w]; ``pose`` [1 c t h w], ``face`` [1 3 4t-3 s s].
    """
    video = request.latent[:, :, 1:]
    poses, faces = request.entry.get("pose_video_latent"), request.entry.get("face_video_pixels")
    stored = torch.zeros(1, *video.shape[1:]) if poses is None else request.latent_format.to_model(poses.float())
    count, size = (video.shape[2] - 1) * FRAMES + 1, int(str(request.facts["motion_encoder_size"]))
    face = torch.full((1, 3, 1, size, size), BLACK) if faces is None else faces[:1, :, :count].float()
    if face.shape[-2:] != (size, size):
        face = interpolate(face[0].movedim(1, 0), size=(size, size), mode="area").movedim(0, 1)[None]
    missing = face[:, :, -1:].expand(-1, -1, count - face.shape[2], -1, -1)
    return {"pose": fitted_video(stored, video).cpu(), "face": torch.cat([face, missing], dim=2).cpu()}
