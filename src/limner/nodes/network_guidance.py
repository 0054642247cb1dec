"""Guidance away from a worse network: nodes that let a model compare itself with itself."""

import re
from typing import Annotated, Any

from limner.graph.declare import Number, Text, node
from limner.models.patches.attention_map import ATTENTION_MAP, AttentionMap
from limner.models.patches.normalized_attention import NormalizedAttention
from limner.models.patches.patch import Sometimes, with_patch, with_variation
from limner.models.patches.perturbed_attention import PerturbedAttention
from limner.models.patches.self_attention import SelfAttention
from limner.models.patches.skip_layers import SkipLayers
from limner.models.patches.weaker_network import POSITIVE, WeakerNetwork
from limner.nodes.growing import OWN
from limner.nodes.network_patches import UNETS, Percent, unet_of
from limner.nodes.sockets import CONDITIONING, MODEL
from limner.nodes.widgets import Share
from limner.sampling.corrections import CORRECTIONS, Correction
from limner.sampling.variants import REPORTS, Span

NEGATIVE = 1
"""The branch of the negative prediction."""

Layers = Annotated[str, Text(options={"multiline": False})]
SkipScale = Annotated[float, Number(min=0.0, max=10.0, step=0.1)]


def corrected(model: Any, correction: Correction) -> Any:
    """A model with one more correction."""
    return model.with_options(**{CORRECTIONS: (*model.options.get(CORRECTIONS, ()), correction)})


def numbers(text: str) -> tuple[int, ...]:
    """The whole numbers in a text, each once, in order."""
    return tuple(sorted({int(number) for number in re.findall(r"\d+", text)}))


@node(name="PerturbedAttentionGuidance", title="PerturbedAttentionGuidance", category=UNETS)
def perturbed_attention_guidance(
    *,
    model: MODEL,
    scale: Annotated[float, Number(min=0.0, max=100.0, step=0.01, options={"round": 0.01})] = 3.0,
) -> MODEL:
    """Guides away from what the network says when its middle cannot compare places: for structure that holds together.

    Works beside ``cfg`` and without it. Costs one more prediction at each step.

    Source: Ahn et al. 2024, "Self-rectifying diffusion sampling with perturbed-attention guidance".
    """
    return corrected(unet_of(model, "PerturbedAttention"), WeakerNetwork(PerturbedAttention(), scale))


@node(name="SelfAttentionGuidance", title="Self-Attention Guidance", category="_for_testing")
def self_attention_guidance(
    *,
    model: MODEL,
    scale: Annotated[float, Number(min=-2.0, max=5.0, step=0.01)] = 0.5,
    blur_sigma: Annotated[float, Number(min=0.0, max=10.0, step=0.1)] = 2.0,
) -> MODEL:
    """Guides away from what the network says when the places that it looks at most are blurred: for finer detail.

    ``blur_sigma`` counts in latent elements. Costs one more prediction at each step.

    Source: Hong et al. 2022, "Improving sample quality of diffusion models using self-attention guidance".
    """
    watched = with_patch(unet_of(model, "SelfAttention"), AttentionMap())
    reporting = watched.with_options(**{REPORTS: (*model.options.get(REPORTS, ()), ATTENTION_MAP)})
    return corrected(reporting, SelfAttention(scale, blur_sigma))


def skipping(model: Any, layers: SkipLayers, scale: float, span: Span, rescaling: float = 0.0) -> Any:
    """A model that is guided away from itself without some blocks; itself where none is named."""
    if not layers.double and not layers.single:
        return model
    return corrected(model, WeakerNetwork(layers, scale, span, rescaling))


@node(name="SkipLayerGuidanceDiT", title="SkipLayerGuidanceDiT", category="advanced/guidance")
def skip_layer_guidance_dit(
    *,
    model: MODEL,
    double_layers: Layers = "7, 8, 9",
    single_layers: Layers = "7, 8, 9",
    scale: SkipScale = 3.0,
    start_percent: Percent = 0.01,
    end_percent: Percent = 0.15,
    rescaling_scale: Annotated[float, Number(min=0.0, max=10.0, step=0.01)] = 0.0,
) -> MODEL:
    """Guides away from what a transformer says without some of its blocks: for structure and anatomy.

    ``double_layers`` are numbers of blocks with two streams, or of all blocks where there is one kind;
    ``single_layers`` of blocks of the second kind. ``rescaling_scale`` gives the result that share of the contrast of
    the positive prediction.

    Source: Hyung et al. 2024, "Spatiotemporal skip guidance for enhanced video diffusion sampling".
    """
    layers = SkipLayers(numbers(double_layers), numbers(single_layers))
    return skipping(model, layers, scale, Span(start_percent, end_percent), rescaling_scale)


@node(name="SkipLayerGuidanceDiTSimple", title="SkipLayerGuidanceDiTSimple", category="advanced/guidance")
def skip_layer_guidance_dit_simple(
    *,
    model: MODEL,
    double_layers: Layers = "7, 8, 9",
    single_layers: Layers = "7, 8, 9",
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
) -> MODEL:
    """Skip-layer guidance at no cost: the negative prediction is made without some of the transformer's blocks."""
    layers = SkipLayers(numbers(double_layers), numbers(single_layers))
    if not layers.double and not layers.single:
        return model
    return with_variation(model, Sometimes(layers, Span(start_percent, end_percent), NEGATIVE))


@node(name="SkipLayerGuidanceSD3", title="SkipLayerGuidanceSD3", category="advanced/guidance")
def skip_layer_guidance_sd3(
    *,
    model: MODEL,
    layers: Layers = "7, 8, 9",
    scale: SkipScale = 3.0,
    start_percent: Percent = 0.01,
    end_percent: Percent = 0.15,
) -> MODEL:
    """Skip-layer guidance for Stable Diffusion 3.5, by the numbers of its blocks."""
    return skipping(model, SkipLayers(numbers(layers)), scale, Span(start_percent, end_percent))


@node(name="NormalizedAttentionGuidance", title="Normalized Attention Guidance", category=UNETS, module=OWN)
def normalized_attention_guidance(
    *,
    model: MODEL,
    negative: CONDITIONING,
    scale: Annotated[float, Number(min=1.0, max=20.0, step=0.1)] = 5.0,
    limit: Annotated[float, Number(min=1.0, max=10.0, step=0.1)] = 2.5,
    share: Share = 0.25,
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
) -> MODEL:
    """A negative text that works inside the attention, so that it also works at ``cfg`` 1, as few-step models want it.

    ``limit`` says how many times as strong as without guidance an answer may get, ``share`` how much of the guided one
    is used. A ``scale`` of 1 changes nothing. Of the conditioning its first entry is used.

    Source: Chen et al. 2025, "Normalized attention guidance: universal negative guidance for diffusion models".
    """
    if scale == 1 or not negative:
        return model
    patch = NormalizedAttention.away_from(negative[0][0][:1], scale, limit, share)
    found = unet_of(model, "NormalizedAttention")
    return with_variation(found, Sometimes(patch, Span(start_percent, end_percent), POSITIVE))
