"""ChatGLM3, which Kolors reads."""

from collections.abc import Sequence
from functools import partial

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.glm_text import GlmText, GlmTextShape
from limner.models.text.kind import FoundText, TextKind, addressed, aliases, configured

INSIDE = ("transformer.", "")
TOKENS = "embedding.word_embeddings.weight"
LAYER = "encoder.layers.0."
HEAD_WIDTH = 128
WIDTH = 4096


def _find(layout: Layout, prefix: str) -> FoundText | None:
    mark = f"{LAYER}self_attention.query_key_value.weight"
    inside = next((prefix + inner for inner in INSIDE if prefix + inner + mark in layout), None)
    if inside is None or inside + TOKENS not in layout:
        return None
    shape = _shape(layout, prefix, inside)
    return FoundText(
        kind="glm",
        name="chatglm3",
        certain=shape.width == WIDTH,
        prefix=prefix,
        vocabulary=shape.vocabulary,
        blueprint=partial(_blueprint, layout, inside, shape),
    )


def _shape(layout: Layout, prefix: str, inside: str) -> GlmTextShape:
    vocabulary, width = layout.shape(inside + TOKENS)
    stated = configured(layout, prefix)
    attended = layout.shape(f"{inside}{LAYER}self_attention.dense.weight")[1]
    joined = layout.shape(f"{inside}{LAYER}self_attention.query_key_value.weight")[0]
    head_width = int(stated.get("kv_channels", HEAD_WIDTH))
    return GlmTextShape(
        vocabulary=vocabulary,
        width=width,
        inner=layout.shape(f"{inside}{LAYER}mlp.dense_4h_to_h.weight")[1],
        layers=layout.under(f"{inside}encoder.layers.").count("{}."),
        heads=attended // head_width,
        groups=(joined - attended) // (2 * head_width),
        head_width=head_width,
    )


def _blueprint(layout: Layout, inside: str, shape: GlmTextShape, name: str, adapter_names: Sequence[str]) -> Blueprint:
    kept = (TOKENS, "encoder.layers.", "encoder.final_layernorm.")
    keys = {target: Source((inside + target,)) for target in layout.under(inside) if target.startswith(kept)}
    return Blueprint(
        keys=keys,
        build=partial(GlmText, shape),
        aliases=aliases(keys, adapter_names, name),
        addressed=addressed(adapter_names, name),
        facts=vars(shape),
    )


GLM = TextKind("glm", "ChatGLM3: reads a text from left to right.", _find)
