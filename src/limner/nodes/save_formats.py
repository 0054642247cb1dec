"""Pictures in smaller files than PNG, with the workflow inside."""

from typing import Annotated, Any

from limner.graph.declare import Choice, NodeResult, Number, node
from limner.media.pictures import to_bytes
from limner.media.png import encode_png
from limner.media.series import Series
from limner.media.stills import encode_jpeg, encode_still_webp
from limner.nodes.growing import OWN
from limner.nodes.save import ExtraDocument, FolderService, PromptDocument, document_texts, place
from limner.nodes.save_animated import documents
from limner.nodes.sockets import IMAGE

ENCODERS = {"jpeg": encode_jpeg, "webp": encode_still_webp}
SUFFIXES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}


@node(name="SaveImageAs", title="Save Image as", category="image", output=True, module=OWN)
def save_image_as(
    *,
    images: IMAGE,
    filename_prefix: str = "ComfyUI",
    format: Annotated[str, Choice(*SUFFIXES)] = "png",  # noqa: A002 - the input's name
    quality: Annotated[int, Number(min=1, max=100)] = 90,
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves images as PNG, JPEG or WebP in the output folder, with the workflow inside.

    The quality is for JPEG and WebP; a WebP file of quality 100 keeps every pixel. A JPEG file has room for 64 kB
    beside its picture: a larger workflow is left out.
    """
    folder, subfolder, stem = place(folders.output, filename_prefix, images.shape[2], images.shape[1])
    series, saved = Series(folder, stem), []
    texts: dict[str, Any] = documents(prompt, extra_pnginfo)
    for index, image in enumerate(images):
        pixels = to_bytes(image)
        if format == "png":
            data = encode_png(pixels, document_texts(prompt, extra_pnginfo))
        else:
            data = ENCODERS[format](pixels, quality, texts)
        name = series.save(data, SUFFIXES[format], index)
        saved.append({"filename": name, "subfolder": subfolder, "type": "output"})
    return NodeResult(ui={"images": saved})
