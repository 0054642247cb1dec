"""Pictures that are painted over, brought to size and filled."""

import io

import numpy as np
import pytest
from PIL import Image

from limner.dialects.a1111.request import read_drawing
from limner.server.a1111.answers import encoded, sheet
from limner.server.a1111.canvas import canvas


def file(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


RED = file(Image.new("RGB", (96, 64), (255, 0, 0)))


def half(mode="L", size=(96, 64)):
    """A mask of the left half."""
    mask = Image.new(mode, size)
    mask.paste((255,) * len(mask.getbands()) if mode != "L" else 255, (0, 0, size[0] // 2, size[1]))
    return file(mask)


def prepared(folder, pictures=(RED,), mask=None, ground="#ffffff", **body):
    asked = read_drawing({"init_images": ["x"], "width": 64, "height": 64, **body}, from_picture=True)
    return canvas(asked, pictures, mask, ground, folder)


def pixels(folder, name):
    with Image.open(folder / name) as picture:
        return np.asarray(picture).astype(int)


@pytest.mark.parametrize(("mode", "shape"), [(0, (64, 64, 3)), (1, (64, 64, 3)), (2, (64, 64, 3)), (3, (64, 96, 3))])
def test_pictures_are_brought_to_size(tmp_path, mode, shape):
    made = prepared(tmp_path, resize_mode=mode)
    found = pixels(tmp_path, made.origins[0])
    assert found.shape == shape
    assert (found == (255, 0, 0)).all()
    assert made.stretched is (mode == 3)


def test_what_is_transparent_has_the_colour_of_the_ground(tmp_path):
    clear = file(Image.new("RGBA", (64, 64)))
    assert (pixels(tmp_path, prepared(tmp_path, [clear], ground="#0000ff").origins[0]) == (0, 0, 255)).all()
    assert (pixels(tmp_path, prepared(tmp_path, [clear], ground="no colour").origins[0]) == 255).all()


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_masks_are_bright_or_opaque(tmp_path, mode):
    made = prepared(tmp_path, mask=half(mode), inpaint_full_res=False, mask_blur=0, width=96)
    found = pixels(tmp_path, made.mask)
    assert (found[:, :48] == 255).all()
    assert (found[:, 48:] == 0).all()
    assert made.place == (0, 0, 96, 64)


def test_masks_are_inverted_and_soft_at_their_edges(tmp_path):
    made = prepared(tmp_path, mask=half(), inpainting_mask_invert=1, mask_blur=4, inpaint_full_res=False, width=96)
    soft = pixels(tmp_path, made.overlay)[32]
    assert (soft[0], soft[95]) == (0, 255)
    assert 0 < soft[47] < 255
    assert set(np.unique(pixels(tmp_path, made.mask))) == {0, 255}


def test_only_the_masked_part_with_its_surroundings(tmp_path):
    mask = Image.new("L", (96, 64))
    mask.paste(255, (40, 20, 56, 36))
    told = {"mask_blur": 0, "inpaint_full_res_padding": 4, "inpainting_fill": 1}
    made = prepared(tmp_path, mask=file(mask), **told)
    assert made.place == (36, 16, 24, 24)
    assert pixels(tmp_path, made.origins[0]).shape == (64, 64, 3)
    assert pixels(tmp_path, made.originals[0]).shape == (64, 96, 3)
    empty = prepared(tmp_path, mask=file(Image.new("L", (96, 64))), **told)
    assert (empty.mask, empty.overlay) == ("", "")


def test_what_is_masked_gets_the_colours_around_it(tmp_path):
    picture = Image.new("RGB", (96, 64), (0, 200, 0))
    picture.paste((255, 0, 0), (0, 0, 40, 64))
    made = prepared(tmp_path, [file(picture)], half(), inpaint_full_res=False, mask_blur=0, width=96)
    found = pixels(tmp_path, made.origins[0])
    assert np.abs(found - (0, 200, 0)).max() <= 3


def test_settings_in_other_formats():
    for form in ("jpeg", "webp"):
        with Image.open(io.BytesIO(encoded(RED, form, 90, "Steps: ü"))) as picture:
            comment = picture.getexif().get_ifd(0x8769)[0x9286]
            assert picture.format == form.upper()
        assert comment == b"UNICODE\x00" + "Steps: ü".encode("utf-16-be")
    assert encoded(RED, "png", 90, "x") == RED


@pytest.mark.parametrize(("rows", "size"), [(-1, (288, 128)), (1, (480, 64)), (9, (96, 320))])
def test_sheets(rows, size):
    with Image.open(io.BytesIO(sheet([RED] * 5, rows))) as picture:
        assert picture.size == size
