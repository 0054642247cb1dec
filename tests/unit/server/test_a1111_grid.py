"""Sheets of what scripts draw."""

import io

import pytest
from PIL import Image

from limner.dialects.a1111.script import Grid
from limner.server.a1111 import grid as a1111_grid
from limner.server.a1111.grid import sheets


def file(colour="red", size=(64, 48)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def shown(grid, cells=None, text=""):
    count = len(grid.columns) * len(grid.rows) * len(grid.layers)
    files = sheets([[file()]] * count if cells is None else cells, grid, text)
    return [Image.open(io.BytesIO(data)) for data in files]


def test_without_legends_pictures_stand_side_by_side():
    [whole] = shown(Grid(columns=("", ""), rows=("", "", ""), margin=4), text="a cat\nSteps: 3")
    assert whole.size == (2 * 64 + 4, 3 * 48 + 2 * 4)
    assert whole.info["parameters"] == "a cat\nSteps: 3"
    assert (whole.getpixel((10, 10)), whole.getpixel((66, 10))) == ((255, 0, 0), (255, 255, 255))


def test_legends_stand_over_and_beside():
    [whole] = shown(Grid(columns=("Steps: 2", "Steps: 4"), rows=("Euler",)))
    left, top = whole.width - 2 * 64, whole.height - 48
    assert min(left, top) > 10
    assert whole.getpixel((left + 5, top + 5)) == (255, 0, 0)
    beside = whole.crop((0, top, left, whole.height)).convert("L").getextrema()
    over = whole.crop((left, 0, whole.width, top)).convert("L").getextrema()
    assert max(beside[0], over[0]) < 100


def test_layers_have_sheets_of_their_own():
    found = shown(Grid(columns=("",), layers=("CFG: 3", "CFG: 7"), margin=6))
    assert [one.width for one in found] == [2 * 64 + 6, 64, 64]
    assert len({one.height for one in found}) == 1


def test_what_was_left_out_stays_blank_and_batches_are_sheets():
    cells = [[file()], [], [file("blue"), file("blue")]]
    [whole] = shown(Grid(columns=("", "", "")), cells)
    assert whole.size == (3 * 128, 48)
    assert whole.getpixel((130, 5)) == (255, 255, 255)
    assert whole.getpixel((2 * 128 + 100, 5)) == (0, 0, 255)


@pytest.mark.parametrize("label", ["word " * 60, "w" * 700, "one\ntwo", "\u4e2d\u6587 \U0001f431"])
def test_long_labels_are_wrapped(label):
    [whole] = shown(Grid(columns=(label,), rows=(label,)))
    assert whole.height > 48
    assert whole.width <= 64 + 64


def test_sheets_end_somewhere(monkeypatch):
    monkeypatch.setattr(a1111_grid, "LARGEST", 10_000)
    [whole] = shown(Grid(columns=("",) * 5, rows=("",) * 5))
    assert whole.width * whole.height <= 10_000
