"""Persons of pictures in prompts (PhotoMaker)."""

from typing import Annotated

from limner.graph.declare import Choice, Text, node
from limner.models.vision.photo_maker import open_photo_maker
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import CLIP, CONDITIONING, IMAGE, PHOTOMAKER

CATEGORY = "_for_testing/photomaker"


@node(
    name="PhotoMakerLoader",
    title="PhotoMakerLoader",
    category=CATEGORY,
    fingerprint=file_stamp("photomaker", "photomaker_model_name"),
)
def photo_maker_loader(
    *, photomaker_model_name: Annotated[str, Choice(source="photomaker")], library: Library
) -> PHOTOMAKER:
    """A network that works persons into prompts of SDXL. The LoRA in its file is loaded by a LoRA's node."""
    return open_photo_maker(library, photomaker_model_name)


@node(name="PhotoMakerEncode", title="PhotoMakerEncode", category=CATEGORY)
def photo_maker_encode(
    *,
    photomaker: PHOTOMAKER,
    image: IMAGE,
    clip: CLIP,
    text: Annotated[str, Text(multiline=True, dynamic_prompts=True)] = "photograph of photomaker",
) -> CONDITIONING:
    """Encodes a prompt in which the word before ``photomaker`` is the person of the pictures.

    "photograph of a woman photomaker in the rain". Several pictures of a person in one batch say more than one.
    """
    return photomaker.encode(clip, text, image)
