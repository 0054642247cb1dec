"""The drawings the built-in model learns: Noto Color Emoji with Unicode CLDR names.

The set holds every emoji of the font that has an English CLDR name and no skin-tone modifier. A drawing is a square
RGBA picture; compositing on a background happens in `scenes.py`.
"""

from __future__ import annotations

import dataclasses
import pathlib
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONT = pathlib.Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
CLDR = pathlib.Path("/usr/share/unicode/cldr/common")
EMBEDDED_SIZE = 109  # the only bitmap size in the font; glyphs are 136 x 128
DRAWING_SIZE = 128
GLYPH_WIDTH = 136
SKIN_TONES = range(0x1F3FB, 0x1F400)
TEXT_STYLE_ONLY = re.compile(r"[\u0000-\u00ae\u2000-\u2048]")


@dataclasses.dataclass(frozen=True)
class Emoji:
    """One emoji of the set: its characters, its name and its keywords, all lower case."""

    text: str
    name: str
    keywords: tuple[str, ...]


def _annotations() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Reads names and keywords of all annotated characters from CLDR's English files."""
    names: dict[str, str] = {}
    keywords: dict[str, tuple[str, ...]] = {}
    for folder in ("annotations", "annotationsDerived"):
        for entry in ElementTree.parse(CLDR / folder / "en.xml").iter("annotation"):
            text = entry.get("cp") or ""
            if entry.get("type") == "tts":
                names[text] = (entry.text or "").strip()
            else:
                keywords[text] = tuple(word.strip().lower() for word in (entry.text or "").split("|"))
    return names, keywords


def plain_name(name: str) -> str:
    """Turns a CLDR name into words as people type them.

    Args:
        name: For example "flag: Chad", "family: man, boy" or "“reserved” button".

    Returns:
        Lower-case words: "flag of chad", "family man boy", "reserved button".
    """
    words = name.lower().replace("flag: ", "flag of ").replace("’", "'")
    words = re.sub(r"[“”\":,().!]", " ", words)
    return re.sub(r"\s+", " ", words).strip()


def _has_skin_tone(text: str) -> bool:
    return any(ord(character) in SKIN_TONES for character in text)


def render(text: str, font: ImageFont.FreeTypeFont) -> Image.Image | None:
    """Draws one emoji as a square RGBA picture.

    Args:
        text: The characters of the emoji.
        font: The colour font at its embedded size.

    Returns:
        The drawing, or None where the font has no single colour glyph for the text.
    """
    if round(font.getlength(text)) != GLYPH_WIDTH:
        return None
    canvas = Image.new("RGBA", (GLYPH_WIDTH, GLYPH_WIDTH))
    ImageDraw.Draw(canvas).text((GLYPH_WIDTH // 2, GLYPH_WIDTH // 2), text, font=font, embedded_color=True, anchor="mm")
    box = canvas.getbbox()
    if box is None:
        return None
    glyph = canvas.crop(box)
    centred = Image.new("RGBA", (GLYPH_WIDTH, GLYPH_WIDTH))
    centred.paste(glyph, ((GLYPH_WIDTH - glyph.width) // 2, (GLYPH_WIDTH - glyph.height) // 2))
    return centred.convert("RGBa").resize((DRAWING_SIZE, DRAWING_SIZE), Image.Resampling.LANCZOS).convert("RGBA")


def _is_colour(drawing: Image.Image) -> bool:
    """Says whether a drawing is more than the black glyph of an unsupported character."""
    pixels = np.asarray(drawing).astype(int)
    return bool(pixels[pixels[..., 3] > 128][:, :3].max(initial=0) > 40)


def load_set() -> tuple[list[Emoji], np.ndarray]:
    """Loads the whole set.

    Returns:
        The emoji in the order of their characters, and their drawings as uint8 [count, 128, 128, 4].
    """
    names, keywords = _annotations()
    font = ImageFont.truetype(str(FONT), EMBEDDED_SIZE)
    emoji: list[Emoji] = []
    drawings: list[np.ndarray] = []
    taken: set[str] = set()
    for text in sorted(names):
        name = plain_name(names[text])
        if _has_skin_tone(text) or (len(text) == 1 and TEXT_STYLE_ONLY.match(text)) or not name or name in taken:
            continue
        drawing = render(text, font)
        if drawing is None or not _is_colour(drawing):
            continue
        taken.add(name)
        emoji.append(Emoji(text, name, keywords.get(text, ())))
        drawings.append(np.asarray(drawing))
    return emoji, np.stack(drawings)


def cached_set(folder: pathlib.Path) -> tuple[list[Emoji], np.ndarray]:
    """Like `load_set`, but keeps the drawings in a file of `folder`."""
    path = folder / "drawings.npz"
    if not path.exists():
        emoji, drawings = load_set()
        rows = ["\t".join((e.text, e.name, "|".join(e.keywords))) for e in emoji]
        np.savez_compressed(path, drawings=drawings, rows=np.array(rows))
    stored = np.load(path)
    fields = [str(row).split("\t") for row in stored["rows"]]
    return [Emoji(t, n, tuple(k.split("|")) if k else ()) for t, n, k in fields], stored["drawings"]
