"""Painting after a reference picture, without any further network."""

from typing import Annotated

from limner.graph.declare import Number, node
from limner.models.patches.patch import with_variation
from limner.models.patches.reference_only import Reference, ReferenceOnly
from limner.nodes.growing import OWN
from limner.nodes.network_patches import unet_of
from limner.nodes.sockets import LATENT, MODEL
from limner.sampling.variants import Span

PartOfWalk = Annotated[float, Number(min=0.0, max=1.0, step=0.001)]


@node(name="ReferenceOnly", title="Reference only", category="model_patches/unet", module=OWN)
def reference_only(
    *,
    model: MODEL,
    reference: LATENT,
    strength: Annotated[float, Number(min=0.0, max=4.0, step=0.01)] = 1.0,
    start_percent: PartOfWalk = 0.0,
    end_percent: PartOfWalk = 1.0,
) -> MODEL:
    """Lets a UNet look at a reference picture while it paints: style, colours and content follow it.

    The latent is resized to the size that is painted, so choose one of about the same shape; of several pictures the
    first is taken. ``strength`` says how much its elements count in attention beside those of the picture itself.
    Several of these nodes read several references. Takes about twice the time. For Stable Diffusion 1, 2 and SDXL.

    Source: Zhang 2023, "reference-only control".
    """
    if strength == 0:
        return model
    latent = model.latent_format.to_model(reference["samples"][:1])
    variation = ReferenceOnly(Reference.of(latent, strength), Span(start_percent, end_percent))
    return with_variation(unet_of(model, "ReferenceOnly"), variation)
