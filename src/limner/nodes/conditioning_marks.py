"""Marks that single families read from their conditioning: guidance, references, frame rates, ranges of steps."""

from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.models.hooks import HOOKS, HookGroup, combined
from limner.nodes.autoencoding import COLOURS, present
from limner.nodes.conditioning import Percent, with_options
from limner.nodes.sockets import CONDITIONING, IMAGE, LATENT, VAE
from limner.nodes.widgets import Strength

FLUX = "advanced/conditioning/flux"
SINGLE, PAIR = "advanced/hooks/cond single", "advanced/hooks/cond pair"

Range = Annotated[tuple[float, float], Socket("TIMESTEPS_RANGE")]
MaskArea = Annotated[str, Choice("default", "mask bounds")]
OptionalMask = Annotated[Tensor | None, Socket("MASK"), Flags(optional=True)]
OptionalHooks = Annotated[Any, Socket("HOOKS"), Flags(optional=True)]
OptionalRange = Annotated[tuple[float, float] | None, Socket("TIMESTEPS_RANGE"), Flags(optional=True)]


@node(name="FluxGuidance", title="FluxGuidance", category=FLUX)
def flux_guidance(
    *, conditioning: CONDITIONING, guidance: Annotated[float, Number(min=0.0, max=100.0, step=0.1)] = 3.5
) -> CONDITIONING:
    """Tells a network with built-in guidance how strictly to follow the text."""
    return with_options(conditioning, guidance=guidance)


@node(name="FluxDisableGuidance", title="FluxDisableGuidance", category=FLUX)
def flux_disable_guidance(*, conditioning: CONDITIONING) -> CONDITIONING:
    """Tells a network with built-in guidance nothing about it."""
    return with_options(conditioning, guidance=None)


@node(name="FluxKontextMultiReferenceLatentMethod", title="FluxKontextMultiReferenceLatentMethod", category=FLUX)
def flux_kontext_multi_reference_latent_method(
    *,
    conditioning: CONDITIONING,
    reference_latents_method: Annotated[str, Choice("offset", "index", "uxo/uno")],
) -> CONDITIONING:
    """Says how several reference pictures are told apart: by their place, by their number, or as UNO does it."""
    method = "uxo" if "uxo" in reference_latents_method else reference_latents_method
    return with_options(conditioning, reference_latents_method=method)


@node(name="ReferenceLatent", title="ReferenceLatent", category="advanced/conditioning/edit_models")
def reference_latent(
    *,
    conditioning: CONDITIONING,
    latent: Annotated[dict[str, Any] | None, Socket("LATENT"), Flags(optional=True)] = None,
) -> CONDITIONING:
    """Shows an editing network one more picture, after those that it is shown already."""
    if latent is None:
        return conditioning
    return [
        [tensor, {**options, "reference_latents": [*options.get("reference_latents", ()), latent["samples"]]}]
        for tensor, options in conditioning
    ]


@node(
    name="LTXVConditioning",
    title="LTXVConditioning",
    category="conditioning/video_models",
    outputs=("positive", "negative"),
)
def ltxv_conditioning(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    frame_rate: Annotated[float, Number(min=0.0, max=1000.0, step=0.01)] = 25.0,
) -> tuple[CONDITIONING, CONDITIONING]:
    """Tells a video network how many frames a second has."""
    return with_options(positive, frame_rate=frame_rate), with_options(negative, frame_rate=frame_rate)


