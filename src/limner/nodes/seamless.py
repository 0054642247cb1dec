"""Pictures that go on at their edges, to be laid side by side."""

from limner.graph.declare import node
from limner.models.seamless import Edges, SeamlessAutoencoder
from limner.nodes.autoencoding import present
from limner.nodes.growing import OWN
from limner.nodes.network_patches import UNETS, patched
from limner.nodes.sockets import MODEL, VAE


@node(name="SeamlessTiling", title="Seamless Tiling", category=UNETS, module=OWN)
def seamless_tiling(*, model: MODEL, x: bool = True, y: bool = True) -> MODEL:
    """Makes a UNet draw pictures whose left and right edges (``x``), upper and lower edges (``y``) meet.

    The autoencoder has to know it, too: see Seamless Tiling (VAE).
    """
    return patched(model, Edges(x, y)) if x or y else model


@node(name="SeamlessTilingVAE", title="Seamless Tiling (VAE)", category="latent", module=OWN)
def seamless_tiling_vae(*, vae: VAE, x: bool = True, y: bool = True) -> VAE:
    """An autoencoder for pictures whose left and right edges (``x``), upper and lower edges (``y``) meet."""
    return SeamlessAutoencoder.of(present(vae), Edges(x, y)) if x or y else vae
