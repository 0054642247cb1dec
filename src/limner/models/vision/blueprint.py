"""Vision encoders: their configuration read off their tensors, and their blueprint.

Source: Radford et al. 2021, section 2.4 (CLIP); Zhai et al. 2023, "Sigmoid loss for language image pre-training".
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from torch import nn

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.vision.llava import LINEAR_1, LINEAR_2, LlavaSight
from limner.models.vision.open_clip_keys import open_clip_sources

PREFIXES = ("", "clip_vision.", "image_encoder.", "model.")
"""Where files keep one with transformers' names, and

``OPEN_CLIP_PREFIXES`` one with OpenCLIP's."""
OPEN_CLIP_PREFIXES = (
    "visual.",
    "embedder.model.visual.",
    "model.visual.",
    "cond_stage_model.model.visual.",
    "conditioner.embedders.0.open_clip.model.visual.",
)

LLAVA = (("", ""), ("", "vision_tower."), ("model.", "vision_tower."))
"""Where files keep one that shows pictures to a language model: what stands before it, and before its encoder."""

CLIP_MEAN, CLIP_DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
HALF = (0.5, 0.5, 0.5)

WIDE, WIDE_HEADS, HEAD_WIDTH = 1024, 16, 64
"""Encoders from this width on have so many heads; smaller ones have heads of this width."""
OPENAI_WIDTHS = (768, 1024)
"""Widths of OpenAI's encoders; all other ones were trained with another activation."""


@dataclass(frozen=True)
class VisionShape:
    """What the shapes of a vision encoder say.

    Attributes:
        size: Side of the picture, in pixels.
        patch: Side of a patch.
        width: Of a token.
        inner: Of the perceptrons.
        layers: Number of layers.
        projection: Length of the picture's vector; 0: the network has a head of its own (SigLIP).
        mean: Of colours in training, and
        deviation: their standard deviation.
        shown: Length of what a language model is shown of each patch; 0: it was not made for one.
    """

    size: int
    patch: int
    width: int
    inner: int
    layers: int
    projection: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    shown: int = 0

    @property
    def heads(self) -> int:
        """Attention heads; no tensor tells their number."""
        return WIDE_HEADS if self.width >= WIDE else max(1, self.width // HEAD_WIDTH)


def vision_blueprint(layout: Layout) -> tuple[Blueprint, VisionShape] | None:
    """How to build and fill a vision encoder, and its shape; None if the layout holds none."""
    for prefix, inner in LLAVA:
        if prefix + LINEAR_1 in layout and f"{prefix}{inner}vision_model.embeddings.class_embedding" in layout:
            return _llava(layout, prefix, inner)
    for prefix in PREFIXES:
        if f"{prefix}vision_model.embeddings.patch_embedding.weight" in layout:
            return _known(layout, prefix)
    for prefix in OPEN_CLIP_PREFIXES:
        if f"{prefix}transformer.resblocks.0.attn.in_proj_weight" in layout:
            return _open_clip(layout, prefix)
    return None


def _known(layout: Layout, prefix: str) -> tuple[Blueprint, VisionShape]:
    inside = layout.under(prefix)
    vision = inside.under("vision_model.")
    shape = _shape(vision, inside.shape("visual_projection.weight"))
    if not shape.projection:
        # transformers' SigLIP has the vision half as the whole.
        keys = {name: Source((f"{prefix}vision_model.{name}",)) for name in vision}
        return Blueprint(keys=keys, build=partial(_siglip, shape), facts=vars(shape)), shape
    wanted = (name for name in inside if name.startswith(("vision_model.", "visual_projection.")))
    keys = {name: Source((prefix + name,)) for name in wanted if not name.endswith("position_ids")}
    return Blueprint(keys=keys, build=partial(_clip, shape), facts=vars(shape)), shape


def _llava(layout: Layout, prefix: str, inner: str) -> tuple[Blueprint, VisionShape]:
    vision = layout.under(f"{prefix}{inner}vision_model.")
    clip = _shape(vision, (1,))
    shape = replace(clip, projection=0, shown=layout.shape(prefix + LINEAR_2)[0])
    wanted = [name for name in vision if not name.endswith("position_ids")]
    keys = {f"vision_model.{name}": Source((f"{prefix}{inner}vision_model.{name}",)) for name in wanted}
    projector = "multi_modal_projector."
    keys |= {projector + name: Source((prefix + projector + name,)) for name in layout.under(prefix + projector)}
    return Blueprint(keys=keys, build=partial(_language, shape), facts=vars(shape)), shape


def _open_clip(layout: Layout, prefix: str) -> tuple[Blueprint, VisionShape]:
    inside = layout.under(prefix)
    sources = open_clip_sources(inside, prefix)
    positions, patch = inside.shape("positional_embedding"), inside.shape("conv1.weight")
    shape = VisionShape(
        size=_side(positions[0] - 1) * patch[-1],
        patch=patch[-1],
        width=patch[0],
        inner=inside.shape("transformer.resblocks.0.mlp.c_fc.weight")[0],
        layers=inside.count("transformer.resblocks.{}."),
        projection=inside.shape("proj")[1],
        mean=CLIP_MEAN,
        deviation=CLIP_DEVIATION,
    )
    return Blueprint(keys=sources, build=partial(_clip, shape), facts=vars(shape)), shape


def _shape(vision: Layout, projection: tuple[int, ...]) -> VisionShape:
    patch = vision.shape("embeddings.patch_embedding.weight")
    tokens = vision.shape("embeddings.position_embedding.weight")[0]
    clip = bool(projection)
    return VisionShape(
        size=_side(tokens - clip) * patch[-1],
        patch=patch[-1],
        width=patch[0],
        inner=vision.shape("encoder.layers.0.mlp.fc1.weight")[0],
        layers=vision.count("encoder.layers.{}."),
        projection=projection[0] if clip else 0,
        mean=CLIP_MEAN if clip else HALF,
        deviation=CLIP_DEVIATION if clip else HALF,
    )


def _side(patches: int) -> int:
    return round(patches**0.5)


def _sizes(shape: VisionShape) -> dict[str, Any]:
    return {
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "image_size": shape.size,
        "patch_size": shape.patch,
    }


def _activation(shape: VisionShape) -> str:
    return "quick_gelu" if shape.width in OPENAI_WIDTHS else "gelu"


def _language(shape: VisionShape) -> nn.Module:
    return LlavaSight({**_sizes(shape), "hidden_act": _activation(shape)}, shape.shown)


def _clip(shape: VisionShape) -> nn.Module:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection  # slow to import

    configuration = CLIPVisionConfig(**_sizes(shape), projection_dim=shape.projection, hidden_act=_activation(shape))
    return CLIPVisionModelWithProjection(configuration)


def _siglip(shape: VisionShape) -> nn.Module:
    from transformers import SiglipVisionConfig, SiglipVisionModel  # slow to import

    return SiglipVisionModel(SiglipVisionConfig(**_sizes(shape)))
