"""Watermarks and numbers of pages, drawn over pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

from limner.dialects.apps.options import Finish

if TYPE_CHECKING:
    from PIL import Image, ImageFont

MARGIN = 0.02
"""Between a mark and the edge, as a part of the picture's shorter side."""

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
"""Fonts with Chinese, Japanese and Korean, where they are installed; the built-in one has Latin letters only."""

LATIN = 0x2000

PLACES: dict[str, tuple[float, float]] = {
    "top-left": (0, 0),
    "top": (0.5, 0),
    "top-right": (1, 0),
    "left": (0, 0.5),
    "center": (0.5, 0.5),
    "right": (1, 0.5),
    "bottom-left": (0, 1),
    "bottom": (0.5, 1),
    "bottom-right": (1, 1),
}
"""Where marks lie, as parts of what is free beside them."""


def stamped(picture: "Image.Image", finish: Finish, mark: "Image.Image | None", page: str) -> "Image.Image":
    """A picture with what is to be drawn over it.

    Args:
        picture: RGB or RGBA.
        finish: What and where.
        mark: The picture of a watermark.
        page: The picture's number and how many there are, ``2/7``.
    """
    marks = []
    width = max(1, round(picture.width * finish.watermark_scale))
    if mark is not None:
        marks.append((_scaled(mark, width, picture.height), finish.watermark_position, finish.watermark_opacity))
    if finish.watermark:
        drawn = _scaled(_written(finish.watermark, 96), width, picture.height)
        marks.append((drawn, finish.watermark_position, finish.watermark_opacity))
    if finish.page_number:
        number, _, total = page.partition("/")
        text = finish.page_number.replace("{n}", number).replace("{total}", total)
        corner = "bottom-left" if finish.watermark_position == "bottom-right" and marks else "bottom-right"
        marks.append((_written(text, max(10, round(min(picture.size) * 0.05))), corner, 0.9))
    for drawn, place, opacity in marks:
        picture = _laid(picture, drawn, place, opacity)
    return picture


def _scaled(mark: "Image.Image", width: int, most: int) -> "Image.Image":
    """A mark of some width that is not higher than the picture."""
    from PIL import Image

    height = max(1, round(mark.height * width / mark.width))
    if height > most:
        width, height = max(1, round(width * most / height)), most
    return mark.resize((width, height), Image.Resampling.LANCZOS)


def _written(text: str, size: int) -> "Image.Image":
    """A text in white with a dark edge, which shows on any ground."""
    from PIL import Image, ImageDraw

    font, edge = _font(text, size), max(1, size // 16)
    probe = ImageDraw.Draw(Image.new("RGBA", (1, 1)))
    left, top, right, bottom = (round(side) for side in probe.multiline_textbbox((0, 0), text, font, stroke_width=edge))
    drawn = Image.new("RGBA", (max(1, right - left), max(1, bottom - top)), (0, 0, 0, 0))
    ImageDraw.Draw(drawn).multiline_text(
        (-left, -top), text, (255, 255, 255, 255), font, stroke_width=edge, stroke_fill=(0, 0, 0, 200)
    )
    return drawn


def _font(text: str, size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont

    if any(ord(letter) >= LATIN for letter in text):
        for path in FONTS:
            if Path(path).is_file():
                return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)


def _laid(picture: "Image.Image", mark: "Image.Image", place: str, opacity: float) -> "Image.Image":
    """A picture with a mark over it; the picture's own transparency stays where the mark is not."""
    from PIL import Image

    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    faint = mark.copy()
    faint.putalpha(mark.getchannel("A").point([round(value * opacity) for value in range(256)]))
    for corner in _corners(picture.size, mark.size, place):
        layer.paste(faint, corner)
    joined = Image.alpha_composite(picture.convert("RGBA"), layer)
    return joined if picture.mode == "RGBA" else joined.convert(picture.mode)


def _corners(picture: tuple[int, int], mark: tuple[int, int], place: str) -> list[tuple[int, int]]:
    """Where the upper left corners of a mark lie."""
    if place == "tile":
        across, down = max(1, round(mark[0] * 1.5)), max(1, round(mark[1] * 3))
        return [(x, y) for y in range(0, picture[1], down) for x in range(0, picture[0], across)]
    margin = round(min(picture) * MARGIN)
    right, down = PLACES[place]
    free = [max(0, picture[axis] - mark[axis] - 2 * margin) for axis in (0, 1)]
    return [(margin + round(free[0] * right), margin + round(free[1] * down))]
