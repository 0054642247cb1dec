"""Which font a node writes in, and the inputs that nodes which write on pictures declare alike."""

from typing import Annotated

from limner.graph.declare import Choice, Flags, Number, Service
from limner.media.lettering import Font, fitting_font, load_font
from limner.storage.folders import Folders

FolderService = Annotated[Folders, Service()]
FontName = Annotated[str, Flags(optional=True)]
"""A file in the folder ``fonts``; empty: the built-in font, or the first that has the letters."""

PLACES = tuple(
    f"{vertical} {horizontal}".replace("middle centre", "centre")
    for vertical in ("top", "middle", "bottom")
    for horizontal in ("left", "centre", "right")
)
Place = Annotated[str, Choice(*PLACES)]
Margin = Annotated[int, Number(min=0, max=4096)]
Turn = Annotated[float, Number(min=-360.0, max=360.0, step=1.0)]
"""Degrees, counter-clockwise."""


def chosen_font(text: str, name: str, size: float, folders: Folders) -> Font:
    """The font of that name, or one that has the letters of a text if there is no name.

    Raises:
        UnknownNameError: if the folder ``fonts`` has no such file.
        NumericsError: if no font has the letters.
    """
    if name:
        return load_font(folders.find("fonts", name), size)
    own = (folders.find("fonts", known) for known in folders.list("fonts"))
    return fitting_font(text, size, own)


def corner(place: str, inner: tuple[int, int], outer: tuple[int, int], margin: int) -> tuple[int, int]:
    """Left and top of something in a frame.

    Args:
        place: One of PLACES.
        inner: Its height and width.
        outer: Those of the frame.
        margin: Pixels that stay free at the frame's sides.
    """
    words = place.split()
    top = {"top": margin, "bottom": outer[0] - inner[0] - margin}.get(words[0], (outer[0] - inner[0]) // 2)
    left = {"left": margin, "right": outer[1] - inner[1] - margin}.get(words[-1], (outer[1] - inner[1]) // 2)
    return left, top
