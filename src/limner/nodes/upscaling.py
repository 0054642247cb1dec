"""Pictures enlarged by networks."""

from typing import Annotated

from limner.graph.declare import Choice, node
from limner.models.upscalers.registry import upscaler_in
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sampling import Telling
from limner.nodes.sockets import IMAGE, UPSCALE_MODEL


@node(
    name="UpscaleModelLoader",
    title="Load Upscale Model",
    category="loaders",
    fingerprint=file_stamp("upscale_models", "model_name"),
)
def upscale_model_loader(
    *, model_name: Annotated[str, Choice(source="upscale_models")], library: Library
) -> UPSCALE_MODEL:
    """A network that enlarges pictures. Its architecture and its factor are recognised from the file.

    The ESRGAN family is built in; other architectures need the extra ``upscale``.
    """
    return upscaler_in(library.open("upscale_models", model_name), library)


@node(name="ImageUpscaleWithModel", title="Upscale Image (using Model)", category="image/upscaling")
def image_upscale_with_model(*, upscale_model: UPSCALE_MODEL, image: IMAGE, progress: Telling) -> IMAGE:
    """Images enlarged by the factor of the network, in overlapping tiles; smaller tiles where memory runs out."""
    return upscale_model.upscale(image, progress.report)
