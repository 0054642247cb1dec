"""Fills a data folder's gallery for measurements: many pictures that share the bytes of a handful of files.

    python fill_gallery.py DATA COUNT

Files are hard links, so that a hundred thousand of them take no room; the index is written directly.
"""

import random
import sqlite3
import sys
import time
from pathlib import Path

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from limner.storage.asset_records import Sighting
from limner.storage.gallery_index import GalleryIndex
from limner.storage.gallery_records import Change, Known

SIZES = ((768, 768), (1024, 768), (768, 1024), (896, 512), (640, 960))
SOURCES = 40
PER_FOLDER = 1000
EVERY = 6 * 60_000
"""Milliseconds between pictures."""

WORDS = [
    "red fox",
    "castle on a hill",
    "river at dusk",
    "neon street",
    "portrait of an old sailor",
    "watercolour",
    "ink drawing",
    "bowl of lemons",
    "snowy forest",
    "lighthouse",
    "desert train",
    "paper boat",
    "owl in flight",
    "glass teapot",
    "market at night",
]
MODELS = ("ink_v2.safetensors", "sdxl_base.safetensors", "flux_small.safetensors")


def draw(path: Path, number: int) -> None:
    """A picture of soft shapes in few colours."""
    random.seed(number)
    width, height = SIZES[number % len(SIZES)]
    hue = random.randrange(256)
    picture = Image.new("HSV", (width, height), (hue, 90, 60 + number * 3 % 120))
    pen = ImageDraw.Draw(picture)
    for _ in range(14):
        x, y, size = random.randrange(width), random.randrange(height), random.randrange(60, 380)
        colour = ((hue + random.randrange(-30, 60)) % 256, random.randrange(60, 200), random.randrange(70, 230))
        pen.ellipse((x - size, y - size, x + size, y + size), fill=colour)
    texts = PngInfo()
    words = ", ".join(random.sample(WORDS, 3))
    texts.add_text(
        "parameters",
        f"{words}\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: {number}, "
        f"Size: {width}x{height}, Model: ink_v2",
    )
    picture.convert("RGB").save(path, "PNG", pnginfo=texts)


def main(data: Path, count: int) -> None:
    """Makes files and fills the index."""
    output = data / "output"
    shared = data / "sources"
    shared.mkdir(parents=True, exist_ok=True)
    sources = [shared / f"source_{number:02}.png" for number in range(SOURCES)]
    for number, source in enumerate(sources):
        draw(source, number)
    states = [source.stat() for source in sources]
    sightings = []
    for number in range(count):
        source = number % SOURCES
        name = f"lot_{number // PER_FOLDER:03}/picture_{number:06}.png"
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.hardlink_to(sources[source])
        state = states[source]
        sightings.append(Sighting(place="output", name=name, size=state.st_size, modified=state.st_mtime_ns))
    index = GalleryIndex(data / "gallery.sqlite")
    known = []
    random.seed(7)
    numbers = index.see(sightings)
    for at, number in enumerate(numbers):
        width, height = SIZES[at % SOURCES % len(SIZES)]
        prompt = f"{', '.join(random.sample(WORDS, 3))}, number {at}"
        known.append((number, Known(width=width, height=height, prompt=prompt, model=MODELS[at % 3], seed=str(at))))
    index.learn(known)
    keys = [key for (key,) in index._connection.execute("SELECT key FROM picture ORDER BY id LIMIT 2000")]  # type: ignore
    index.change(keys[::9], Change(starred=True))
    index.change(keys[::5], Change(add_tags=("favourite", "print")))
    index.change(keys[::7], Change(board="animals/foxes"))
    index.change(keys[1::7], Change(board="places"))
    index.change(keys[::13], Change(rating=4))
    index.close()
    now = time.time_ns() // 1_000_000
    with sqlite3.connect(data / "gallery.sqlite") as connection:
        rows = [(now - at * EVERY, number) for at, number in enumerate(numbers)]
        connection.executemany("UPDATE picture SET created = ? WHERE id = ?", rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
