"""Images at other sizes."""

from typing import Annotated

from limner.graph.declare import Hidden, Number, Service, node
from limner.graph.progress import Progress
from limner.media.resize import kept_aspect, resize_images, scale_to_pixels
from limner.nodes.sockets import IMAGE
from limner.nodes.widgets import Crop, ImageMethod, ScaleFactor, SideOrZero

MEGAPIXEL = 1024 * 1024


@node(name="ImageScale", title="Upscale Image", category="image/upscaling")
def image_scale(
    *,
    image: IMAGE,
    upscale_method: ImageMethod,
    width: SideOrZero = 512,
    height: SideOrZero = 512,
    crop: Crop,
) -> IMAGE:
    """Images at a given size, larger or smaller. 0 for one side keeps the aspect ratio, 0 for both changes nothing."""
    if width == 0 and height == 0:
        return image
    size = kept_aspect(width, height, image.shape[2], image.shape[1])
    return resize_images(image, *size, upscale_method, crop)


@node(name="ImageScaleBy", title="Upscale Image By", category="image/upscaling")
def image_scale_by(*, image: IMAGE, upscale_method: ImageMethod, scale_by: ScaleFactor = 1.0) -> IMAGE:
    """Images enlarged or reduced by a factor."""
    width, height = round(image.shape[2] * scale_by), round(image.shape[1] * scale_by)
    return resize_images(image, max(1, width), max(1, height), upscale_method)


@node(name="ImageScaleToTotalPixels", title="ImageScaleToTotalPixels", category="image/upscaling")
def image_scale_to_total_pixels(
    *,
    image: IMAGE,
    upscale_method: ImageMethod,
    megapixels: Annotated[float, Number(min=0.01, max=16.0, step=0.01)] = 1.0,
) -> IMAGE:
    """Images of about so many megapixels (1024 x 1024 each), in their own aspect ratio."""
    width, height = scale_to_pixels(image.shape[2], image.shape[1], int(megapixels * MEGAPIXEL))
    return resize_images(image, max(1, width), max(1, height), upscale_method)


@node(
    name="GetImageSize",
    title="Get Image Size",
    category="image",
    outputs=("width", "height", "batch_size"),
)
def get_image_size(
    *,
    image: IMAGE,
    unique_id: Annotated[str | None, Hidden("UNIQUE_ID")] = None,
    progress: Annotated[Progress, Service()],
) -> tuple[int, int, int]:
    """Width and height in pixels, and how many images there are. Also shown at the node."""
    count, height, width = image.shape[:3]
    progress.text(f"width: {width}, height: {height}\n batch size: {count}")
    return width, height, count
