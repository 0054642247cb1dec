"""Pictures from the input folder."""

import hashlib
from typing import Annotated

from limner.graph.declare import Choice, Service, node
from limner.graph.errors import StorageError
from limner.media.pictures import read_channel, read_picture
from limner.nodes.sockets import IMAGE, MASK
from limner.storage.folders import Folders

InputPicture = Annotated[str, Choice(source="input pictures", image_upload=True)]
OutputPicture = Annotated[
    str,
    Choice(
        image_upload=True,
        image_folder="output",
        remote={
            "route": "/internal/files/output",
            "refresh_button": True,
            "control_after_refresh": "first",
        },
    ),
]
FolderService = Annotated[Folders, Service()]


def file_digest(*, image: str | None, folders: Folders, **_: object) -> str:
    """Changes when the file's content does."""
    try:
        with folders.file(image or "").open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, StorageError):
        return "missing"


@node(
    name="LoadImage",
    title="Load Image",
    category="image",
    outputs=("IMAGE", "MASK"),
    fingerprint=file_digest,
)
def load_image(*, image: InputPicture, folders: FolderService) -> tuple[IMAGE, MASK]:
    """A picture file, and what is transparent in it as a mask.

    Animated files become a batch. Names may say another folder: ``a.png [output]``.
    """
    picture = read_picture(folders.file(image))
    return picture.images, picture.masks


@node(
    name="LoadImageMask",
    title="Load Image (as Mask)",
    category="mask",
    fingerprint=file_digest,
)
def load_image_mask(
    *,
    image: InputPicture,
    channel: Annotated[str, Choice("alpha", "red", "green", "blue")],
    folders: FolderService,
) -> MASK:
    """One channel of a picture as a mask. Transparency counts as masked; a missing channel gives an empty mask."""
    return read_channel(folders.file(image), channel)


@node(
    name="LoadImageOutput",
    title="Load Image (from Outputs)",
    category="image",
    outputs=("IMAGE", "MASK"),
    fingerprint=file_digest,
)
def load_image_output(*, image: OutputPicture, folders: FolderService) -> tuple[IMAGE, MASK]:
    """A picture that was made before, and what is transparent in it as a mask. The client lists what there is."""
    picture = read_picture(folders.file(image))
    return picture.images, picture.masks
