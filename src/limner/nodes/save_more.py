"""Results shown side by side, and saved in formats that newer workflows name."""

from typing import Annotated, Any

from limner.graph.declare import Choice, Flags, NodeResult, Socket, Text, node
from limner.graph.errors import NumericsError
from limner.graph.node_type import Input
from limner.media.series import Series
from limner.nodes.growing import choice_with_inputs
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

MaybeImage = Annotated[Any, Socket("IMAGE"), Flags(optional=True)]

FORMATS = {
    "png": {
        "bit_depth": ("COMBO", {"options": ["8-bit"]}),
        "input_color_space": ("COMBO", {"options": ["sRGB"]}),
    }
}


@node(name="ImageCompare", title="Image Compare", category="image", output=True)
def image_compare(
    *,
    image_a: MaybeImage = None,
    image_b: MaybeImage = None,
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Shows two pictures over each other, with a line to move between them. Nothing is kept.

    Newer than ComfyUI 0.3.64.
    """
    texts = document_texts(prompt, extra_pnginfo)
    shown: dict[str, list[Any]] = {}
    for key, images in (("a_images", image_a), ("b_images", image_b)):
        result = None if images is None else shown_images(images, folders, texts)
        shown[key] = list(result.ui["images"]) if result is not None and result.ui else []
    return NodeResult(ui=shown)


@node(
    name="SaveImageAdvanced",
    title="Save Image (Advanced)",
    category="image",
    output=True,
    outputs=("images",),
    inputs=(
        Input(name="images", type="IMAGE"),
        Input(name="filename_prefix", type="STRING", options={"default": "ComfyUI"}),
        *choice_with_inputs("format", FORMATS),
    ),
)
def save_image_advanced(
    *, prompt: PromptDocument = None, extra_pnginfo: ExtraDocument = None, folders: FolderService, **inputs: Any
) -> IMAGE:
    """Saves images as PNG of 8 bits in the output folder, with the workflow inside, and hands them on.

    Newer than ComfyUI 0.3.64.
    """
    wanted = [inputs["format"], inputs.get("format.bit_depth", "8-bit"), inputs.get("format.input_color_space", "sRGB")]
    if wanted != ["png", "8-bit", "sRGB"]:
        raise NumericsError(f"Pictures are saved as png, 8-bit, sRGB; asked for was {', '.join(map(str, wanted))}.")
    images = inputs["images"]
    folder, subfolder, stem = place(folders.output, inputs["filename_prefix"], images.shape[2], images.shape[1])
    saved = save_images(Series(folder, stem), subfolder, "output", images, document_texts(prompt, extra_pnginfo))
    result: Any = NodeResult(values=(images,), ui=saved.ui)
    return result


@node(name="SaveText", title="Save Text", category="utils/string", output=True, outputs=("text",))
def save_text(
    *,
    text: Annotated[str, Text(), Flags(force_input=True)],
    filename_prefix: str = "ComfyUI",
    format: Annotated[str, Choice("txt", "json")],  # noqa: A002 - the input's name
    folders: FolderService,
) -> str:
    """Saves a text as a file in the output folder, shows it, and hands it on.

    Newer than ComfyUI 0.3.64.
    """
    folder, subfolder, stem = place(folders.output, filename_prefix)
    name = Series(folder, stem).save(text.encode(), f".{format}")
    entry = {"filename": name, "subfolder": subfolder, "type": "output"}
    result: Any = NodeResult(values=(text,), ui={"text": [text], "files": [entry]})
    return result
