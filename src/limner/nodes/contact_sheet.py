"""Many pictures on one sheet, with captions."""

import math
from typing import Annotated

from limner.graph.declare import Flags, Number, Text, node
from limner.graph.errors import StepError
from limner.media.sheets import Style, captioned_sheet, shrunk
from limner.nodes.fonts import FolderService, FontName, Margin, chosen_font
from limner.nodes.growing import OWN
from limner.nodes.lists import each, only
from limner.nodes.sockets import IMAGE
from limner.nodes.widgets import Colour, SideOrZero

MOST_PICTURES = 1000
Columns = Annotated[int, Number(min=0, max=100)]
LetterSize = Annotated[int, Number(min=4, max=500)]


@node(name="ContactSheet", title="Contact Sheet", category="image/plot", takes_lists=True, module=OWN)
def contact_sheet(
    *,
    images: IMAGE,
    captions: Annotated[str, Text(multiline=True), Flags(optional=True)] = "",
    columns: Columns = 0,
    cell_size: SideOrZero = 256,
    gap: Margin = 12,
    letter_size: LetterSize = 16,
    background: Colour = 0xFFFFFF,
    ink: Colour = 0x202020,
    font: FontName = "",
    folders: FolderService,
) -> IMAGE:
    """All pictures of a batch, or of a list of batches, in rows on one sheet, each with a caption below.

    Captions are a list of texts, or the lines of one; in a caption ``{number}`` is the picture's. Columns 0 make the
    sheet about square; ``cell_size`` shrinks larger pictures, 0 does not.
    """
    pictures = [shrunk(image, only(cell_size)) for image in each(images)]
    if not 0 < len(pictures) <= MOST_PICTURES:
        raise StepError(f"{len(pictures)} pictures came; a contact sheet has 1 to {MOST_PICTURES}.")
    texts = _captions(captions, len(pictures))
    style = Style(
        font=chosen_font("".join(texts), only(font), only(letter_size), folders),
        background=only(background),
        ink=only(ink),
        gap=only(gap),
    )
    return captioned_sheet(pictures, texts, only(columns) or math.ceil(math.sqrt(len(pictures))), style)


def _captions(written: str | list[str], count: int) -> list[str]:
    """A caption for each picture: the texts of a list, the lines of a single text, or that text for all."""
    texts = written if isinstance(written, list) else [written]
    if len(texts) == 1:
        lines = texts[0].splitlines() or [""]
        texts = lines * count if len(lines) == 1 and "{number}" in lines[0] else lines
    numbered = (text.replace("{number}", str(place + 1)) for place, text in enumerate(texts[:count]))
    return [text.strip() for text in numbered]
