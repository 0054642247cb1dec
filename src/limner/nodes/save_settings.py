"""Pictures with their settings as a text, as the web UIs of Stable Diffusion write and read it."""

from typing import Annotated

from limner.graph.declare import NodeResult, Text, node
from limner.media.series import Series
from limner.nodes.growing import OWN
from limner.nodes.save import (
    ExtraDocument,
    FolderService,
    PromptDocument,
    document_texts,
    place,
    save_images,
    shown_images,
)
from limner.nodes.sockets import IMAGE

PARAMETERS = "parameters"
"""Keyword of the text in PNG files."""

Settings = Annotated[str, Text(multiline=True)]


@node(name="SaveImageWithSettings", title="Save Image with settings", category="image", output=True, module=OWN)
def save_image_with_settings(
    *,
    images: IMAGE,
    settings: Settings = "",
    filename_prefix: str = "ComfyUI",
    keep: bool = True,
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves images as PNG with a text of their settings inside, beside the workflow.

    The text is what other programs show and read back: the prompt, ``Negative prompt: ...``, and a line of settings.
    Without ``keep`` the files are removed when the server starts again.
    """
    texts = ({PARAMETERS: settings} if settings else {}) | document_texts(prompt, extra_pnginfo)
    if not keep:
        return shown_images(images, folders, texts)
    folder, subfolder, stem = place(folders.output, filename_prefix, images.shape[2], images.shape[1])
    return save_images(Series(folder, stem), subfolder, "output", images, texts)
