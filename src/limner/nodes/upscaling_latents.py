"""Latents of videos enlarged by networks, without a way over pixels."""

from typing import Annotated

from limner.graph.declare import Choice, Flags, Socket, node
from limner.models.latent_upscaler import LatentUpscaler, latent_upscaler_in
from limner.nodes.autoencoding import present
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import LATENT, VAE

LATENT_UPSCALE_MODEL = Annotated[LatentUpscaler, Socket("LATENT_UPSCALE_MODEL")]


@node(
    name="LatentUpscaleModelLoader",
    title="Load Latent Upscale Model",
    category="loaders",
    fingerprint=file_stamp("latent_upscale_models", "model_name"),
)
def latent_upscale_model_loader(
    *,
    model_name: Annotated[str, Choice(source="latent_upscale_models"), Flags(optional=True)],
    library: Library,
) -> LATENT_UPSCALE_MODEL:
    """A network that enlarges LTX-Video's latents, in space or in time.

    Newer than ComfyUI 0.3.64.
    """
    return latent_upscaler_in(library.open("latent_upscale_models", model_name), library)


@node(name="LTXVLatentUpsampler", title="LTXVLatentUpsampler", category="latent/video/ltxv")
def ltxv_latent_upsampler(*, samples: LATENT, upscale_model: LATENT_UPSCALE_MODEL, vae: VAE) -> LATENT:
    """LTX-Video's latents with sides, or a rate of frames, twice as large; another walk at low noise adds detail.

    Newer than ComfyUI 0.3.64. What a mask kept is enlarged like everything else, and the mask left behind.
    """
    rest = {name: value for name, value in samples.items() if name != "noise_mask"}
    return {**rest, "samples": upscale_model.upscale(samples["samples"], present(vae))}
