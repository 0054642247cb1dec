"""Moving pictures and drawings into files, with the workflow inside."""

from collections.abc import Mapping
from typing import Annotated, Any

from torch import Tensor

from limner.graph.declare import Choice, NodeResult, Number, Socket, node
from limner.graph.errors import NumericsError
from limner.media.animations import EFFORT, encode_apng, encode_webp, with_documents
from limner.media.pictures import to_bytes
from limner.media.series import Series
from limner.nodes.save import ExtraDocument, FolderService, PromptDocument, place
from limner.nodes.sockets import IMAGE
from limner.storage.folders import Folders

ANIMATION = "image/animation"
FramesPerSecond = Annotated[float, Number(min=0.01, max=1000.0, step=0.01)]


def documents(prompt: Mapping[str, Any] | None, extra: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is embedded: the prompt and every extra document, by keyword."""
    found: dict[str, Any] = {} if prompt is None else {"prompt": prompt}
    return found | (dict(extra) if isinstance(extra, Mapping) else {})


def _saved(images: Tensor, prefix: str, folders: Folders, data: bytes, suffix: str) -> NodeResult:
    """Saves one file and tells clients that it moves."""
    folder, subfolder, stem = place(folders.output, prefix, images.shape[2], images.shape[1])
    name = Series(folder, stem).save(data, suffix)
    entry = {"filename": name, "subfolder": subfolder, "type": "output"}
    return NodeResult(ui={"images": [entry], "animated": [True]})


@node(name="SaveAnimatedWEBP", title="SaveAnimatedWEBP", category=ANIMATION, output=True)
def save_animated_webp(
    *,
    images: IMAGE,
    filename_prefix: str = "ComfyUI",
    fps: FramesPerSecond = 6.0,
    lossless: bool = True,
    quality: Annotated[int, Number(min=0, max=100)] = 80,
    method: Annotated[str, Choice(*EFFORT)],
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves a batch as one moving WEBP picture in the output folder, with the workflow inside."""
    data = encode_webp(
        [to_bytes(image) for image in images],
        fps,
        lossless=lossless,
        quality=quality,
        effort=EFFORT[method],
        documents=documents(prompt, extra_pnginfo),
    )
    return _saved(images, filename_prefix, folders, data, ".webp")


@node(name="SaveAnimatedPNG", title="SaveAnimatedPNG", category=ANIMATION, output=True)
def save_animated_png(
    *,
    images: IMAGE,
    filename_prefix: str = "ComfyUI",
    fps: FramesPerSecond = 6.0,
    compress_level: Annotated[int, Number(min=0, max=9)] = 4,
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves a batch as one moving PNG picture in the output folder, with the workflow inside."""
    frames = [to_bytes(image) for image in images]
    data = encode_apng(frames, fps, compress_level, documents(prompt, extra_pnginfo))
    return _saved(images, filename_prefix, folders, data, ".png")


def drawings(svg: Any) -> list[str]:
    """The texts of an SVG value: an object whose ``data`` lists files in memory, or such a list itself.

    Raises:
        NumericsError: if it holds none.
    """
    listed = getattr(svg, "data", svg)
    parts = listed if isinstance(listed, list | tuple) else [listed]
    texts = []
    for part in parts:
        content = part.getvalue() if hasattr(part, "getvalue") else part
        if not isinstance(content, str | bytes):
            raise NumericsError(f"A drawing should be a text or a file in memory, but is {type(content).__name__}.")
        texts.append(content if isinstance(content, str) else content.decode("utf-8", "replace"))
    return texts


@node(name="SaveSVGNode", title="SaveSVGNode", category="image/save", output=True)
def save_svg_node(
    *,
    svg: Annotated[Any, Socket("SVG")],
    filename_prefix: str = "svg/ComfyUI",
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves drawings as SVG files in the output folder, with the workflow in their metadata."""
    folder, subfolder, stem = place(folders.output, filename_prefix)
    series, embedded = Series(folder, stem), documents(prompt, extra_pnginfo)
    saved = []
    for index, text in enumerate(drawings(svg)):
        name = series.save(with_documents(text, embedded).encode(), ".svg", index)
        saved.append({"filename": name, "subfolder": subfolder, "type": "output"})
    return NodeResult(ui={"images": saved})
