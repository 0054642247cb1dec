"""Names of a vision encoder's tensors: OpenCLIP's layout, with fused projections, onto those of transformers."""

from collections.abc import Callable, Mapping
from functools import partial

from torch import Tensor

from limner.models.load.blueprint import Source
from limner.models.load.layout import Layout

ENDS: Mapping[str, str] = {
    "class_embedding": "vision_model.embeddings.class_embedding",
    "conv1.weight": "vision_model.embeddings.patch_embedding.weight",
    "positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "ln_pre.weight": "vision_model.pre_layrnorm.weight",
    "ln_pre.bias": "vision_model.pre_layrnorm.bias",
    "ln_post.weight": "vision_model.post_layernorm.weight",
    "ln_post.bias": "vision_model.post_layernorm.bias",
}

LAYER: Mapping[str, str] = {
    "ln_1.": "layer_norm1.",
    "ln_2.": "layer_norm2.",
    "mlp.c_fc.": "mlp.fc1.",
    "mlp.c_proj.": "mlp.fc2.",
    "attn.out_proj.": "self_attn.out_proj.",
}

PARTS = ("q_proj", "k_proj", "v_proj")


def open_clip_sources(inside: Layout, prefix: str) -> dict[str, Source]:
    """Transformers' names to their sources, from a layout without its prefix."""
    sources = {target: Source((prefix + name,)) for name, target in ENDS.items() if name in inside}
    if "proj" in inside:
        sources["visual_projection.weight"] = Source((f"{prefix}proj",), _turned, inside.shape("proj")[::-1])
    for name in inside:
        if name.startswith("transformer.resblocks."):
            _, _, number, rest = name.split(".", 3)
            sources |= _layer(prefix + name, f"vision_model.encoder.layers.{number}.", rest, inside.shape(name))
    return sources


def _layer(name: str, place: str, rest: str, shape: tuple[int, ...]) -> dict[str, Source]:
    for old, new in LAYER.items():
        if rest.startswith(old):
            return {place + new + rest.removeprefix(old): Source((name,))}
    if not rest.startswith("attn.in_proj_"):
        return {}
    kind = rest.removeprefix("attn.in_proj_")
    third = (shape[0] // len(PARTS), *shape[1:])
    return {
        f"{place}self_attn.{part}.{kind}": Source((name,), _third(index), third) for index, part in enumerate(PARTS)
    }


def _third(index: int) -> Callable[..., Tensor]:
    return partial(_part, index=index)


def _part(fused: Tensor, *, index: int) -> Tensor:
    return fused.chunk(len(PARTS))[index]


def _turned(weight: Tensor) -> Tensor:
    return weight.T
