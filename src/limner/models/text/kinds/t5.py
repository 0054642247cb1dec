"""T5 encoders: version 1.1 and the first, UMT5, Pile-T5, ByT5; whatever has T5's names."""

from collections.abc import Sequence
from functools import partial

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.t5_text import T5Text, T5TextShape
from limner.models.text.kind import FoundText, TextKind, addressed, aliases

MARK = "encoder.block.0.layer.0.SelfAttention."
POSITIONS = "layer.0.SelfAttention.relative_attention_bias.weight"
FEED = "encoder.block.0.layer.1.DenseReluDense."
TOKENS = "encoder.embed_tokens.weight"

NAMES: dict[str, dict[int, str]] = {
    "t5": {4096: "t5xxl", 2048: "t5xl", 1024: "t5large", 768: "t5base", 1472: "byt5_small"},
    "umt5": {4096: "umt5xxl", 2048: "pile_t5xl", 768: "umt5base"},
    "t5_first": {1024: "t5_11b", 768: "t5_first_base"},
}
"""Encoders in use by kind and width; ``t5_first`` has no gates."""

OTHERWISE = {"t5": "t5xxl", "umt5": "umt5xxl", "t5_first": "t5_first_base"}


def _find(layout: Layout, prefix: str) -> FoundText | None:
    query = f"{prefix}{MARK}q.weight"
    tokens = next((name for name in (f"{prefix}shared.weight", f"{prefix}{TOKENS}") if name in layout), None)
    if query not in layout or tokens is None:
        return None
    shape = _shape(layout, prefix, tokens)
    kind = "umt5" if shape.own_positions else "t5_first" if not shape.gated else "t5"
    name = NAMES[kind].get(shape.width)
    return FoundText(
        kind=kind,
        name=name or OTHERWISE[kind],
        certain=name is not None,
        prefix=prefix,
        vocabulary=shape.vocabulary,
        blueprint=partial(_blueprint, layout, prefix, tokens, shape),
    )


def _shape(layout: Layout, prefix: str, tokens: str) -> T5TextShape:
    buckets, heads = layout.shape(f"{prefix}encoder.block.0.{POSITIONS}")
    vocabulary, width = layout.shape(tokens)
    gated = f"{prefix}{FEED}wi_0.weight" in layout
    return T5TextShape(
        vocabulary=vocabulary,
        width=width,
        inner=layout.shape(f"{prefix}{FEED}{'wi_0' if gated else 'wi'}.weight")[0],
        layers=layout.under(f"{prefix}encoder.block.").count("{}."),
        heads=heads,
        head_width=layout.shape(f"{prefix}{MARK}q.weight")[0] // heads,
        buckets=buckets,
        gated=gated,
        own_positions=f"{prefix}encoder.block.1.{POSITIONS}" in layout,
    )


def _blueprint(
    layout: Layout, prefix: str, tokens: str, shape: T5TextShape, name: str, adapter_names: Sequence[str]
) -> Blueprint:
    keys = {
        target: Source((prefix + target,))
        for target in layout.under(prefix)
        if target.startswith(("encoder.block.", "encoder.final_layer_norm."))
    }
    keys[TOKENS] = Source((tokens,))
    return Blueprint(
        keys=keys,
        build=partial(T5Text, shape),
        aliases=aliases(keys, adapter_names, name),
        addressed=addressed(adapter_names, name),
        facts=vars(shape),
    )


T5 = TextKind("t5", "Encoders of T5: read a text in both directions.", _find)
