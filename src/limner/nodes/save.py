"""Results into files, with the workflow inside, and onto the wire."""

import json
import secrets
import string
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from torch import Tensor

from limner.graph.declare import Hidden, NodeResult, Service, node
from limner.graph.errors import StorageError
from limner.graph.progress import Preview, Progress
from limner.media.latents import encode_latent
from limner.media.names import BATCH_TOKEN, expand_prefix, split_prefix
from limner.media.pictures import to_bytes
from limner.media.png import encode_png
from limner.media.series import Series
from limner.nodes.masks import mask_to_image
from limner.nodes.sockets import IMAGE, LATENT, MASK
from limner.storage.folders import Folders, resolve

FolderService = Annotated[Folders, Service()]
PromptDocument = Annotated[dict[str, Any] | None, Hidden("PROMPT")]
ExtraDocument = Annotated[dict[str, Any] | None, Hidden("EXTRA_PNGINFO")]

PREVIEW_LETTERS = 5


def document_texts(prompt: Mapping[str, Any] | None, extra: Mapping[str, Any] | None) -> dict[str, str]:
    """What is embedded in files: the prompt and every extra document, as JSON by keyword."""
    documents: dict[str, Any] = {} if prompt is None else {"prompt": prompt}
    documents |= extra if isinstance(extra, Mapping) else {}
    return {key: json.dumps(document) for key, document in documents.items()}


def place(root: Path, prefix: str, width: int = 0, height: int = 0) -> tuple[Path, str, str]:
    """Folder, subfolder and stem that a prefix means.

    Raises:
        StorageError: if it leaves the folder.
    """
    subfolder, stem = split_prefix(expand_prefix(prefix, width, height, datetime.now().astimezone()))
    try:
        resolve(root, stem.replace(BATCH_TOKEN, "0") or "_")
        return (resolve(root, subfolder) if subfolder else root), subfolder, stem
    except StorageError as error:
        raise StorageError(
            f"**** ERROR: Saving image outside the output folder is not allowed.\n{error} The prefix was {prefix!r}."
        ) from error


def save_images(series: Series, subfolder: str, kind: str, images: Tensor, texts: Mapping[str, str]) -> NodeResult:
    """Saves a batch as PNG files and tells clients where. Shapes: images [b h w c]."""
    saved = []
    for index, image in enumerate(images):
        name = series.save(encode_png(to_bytes(image), texts), ".png", index)
        saved.append({"filename": name, "subfolder": subfolder, "type": kind})
    return NodeResult(ui={"images": saved})


def shown_images(images: Tensor, folders: Folders, texts: Mapping[str, str]) -> NodeResult:
    """Saves a batch in the folder that is emptied now and then, under a name that nobody else uses."""
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(PREVIEW_LETTERS))
    series = Series(folders.temp, f"ComfyUI_temp_{letters}", durable=False)
    return save_images(series, "", "temp", images, texts)


@node(name="SaveImage", title="Save Image", category="image", output=True)
def save_image(
    *,
    images: IMAGE,
    filename_prefix: str = "ComfyUI",
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves images as PNG in the output folder, with the workflow inside, so that dropping a file brings it back.

    The prefix may name a subfolder and hold ``%width% %height% %year% %month% %day% %hour% %minute% %second%
    %batch_num%``. Numbers go on from the largest one there is; nothing is overwritten.
    """
    folder, subfolder, stem = place(folders.output, filename_prefix, images.shape[2], images.shape[1])
    texts = document_texts(prompt, extra_pnginfo)
    return save_images(Series(folder, stem), subfolder, "output", images, texts)


@node(name="PreviewImage", title="Preview Image", category="image", output=True)
def preview_image(
    *,
    images: IMAGE,
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Shows images without keeping them: the files are removed when the server starts again."""
    return shown_images(images, folders, document_texts(prompt, extra_pnginfo))


@node(name="MaskPreview", title="MaskPreview", category="mask", output=True)
def mask_preview(
    *,
    mask: MASK,
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Shows a mask in grey without keeping it; white is masked."""
    return shown_images(mask_to_image(mask=mask), folders, document_texts(prompt, extra_pnginfo))


@node(name="SaveLatent", title="SaveLatent", category="_for_testing", output=True)
def save_latent(
    *,
    samples: LATENT,
    filename_prefix: str = "latents/ComfyUI",
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves latents as one file in the output folder; LoadLatent reads it from the input folder."""
    folder, subfolder, stem = place(folders.output, filename_prefix)
    data = encode_latent(samples["samples"], document_texts(prompt, extra_pnginfo))
    name = Series(folder, stem).save(data, ".latent")
    return NodeResult(ui={"latents": [{"filename": name, "subfolder": subfolder, "type": "output"}]})


def _never_equal(**_: object) -> float:
    """A client waits for the pictures of every run."""
    return float("nan")


@node(
    name="SaveImageWebsocket",
    title="SaveImageWebsocket",
    category="api/image",
    output=True,
    module="custom_nodes.websocket_image_save",
    fingerprint=_never_equal,
)
def save_image_websocket(*, images: IMAGE, progress: Annotated[Progress, Service()]) -> NodeResult:
    """Sends images to the client as PNG over its socket; nothing is written to disk."""
    for index, image in enumerate(images):
        picture = Preview(image=encode_png(to_bytes(image)), media_type="image/png", final=True)
        progress.report(index, len(images), picture)
    return NodeResult()
