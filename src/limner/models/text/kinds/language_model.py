"""Language models that families read as text encoders: Llama and Mistral, Qwen 2, Qwen 3, Gemma 2."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.decoder_text import DecoderText, DecoderTextShape
from limner.models.parts.seeing_text import SeeingText, SightShape
from limner.models.text.kind import FoundText, TextKind, addressed, aliases, configured
from limner.models.text.kinds.language_model_keys import GGUF, NAMES, OTHERWISE, SCALED, SCALING

INSIDE = ("model.language_model.", "language_model.model.", "model.", "language_model.", "")
"""Where files keep the layers: models that also see, their older files, models of text, bare networks."""

QUERY = "layers.0.self_attn.q_proj.weight"
TOKENS = "embed_tokens.weight"
SIGHT = ("visual.", "model.visual.")
"""Where files keep what models see with."""

SIGHT_HEAD = 80
KEPT = ("layers.", "embed_tokens.", "norm.")


@dataclass(frozen=True)
class Architecture:
    """What cannot be read off the tensors.

    Attributes:
        name: Of transformers' classes.
        head_width: Unless the tensors say.
        epsilon: Of its norms.
        base: Of the rotation's wave lengths.
        further: Arguments of its configuration.
    """

    name: str
    head_width: int
    epsilon: float
    base: float
    further: Mapping[str, Any] = field(default_factory=dict)


LLAMA = Architecture("Llama", 128, 1e-5, 500_000.0)
MISTRAL = Architecture("Llama", 128, 1e-5, 1_000_000_000.0)
QWEN2 = Architecture("Qwen2", 128, 1e-6, 1_000_000.0)
QWEN3 = Architecture("Qwen3", 128, 1e-6, 1_000_000.0)
GEMMA2 = Architecture("Gemma2", 256, 1e-6, 10_000.0, {"query_pre_attn_scalar": 256})

MISTRAL_WIDTH = 5120


def find_language_model(layout: Layout, prefix: str) -> FoundText | None:
    """The language model below a prefix of a file; None if there is none."""
    inside = next((prefix + inner for inner in INSIDE if prefix + inner + QUERY in layout), None)
    if inside is None or inside + TOKENS not in layout:
        return None
    kind, architecture = _architecture(layout, inside)
    if architecture is None:
        return None
    shape = _shape(layout, prefix, inside, architecture)
    name = NAMES[kind].get(shape.width)
    return FoundText(
        kind=kind,
        name=name or OTHERWISE[kind],
        certain=name is not None,
        prefix=prefix,
        vocabulary=shape.vocabulary,
        blueprint=_planned(layout, prefix, inside, shape),
    )


def _planned(
    layout: Layout, prefix: str, inside: str, shape: DecoderTextShape
) -> Callable[[str, Sequence[str]], Blueprint]:
    """How to build the language model, with what it sees with if the file has that."""
    places = (prefix + sight for sight in SIGHT)
    seen = next((place for place in places if f"{place}patch_embed.proj.weight" in layout), None)
    if seen is None or shape.architecture != QWEN2.name:
        return partial(_blueprint, layout, inside, shape)
    vision = layout.configuration(prefix).get("vision_config") or {}
    return partial(_seeing_blueprint, layout, inside, seen, shape, _sight(layout, seen, vision))


def _architecture(layout: Layout, inside: str) -> tuple[str, Architecture | None]:
    """Kind and architecture by what stands in the first layer."""
    layer = f"{inside}layers.0."
    normed = f"{layer}self_attn.q_norm.weight" in layout
    if f"{layer}pre_feedforward_layernorm.weight" in layout:
        return "gemma2", None if normed else GEMMA2  # Gemma 3 norms its queries; nothing here reads it.
    if normed:
        return "qwen3", QWEN3
    if f"{layer}self_attn.q_proj.bias" in layout:
        return "qwen2", QWEN2
    return "llama", MISTRAL if layout.shape(inside + TOKENS)[1] == MISTRAL_WIDTH else LLAMA


def _shape(layout: Layout, prefix: str, inside: str, architecture: Architecture) -> DecoderTextShape:
    stated = _stated(layout, prefix)
    vocabulary, width = layout.shape(inside + TOKENS)
    rows = layout.shape(inside + QUERY)[0]
    key_rows = layout.shape(inside + QUERY.replace("q_proj", "k_proj"))[0]
    head_width = _head_width(layout, inside, stated, architecture, rows)
    rotation = dict(stated.get("rope_parameters") or stated.get("rope_scaling") or {})
    base = float(rotation.pop("rope_theta", stated.get("rope_theta", architecture.base)))
    if vocabulary == SCALED and not rotation and "rope_scaling" not in stated:
        rotation = dict(SCALING)
    return DecoderTextShape(
        architecture=architecture.name,
        vocabulary=vocabulary,
        width=width,
        inner=layout.shape(f"{inside}layers.0.mlp.gate_proj.weight")[0],
        layers=layout.under(f"{inside}layers.").count("{}."),
        heads=rows // head_width,
        key_heads=key_rows // head_width,
        head_width=head_width,
        epsilon=float(stated.get("rms_norm_eps", architecture.epsilon)),
        base=base,
        scaling=rotation,
        further={key: stated.get(key, value) for key, value in architecture.further.items()},
    )


def _head_width(layout: Layout, inside: str, stated: Mapping[str, Any], architecture: Architecture, rows: int) -> int:
    norm = layout.shape(f"{inside}layers.0.self_attn.q_norm.weight")
    if norm:
        return norm[0]
    if stated.get("head_dim"):
        return int(stated["head_dim"])
    heads = int(stated.get("num_attention_heads") or 0)
    return rows // heads if heads else architecture.head_width


def _stated(layout: Layout, prefix: str) -> Mapping[str, Any]:
    """What the configuration beside the file, or a GGUF file's metadata, says under transformers' names."""
    own = configured(layout, prefix)
    if own:
        return own
    architecture = layout.metadata.get("general.architecture", "")
    found = {new: layout.metadata.get(f"{architecture}.{old}", "") for old, new in GGUF.items()}
    return {name: float(text) if "." in text or "e" in text else int(text) for name, text in found.items() if text}


def _sight(layout: Layout, place: str, stated: Mapping[str, Any]) -> SightShape:
    width, _, frames, patch, _ = layout.shape(f"{place}patch_embed.proj.weight")
    given, merged = layout.shape(f"{place}merger.mlp.2.weight")
    return SightShape(
        width=width,
        inner=layout.shape(f"{place}blocks.0.mlp.gate_proj.weight")[0],
        layers=layout.under(f"{place}blocks.").count("{}."),
        heads=int(stated.get("num_heads") or max(1, width // SIGHT_HEAD)),
        patch=patch,
        frames=frames,
        merged=round((merged / width) ** 0.5),
        given=given,
    )


def _seeing_blueprint(
    layout: Layout,
    inside: str,
    seen: str,
    shape: DecoderTextShape,
    sight: SightShape,
    name: str,
    adapter_names: Sequence[str],
) -> Blueprint:
    plain = _blueprint(layout, inside, shape, name, adapter_names)
    renamed = {target: target.replace("model.", "whole.language_model.", 1) for target in plain.keys}
    keys = {renamed[target]: source for target, source in plain.keys.items()}
    keys |= {f"whole.visual.{target}": Source((seen + target,)) for target in layout.under(seen)}
    return replace(
        plain,
        keys=keys,
        build=partial(SeeingText, shape, sight),
        aliases={alias: renamed[target] for alias, target in plain.aliases.items()},
    )


def _blueprint(
    layout: Layout, inside: str, shape: DecoderTextShape, name: str, adapter_names: Sequence[str]
) -> Blueprint:
    keys = {f"model.{target}": Source((inside + target,)) for target in layout.under(inside) if target.startswith(KEPT)}
    return Blueprint(
        keys=keys,
        build=partial(DecoderText, shape),
        aliases=aliases(keys, adapter_names, name, "model."),
        addressed=addressed(adapter_names, name),
        facts={key: value for key, value in vars(shape).items() if isinstance(value, str | int | float)},
    )


LANGUAGE_MODEL = TextKind("language_model", "Language models: read a text from left to right.", find_language_model)