@node(
    name="InstructPixToPixConditioning",
    title="InstructPixToPixConditioning",
    category="conditioning/instructpix2pix",
    outputs=("positive", "negative", "latent"),
)
def instruct_pix_to_pix_conditioning(
    *, positive: CONDITIONING, negative: CONDITIONING, vae: VAE, pixels: IMAGE
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Shows an editing network the picture to edit, and gives an empty latent of its size."""
    encoded = present(vae).encode(pixels[..., :COLOURS])
    shown = [with_options(conditioning, concat_latent_image=encoded) for conditioning in (positive, negative)]
    return shown[0], shown[1], {"samples": torch.zeros_like(encoded)}


@node(
    name="ConditioningTimestepsRange",
    title="Timesteps Range",
    category="advanced/hooks",
    outputs=("TIMESTEPS_RANGE", "BEFORE_RANGE", "AFTER_RANGE"),
)
def conditioning_timesteps_range(
    *, start_percent: Percent = 0.0, end_percent: Percent = 1.0
) -> tuple[Range, Range, Range]:
    """A part of a walk, the part before it and the part after it; 0 is pure noise, 1 the finished picture."""
    return (start_percent, end_percent), (0.0, start_percent), (end_percent, 1.0)


@node(
    name="PairConditioningCombine",
    title="Cond Pair Combine",
    category=PAIR,
    outputs=("positive", "negative"),
)
def pair_conditioning_combine(
    *,
    positive_A: CONDITIONING,  # noqa: N803 - names of saved workflows
    negative_A: CONDITIONING,  # noqa: N803
    positive_B: CONDITIONING,  # noqa: N803
    negative_B: CONDITIONING,  # noqa: N803
) -> tuple[CONDITIONING, CONDITIONING]:
    """Two pairs at once: the network is asked for each, and the answers are averaged."""
    return positive_A + positive_B, negative_A + negative_B


def with_hooks(conditioning: list[Any], hooks: HookGroup | None) -> list[Any]:
    """Conditioning under further hooks."""
    if hooks is None:
        return conditioning
    return [[tensor, {**options, HOOKS: combined(options.get(HOOKS), hooks)}] for tensor, options in conditioning]


def marked(
    conditioning: list[Any],
    strength: float,
    area: str,
    mask: Tensor | None,
    hooks: HookGroup | None,
    timesteps: tuple[float, float] | None,
) -> list[Any]:
    """Conditioning that counts by a strength, where a mask is and during a range of the walk, under hooks."""
    options: dict[str, Any] = {"strength": strength}
    if mask is not None:
        stacked = mask.reshape(-1, *mask.shape[-2:])
        options = {"mask": stacked, "mask_strength": strength, "set_area_to_bounds": area != "default"}
    if timesteps is not None:
        options |= {"start_percent": timesteps[0], "end_percent": timesteps[1]}
    return with_options(with_hooks(conditioning, hooks), **options)


@node(name="ConditioningSetProperties", title="Cond Set Props", category=SINGLE)
def conditioning_set_properties(
    *,
    cond_NEW: CONDITIONING,  # noqa: N803
    strength: Strength = 1.0,
    set_cond_area: MaskArea,
    mask: OptionalMask = None,
    hooks: OptionalHooks = None,
    timesteps: OptionalRange = None,
) -> CONDITIONING:
    """How strongly, where and when a text counts, in one node."""
    return marked(cond_NEW, strength, set_cond_area, mask, hooks, timesteps)


@node(name="ConditioningSetPropertiesAndCombine", title="Cond Set Props Combine", category=SINGLE)
def conditioning_set_properties_and_combine(
    *,
    cond: CONDITIONING,
    cond_NEW: CONDITIONING,  # noqa: N803
    strength: Strength = 1.0,
    set_cond_area: MaskArea,
    mask: OptionalMask = None,
    hooks: OptionalHooks = None,
    timesteps: OptionalRange = None,
) -> CONDITIONING:
    """A text as it is, and another one with how strongly, where and when it counts."""
    return cond + marked(cond_NEW, strength, set_cond_area, mask, hooks, timesteps)


@node(
    name="PairConditioningSetProperties",
    title="Cond Pair Set Props",
    category=PAIR,
    outputs=("positive", "negative"),
)
def pair_conditioning_set_properties(
    *,
    positive_NEW: CONDITIONING,  # noqa: N803
    negative_NEW: CONDITIONING,  # noqa: N803
    strength: Strength = 1.0,
    set_cond_area: MaskArea,
    mask: OptionalMask = None,
    hooks: OptionalHooks = None,
    timesteps: OptionalRange = None,
) -> tuple[CONDITIONING, CONDITIONING]:
    """How strongly, where and when a pair of texts counts."""
    given = (strength, set_cond_area, mask, hooks, timesteps)
    return marked(positive_NEW, *given), marked(negative_NEW, *given)


@node(
    name="PairConditioningSetPropertiesAndCombine",
    title="Cond Pair Set Props Combine",
    category=PAIR,
    outputs=("positive", "negative"),
)
def pair_conditioning_set_properties_and_combine(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    positive_NEW: CONDITIONING,  # noqa: N803
    negative_NEW: CONDITIONING,  # noqa: N803
    strength: Strength = 1.0,
    set_cond_area: MaskArea,
    mask: OptionalMask = None,
    hooks: OptionalHooks = None,
    timesteps: OptionalRange = None,
) -> tuple[CONDITIONING, CONDITIONING]:
    """A pair of texts as it is, and another pair with how strongly, where and when it counts."""
    given = (strength, set_cond_area, mask, hooks, timesteps)
    return positive + marked(positive_NEW, *given), negative + marked(negative_NEW, *given)
