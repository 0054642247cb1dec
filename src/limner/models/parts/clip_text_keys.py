"""Names of a CLIP text encoder's tensors: the transformers and the OpenCLIP layout onto ``ClipText``.

OpenCLIP keeps query, key and value in one tensor and its projection the other way round.
"""

import re
from collections.abc import Callable, Mapping

from torch import Tensor

from limner.models.load.blueprint import Source
from limner.models.load.layout import Layout

TOKENS = "text.embeddings.token_embedding.weight"

OPEN_ENDS: Mapping[str, str] = {
    "token_embedding.weight": TOKENS,
    "positional_embedding": "text.embeddings.position_embedding.weight",
    "ln_final.weight": "text.final_layer_norm.weight",
    "ln_final.bias": "text.final_layer_norm.bias",
}

OPEN_LAYER: Mapping[str, str] = {
    "ln_1.": "layer_norm1.",
    "ln_2.": "layer_norm2.",
    "attn.out_proj.": "self_attn.out_proj.",
    "mlp.c_fc.": "mlp.fc1.",
    "mlp.c_proj.": "mlp.fc2.",
}


def transformers_sources(layout: Layout, prefix: str) -> dict[str, Source]:
    """Sources for the transformers layout.

    Args:
        layout: The file.
        prefix: What stands before ``text_model.``; files of 2022 have no ``text_model.`` either.
    """
    inner = f"{prefix}text_model." if layout.has(f"{prefix}text_model.") else prefix
    sources: dict[str, Source] = {}
    for name in layout:
        if name.startswith(inner) and name.endswith((".weight", ".bias")):
            rest = name.removeprefix(inner)
            if rest.startswith(("embeddings.", "encoder.layers.", "final_layer_norm.")):
                sources[f"text.{rest}"] = Source((name,))
    sources |= _projection(layout, prefix)
    rows = f"{inner}embeddings.token_embedding.rows"
    if rows in layout:
        sources[TOKENS] = Source((sources[TOKENS].names[0], rows), _expanded)
    return sources


def open_clip_sources(layout: Layout, prefix: str) -> dict[str, Source]:
    """Sources for the OpenCLIP layout.

    Args:
        layout: The file.
        prefix: What stands before ``transformer.resblocks.``.
    """
    sources = {new: Source((prefix + old,)) for old, new in OPEN_ENDS.items() if prefix + old in layout}
    for name in layout:
        block = re.fullmatch(rf"{re.escape(prefix)}transformer\.resblocks\.(\d+)\.(.+)", name)
        if block:
            sources |= _open_layer(name, f"text.encoder.layers.{block[1]}.", block[2])
    projection = f"{prefix}text_projection"
    if projection in layout:
        sources["projection.weight"] = Source((projection,), _turned)
    elif f"{projection}.weight" in layout:
        sources["projection.weight"] = Source((f"{projection}.weight",))
    return sources


def _open_layer(name: str, place: str, rest: str) -> dict[str, Source]:
    fused = re.fullmatch(r"attn\.in_proj_(weight|bias)", rest)
    if fused:
        parts = enumerate(("q_proj", "k_proj", "v_proj"))
        return {f"{place}self_attn.{part}.{fused[1]}": Source((name,), _third(index)) for index, part in parts}
    for old, new in OPEN_LAYER.items():
        if rest.startswith(old):
            return {place + new + rest[len(old) :]: Source((name,))}
    return {}


def _third(index: int) -> Callable[[Tensor], Tensor]:
    return lambda fused: fused.chunk(3, dim=0)[index]


def _projection(layout: Layout, prefix: str) -> dict[str, Source]:
    """Where the projection is: among the encoder's tensors, or beside its ``transformer``."""
    for place in dict.fromkeys((prefix, prefix.removesuffix("transformer."))):
        name = f"{place}text_projection"
        if f"{name}.weight" in layout:
            return {"projection.weight": Source((f"{name}.weight",))}
        if name in layout:
            return {"projection.weight": Source((name,), _turned)}
    return {}


def _turned(projection: Tensor) -> Tensor:
    return projection.t().contiguous()


def _expanded(weight: Tensor, rows: Tensor) -> Tensor:
    """A whole vocabulary [v d] from the rows in use [n d] and, per token, the row that stands for it [v]."""
    return weight[rows.long()]
