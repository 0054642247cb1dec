"""Between pixels and latents."""

from typing import Annotated, Any

from torch import Tensor

from limner.graph.declare import Number, node
from limner.graph.errors import NumericsError
from limner.nodes.sockets import IMAGE, LATENT, VAE

TileSide = Annotated[int, Number(min=64, max=4096, step=32)]
TileOverlap = Annotated[int, Number(min=0, max=4096, step=32)]
FrameCount = Annotated[int, Number(min=8, max=4096, step=4)]
FrameOverlap = Annotated[int, Number(min=4, max=4096, step=4)]

COLOURS = 3


def present(vae: Any) -> Any:
    """The autoencoder.

    Raises:
        NumericsError: if there is none.
    """
    if vae is None:
        raise NumericsError(
            "ERROR: VAE is invalid: None\n\nThe file that was loaded holds no autoencoder. Load one with VAELoader, "
            "or choose a complete checkpoint."
        )
    return vae


def as_images(decoded: Tensor) -> Tensor:
    """Frames of videos as one batch. Shapes: [b h w c] or [b t h w c]; returns [n h w c]."""
    return decoded.reshape(-1, *decoded.shape[-3:]) if decoded.ndim == 5 else decoded


@node(name="VAEDecode", title="VAE Decode", category="latent")
def vae_decode(*, samples: LATENT, vae: VAE) -> IMAGE:
    """The pictures that latents stand for."""
    return as_images(present(vae).decode(samples["samples"]))


@node(name="VAEEncode", title="VAE Encode", category="latent")
def vae_encode(*, pixels: IMAGE, vae: VAE) -> LATENT:
    """The latents of pictures. Sides are cut evenly to multiples of what a latent element covers."""
    return {"samples": present(vae).encode(pixels[..., :COLOURS])}


@node(name="VAEDecodeTiled", title="VAE Decode (Tiled)", category="_for_testing")
def vae_decode_tiled(
    *,
    samples: LATENT,
    vae: VAE,
    tile_size: TileSide = 512,
    overlap: TileOverlap = 64,
    temporal_size: FrameCount = 64,
    temporal_overlap: FrameOverlap = 8,
) -> IMAGE:
    """Decodes in overlapping tiles, for pictures that are too large for memory. Sizes in pixels.

    The temporal sizes count frames and matter to video networks only.
    """
    decoded = present(vae).decode_tiled(
        samples["samples"],
        tile=tile_size,
        overlap=overlap,
        frames=temporal_size,
        frame_overlap=temporal_overlap,
    )
    return as_images(decoded)


@node(name="VAEEncodeTiled", title="VAE Encode (Tiled)", category="_for_testing")
def vae_encode_tiled(
    *,
    pixels: IMAGE,
    vae: VAE,
    tile_size: Annotated[int, Number(min=64, max=4096, step=64)] = 512,
    overlap: TileOverlap = 64,
    temporal_size: FrameCount = 64,
    temporal_overlap: FrameOverlap = 8,
) -> LATENT:
    """Encodes in overlapping tiles, for pictures that are too large for memory. Sizes in pixels.

    The temporal sizes count frames and matter to video networks only.
    """
    encoded = present(vae).encode_tiled(
        pixels[..., :COLOURS],
        tile=tile_size,
        overlap=overlap,
        frames=temporal_size,
        frame_overlap=temporal_overlap,
    )
    return {"samples": encoded}
