"""Changes inside a UNet while it runs: nodes that give a model patches."""

import logging
from collections.abc import Hashable
from typing import Annotated, Any

from limner.graph.declare import Choice, Number, node
from limner.models.patches.deep_cache import DeepCache
from limner.models.patches.deep_shrink import DeepShrink
from limner.models.patches.freeu import FreeU
from limner.models.patches.hyper_tile import HyperTile
from limner.models.patches.patch import Sometimes, with_patch, with_variation
from limner.models.patches.token_merging import TokenMerging
from limner.nodes.growing import OWN
from limner.nodes.sockets import MODEL
from limner.nodes.widgets import Share
from limner.sampling.variants import Span

logger = logging.getLogger(__name__)

UNETS = "model_patches/unet"

Factor = Annotated[float, Number(min=0.0, max=10.0, step=0.01)]
Method = Annotated[str, Choice("bicubic", "nearest-exact", "bilinear", "area", "bislerp")]
Percent = Annotated[float, Number(min=0.0, max=1.0, step=0.001)]


def unet_of(model: Any, what: str) -> Any:
    """The model; says so where it is no UNet, which then runs as if it had not been patched."""
    blueprint = getattr(getattr(model, "network", None), "blueprint", None)
    if blueprint is not None and "channels" not in blueprint.facts:
        logger.warning("%s changes UNets; %s is none, and runs without it.", what, model.network.what)
    return model


def patched(model: Any, patch: Hashable) -> Any:
    """A model with a patch of UNets."""
    return with_patch(unet_of(model, type(patch).__name__), patch)


@node(name="FreeU", title="FreeU", category=UNETS)
def freeu(*, model: MODEL, b1: Factor = 1.1, b2: Factor = 1.2, s1: Factor = 0.9, s2: Factor = 0.2) -> MODEL:
    """Lets what a UNet computed deep inside count more (``b``) and the coarse part of its shortcuts less (``s``).

    The numbers belong to the two deepest stages. All at 1 change nothing. Costs no time.

    Source: Si et al. 2023, "FreeU: free lunch in diffusion U-Net".
    """
    return patched(model, FreeU((b1, b2), (s1, s2), adaptive=False))


@node(name="FreeU_V2", title="FreeU_V2", category=UNETS)
def freeu_v2(*, model: MODEL, b1: Factor = 1.3, b2: Factor = 1.4, s1: Factor = 0.9, s2: Factor = 0.2) -> MODEL:
    """FreeU whose ``b`` follow what is active at each place, so that smooth areas keep their detail.

    Source: Si et al. 2023, "FreeU: free lunch in diffusion U-Net", equation 5.
    """
    return patched(model, FreeU((b1, b2), (s1, s2), adaptive=True))


@node(name="HyperTile", title="HyperTile", category=UNETS)
def hyper_tile(
    *,
    model: MODEL,
    tile_size: Annotated[int, Number(min=1, max=2048)] = 256,
    swap_size: Annotated[int, Number(min=1, max=128)] = 2,
    max_depth: Annotated[int, Number(min=0, max=10)] = 0,
    scale_depth: bool = False,
) -> MODEL:
    """Makes large pictures faster: their parts look at each other inside tiles of about ``tile_size`` pixels only.

    ``swap_size`` sizes take turns from layer to layer; ``max_depth`` says down to which level of the network it holds;
    with ``scale_depth`` tiles of deeper levels cover more of the picture.
    """
    return patched(model, HyperTile(tile_size, swap_size, max_depth, scale_depth))


@node(name="TomePatchModel", title="TomePatchModel", category=UNETS)
def tome_patch_model(*, model: MODEL, ratio: Share = 0.3) -> MODEL:
    """Makes pictures faster, by a share of their elements that are treated as one with their likest neighbour.

    Source: Bolya and Hoffman 2023, "Token merging for fast Stable Diffusion".
    """
    return patched(model, TokenMerging(ratio))


@node(name="PatchModelAddDownscale", title="PatchModelAddDownscale (Kohya Deep Shrink)", category=UNETS)
def patch_model_add_downscale(
    *,
    model: MODEL,
    block_number: Annotated[int, Number(min=1, max=32, step=1)] = 3,
    downscale_factor: Annotated[float, Number(min=0.1, max=9.0, step=0.001)] = 2.0,
    start_percent: Percent = 0.0,
    end_percent: Percent = 0.35,
    downscale_after_skip: bool = True,
    downscale_method: Method,
    upscale_method: Method,
) -> MODEL:
    """Composes large pictures as if they were small, early in the walk, so that nothing appears twice.

    From the input block ``block_number`` on, the network works on a picture smaller by ``downscale_factor``.
    """
    patch = DeepShrink(block_number, downscale_factor, downscale_after_skip, downscale_method, upscale_method)
    return with_variation(unet_of(model, "DeepShrink"), Sometimes(patch, Span(start_percent, end_percent)))


@node(name="DeepCache", title="DeepCache", category=UNETS, module=OWN)
def deep_cache(
    *,
    model: MODEL,
    interval: Annotated[int, Number(min=1, max=20, step=1)] = 3,
    outer_blocks: Annotated[int, Number(min=0, max=30, step=1)] = 2,
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
) -> MODEL:
    """Makes walks faster: only every ``interval``-th evaluation runs the whole network, the others its outer blocks.

    ``outer_blocks`` says how many blocks after the first convolution always run; fewer are faster and less exact.

    Source: Ma et al. 2023, "DeepCache: accelerating diffusion models for free".
    """
    variation = DeepCache(interval, outer_blocks, Span(start_percent, end_percent))
    return with_variation(unet_of(model, "DeepCache"), variation)
