"""Pictures numbered as the pages of a document are."""

from typing import Annotated

from torch import Tensor

from limner.graph.declare import Number, node
from limner.graph.errors import StepError
from limner.media.lettering import blend, colour_of, text_mask
from limner.nodes.fonts import FolderService, FontName, Margin, Place, chosen_font, corner
from limner.nodes.growing import OWN
from limner.nodes.lists import only
from limner.nodes.sockets import IMAGE
from limner.nodes.watermark import MARKS, Size
from limner.nodes.widgets import Colour
from limner.storage.folders import Folders

PageNumber = Annotated[int, Number(min=0, max=1_000_000)]


@node(
    name="PageNumbers",
    title="Page Numbers",
    category=MARKS,
    list_outputs=(True,),
    takes_lists=True,
    module=OWN,
)
def page_numbers(
    *,
    images: IMAGE,
    text: str = "{page} / {pages}",
    first_number: PageNumber = 1,
    unnumbered: PageNumber = 0,
    place: Place = "bottom right",
    letter_size: Size = 0.04,
    colour: Colour = 0x404040,
    margin: Margin = 24,
    font: FontName = "",
    folders: FolderService,
) -> IMAGE:
    """Writes a number on every picture: through a batch, and on through all batches of a list.

    In the text ``{page}`` is the picture's number and ``{pages}`` the last one. The first ``unnumbered`` pictures, a
    title for instance, are counted but get no number.
    """
    batches = images if isinstance(images, list) else [images]
    writer = _Writer(only(text), only(place), only(letter_size), only(colour), only(margin), only(font), folders)
    number, last = only(first_number), only(first_number) + sum(batch.shape[0] for batch in batches) - 1
    begin = number + only(unnumbered)
    numbered = []
    for batch in batches:
        done = batch.clone()
        for row in range(batch.shape[0]):
            if number >= begin:
                done[row : row + 1] = writer.write(batch[row : row + 1], number, last)
            number += 1
        numbered.append(done)
    return numbered  # type: ignore[return-value]


class _Writer:
    """Writes numbers in one manner."""

    def __init__(
        self, text: str, place: str, size: float, colour: int, margin: int, font: str, folders: Folders
    ) -> None:
        self._text, self._place, self._size, self._margin, self._font = text, place, size, margin, font
        self._colour, self._folders = colour_of(colour), folders

    def write(self, image: Tensor, page: int, pages: int) -> Tensor:
        """A picture [1 h w c] with its number.

        Raises:
            StepError: if the text says nothing of the page.
        """
        text = self._text.replace("{pages}", str(pages)).replace("{page}", str(page))
        if not text.strip():
            raise StepError("The text of the page numbers is empty: write for instance {page} / {pages}.")
        font = chosen_font(text, self._font, self._size * min(image.shape[1:3]), self._folders)
        mask = text_mask(text, font)
        inner, outer = (mask.shape[0], mask.shape[1]), (image.shape[1], image.shape[2])
        return blend(image, self._colour, mask, *corner(self._place, inner, outer, self._margin))
