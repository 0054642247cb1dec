"""Attention made stronger or weaker: nodes that multiply the weights of its four layers."""

from collections.abc import Mapping
from typing import Annotated

import torch

from limner.graph.declare import Choice, Number, node
from limner.models.merging import scaled
from limner.models.network import Network
from limner.nodes.sockets import CLIP, MODEL
from limner.nodes.text import present

EXPERIMENTS = "_for_testing/attention_experiments"
Factor = Annotated[float, Number(min=0.0, max=10.0, step=0.01)]

UNET_LAYERS: tuple[str, ...] = ("to_q", "to_k", "to_v", "to_out.0")
TEXT_LAYERS: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "out_proj")

TEMPORAL = "temporal_transformer_blocks"
"""In the names of the layers that look from frame to frame."""

DTYPES: Mapping[str, torch.dtype] = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


def _multiplied(network: Network, attention: str, factors: Mapping[str, float]) -> Network:
    """A network with the layers of one kind of attention scaled, biases included."""
    ends = {f".{attention}.{layer}.{part}": factor for layer, factor in factors.items() for part in ("weight", "bias")}
    found = {name: factor for name in network.blueprint.keys for end, factor in ends.items() if name.endswith(end)}
    return scaled(network, found, f"{attention} times")


@node(name="UNetSelfAttentionMultiply", title="UNetSelfAttentionMultiply", category=EXPERIMENTS)
def unet_self_attention_multiply(
    *, model: MODEL, q: Factor = 1.0, k: Factor = 1.0, v: Factor = 1.0, out: Factor = 1.0
) -> MODEL:
    """Multiplies the weights with which the picture looks at itself: query, key, value, output."""
    factors = dict(zip(UNET_LAYERS, (q, k, v, out), strict=True))
    return model.with_network(_multiplied(model.network, "attn1", factors))


@node(name="UNetCrossAttentionMultiply", title="UNetCrossAttentionMultiply", category=EXPERIMENTS)
def unet_cross_attention_multiply(
    *, model: MODEL, q: Factor = 1.0, k: Factor = 1.0, v: Factor = 1.0, out: Factor = 1.0
) -> MODEL:
    """Multiplies the weights with which the picture looks at the text: query, key, value, output."""
    factors = dict(zip(UNET_LAYERS, (q, k, v, out), strict=True))
    return model.with_network(_multiplied(model.network, "attn2", factors))


@node(name="UNetTemporalAttentionMultiply", title="UNetTemporalAttentionMultiply", category=EXPERIMENTS)
def unet_temporal_attention_multiply(
    *,
    model: MODEL,
    self_structural: Factor = 1.0,
    self_temporal: Factor = 1.0,
    cross_structural: Factor = 1.0,
    cross_temporal: Factor = 1.0,
) -> MODEL:
    """Multiplies what attention adds: within frames (structural) and between frames (temporal), to itself and to text.

    Networks of still pictures have no temporal attention; of them only the structural factors change anything.
    """
    factors = {"attn1": (self_structural, self_temporal), "attn2": (cross_structural, cross_temporal)}
    found = {
        name: kinds[TEMPORAL in name]
        for name in model.network.blueprint.keys
        for attention, kinds in factors.items()
        if f".{attention}.{UNET_LAYERS[-1]}." in name
    }
    return model.with_network(scaled(model.network, found, "attention within and between frames times"))


@node(name="CLIPAttentionMultiply", title="CLIPAttentionMultiply", category=EXPERIMENTS)
def clip_attention_multiply(
    *, clip: CLIP, q: Factor = 1.0, k: Factor = 1.0, v: Factor = 1.0, out: Factor = 1.0
) -> CLIP:
    """Multiplies the weights of a text encoder's attention: query, key, value, output."""
    factors = dict(zip(TEXT_LAYERS, (q, k, v, out), strict=True))
    return present(clip).with_networks(lambda branch: _multiplied(branch.network, "self_attn", factors))


@node(name="ModelComputeDtype", title="ModelComputeDtype", category="advanced/debug/model")
def model_compute_dtype(*, model: MODEL, dtype: Annotated[str, Choice("default", *DTYPES)]) -> MODEL:
    """A model that computes in numbers of another size; ``default`` leaves it as it is."""
    return model if dtype == "default" else model.with_dtype(DTYPES[dtype])
