"""Watermarks, page numbers, slides and contact sheets."""

import pytest
import torch

from limner.graph.errors import ModelFileError, NumericsError, StepError, UnknownNameError
from limner.media.lettering import load_font, missing_letters, text_mask, wrapped
from limner.nodes.contact_sheet import contact_sheet
from limner.nodes.fonts import PLACES, corner
from limner.nodes.page_numbers import page_numbers
from limner.nodes.slides import SIZES, fit_to_slide
from limner.nodes.watermark import watermark_picture, watermark_text

GREY = torch.full((2, 96, 128, 3), 0.5)


def changed(image, before=GREY):
    """Rows and columns that are not as they were."""
    where = (image - before[: image.shape[0]]).abs().amax(dim=(0, 3)) > 0.02
    rows, columns = where.any(dim=1).nonzero()[:, 0], where.any(dim=0).nonzero()[:, 0]
    return (int(rows.min()), int(rows.max())), (int(columns.min()), int(columns.max()))


def test_a_text_stands_in_its_place(folders):
    marked = watermark_text(image=GREY, text="mark", letter_size=0.2, margin=4, folders=folders)
    rows, columns = changed(marked)
    assert rows[0] > 48 and rows[1] < 92
    assert columns[0] > 64 and columns[1] < 124
    assert torch.equal(marked[0], marked[1])
    assert marked.max() <= 0.5 + 0.6 * 0.5 + 1e-6


def test_a_text_all_over(folders):
    marked = watermark_text(image=GREY, text="ab", letter_size=0.1, margin=10, place="tiled", angle=30, folders=folders)
    rows, columns = changed(marked)
    assert rows[0] < 20 and rows[1] > 76
    assert columns[0] < 20 and columns[1] > 108


def test_no_text_changes_nothing(folders):
    assert watermark_text(image=GREY, text=" ", folders=folders) is GREY


def test_marks_that_are_too_small_are_refused(folders):
    with pytest.raises(NumericsError, match="make them larger"):
        watermark_picture(
            image=torch.zeros(1, 600, 600, 3), mark=torch.ones(1, 2, 2, 3), size=0.005, place="tiled", margin=0
        )


def test_opacity_of_a_picture_grows_under_a_mark(folders):
    clear = torch.zeros(1, 64, 64, 4)
    marked = watermark_text(image=clear, text="M", letter_size=0.5, opacity=1.0, place="centre", folders=folders)
    assert marked[..., 3].max() == 1.0
    assert marked[0, 0, 0, 3] == 0.0


def test_a_logo_keeps_its_shape_and_transparency():
    logo = torch.zeros(1, 10, 20, 4)
    logo[..., 0], logo[:, :, 10:, 3] = 1.0, 1.0
    marked = watermark_picture(image=GREY, mark=logo, size=0.5, opacity=1.0, place="top left", margin=8)
    rows, columns = changed(marked)
    assert (rows, columns[1]) == ((8, 31), 55)
    assert columns[0] in (31, 32), "the left half is transparent"
    torch.testing.assert_close(marked[0, 20, 50], torch.tensor([1.0, 0.0, 0.0]))


def test_the_mask_of_a_loaded_logo_hides_it():
    marked = watermark_picture(image=GREY, mark=torch.ones(1, 8, 8, 3), mask=torch.ones(1, 8, 8))
    assert torch.equal(marked, GREY)


@pytest.mark.parametrize("place", PLACES)
def test_places_are_inside_the_frame(place):
    left, top = corner(place, (10, 20), (100, 200), 5)
    assert 5 <= left <= 175 and 5 <= top <= 85
    assert ("left" in place) is (left == 5)
    assert ("bottom" in place) is (top == 85)


def test_letters_that_the_built_in_font_lacks(folders):
    font = load_font(None, 20)
    assert missing_letters("plain", font) == ""
    assert missing_letters("a中b", font) == "中"
    with pytest.raises(NumericsError, match=r"'中'.*'fonts'"):
        text_mask("中", font)
    with pytest.raises(UnknownNameError, match="fonts"):
        watermark_text(image=GREY, text="a", font="mine.ttf", folders=folders)
    path = folders.model_roots[0] / "fonts" / "mine.ttf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no font")
    with pytest.raises(ModelFileError, match=r"mine\.ttf cannot be read"):
        watermark_text(image=GREY, text="a", font="mine.ttf", folders=folders)


def test_lines_are_broken_between_words_and_long_words_anywhere():
    font = load_font(None, 16)
    lines = wrapped("a few words and averyveryverylongword", font, 60).split("\n")
    assert all(font.getlength(line) <= 60 for line in lines)
    assert "".join(lines).replace(" ", "") == "afewwordsandaveryveryverylongword"


def pages(images, folders, **inputs):
    return page_numbers(images=images, **{key: [value] for key, value in inputs.items()}, folders=folders)


def test_pages_are_numbered_through_all_batches(folders):
    batches = [GREY, GREY[:1]]
    numbered = pages(batches, folders, text="{page}", colour=0, letter_size=0.2)
    assert [batch.shape for batch in numbered] == [batch.shape for batch in batches]
    first, second, third = numbered[0][0], numbered[0][1], numbered[1][0]
    assert not torch.equal(first, second) and not torch.equal(second, third)
    assert torch.equal(GREY[0], torch.full_like(GREY[0], 0.5)), "what came is as it was"
    again = pages([GREY[:1]], folders, text="{page}", colour=0, letter_size=0.2, first_number=3)
    assert torch.equal(again[0][0], third)


def test_a_title_page_is_counted_but_not_numbered(folders):
    (numbered,) = pages([GREY], folders, unnumbered=1)
    assert torch.equal(numbered[0], GREY[0])
    assert not torch.equal(numbered[1], GREY[1])


def test_empty_page_numbers_are_refused(folders):
    with pytest.raises(StepError, match=r"\{page\} / \{pages\}"):
        pages([GREY], folders, text=" ")


@pytest.mark.parametrize("mode", ["fit", "fill", "blur", "extend", "stretch"])
@pytest.mark.parametrize("channels", [3, 4])
def test_slides_have_their_size(mode, channels):
    image = torch.rand(2, 30, 30, channels)
    fitted, border = fit_to_slide(image=image, size="own size", mode=mode, width=64, height=40)
    assert fitted.shape == (2, 40, 64, channels)
    assert border.shape == (2, 40, 64)
    assert fitted.min() >= 0 and fitted.max() <= 1
    assert bool(border.any()) is (mode in ("fit", "blur", "extend"))


def test_borders_of_slides():
    image = torch.rand(1, 40, 40, 3)
    fitted, border = fit_to_slide(image=image, size="own size", mode="fit", colour=0xFF0000, width=60, height=40)
    assert torch.equal(fitted[:, :, 10:50], image)
    assert fitted[0, 20, 5].tolist() == [1.0, 0.0, 0.0]
    assert border[0, 20].tolist() == [1.0] * 10 + [0.0] * 40 + [1.0] * 10
    extended, _ = fit_to_slide(image=image, size="own size", mode="extend", width=60, height=40)
    assert torch.equal(extended[0, 7, 3], image[0, 7, 0])
    blurred, _ = fit_to_slide(image=image, size="own size", mode="blur", width=60, height=40)
    assert blurred[:, :, :10].std() < image.std() / 2


def test_named_sizes_are_what_they_say():
    for name, (width, height) in SIZES.items():
        if name != "own size":
            assert f"({width} x {height})" in name
    assert fit_to_slide(image=torch.rand(1, 8, 8, 3), size="article cover (900 x 383)")[0].shape == (1, 383, 900, 3)


def sheet(images, folders, **inputs):
    given = {key: value if isinstance(value, list) else [value] for key, value in inputs.items()}
    return contact_sheet(images=images, **given, folders=folders)


def test_a_contact_sheet_has_a_cell_for_each_picture(folders):
    images = [torch.zeros(2, 20, 30, 3), torch.ones(1, 40, 10, 3) * 0.5]
    made = sheet(images, folders, gap=5, captions="", cell_size=0)
    assert made.shape == (1, 5 + 2 * 45, 5 + 2 * 35, 3)
    assert made[0, 25, 20].tolist() == [0.0] * 3, "the first, in the middle of its cell"
    assert made[0, 7, 20].tolist() == [1.0] * 3, "above it the background"
    assert made[0, 70, 20].tolist() == [0.5] * 3, "the third, below it"


def test_captions_need_room_below(folders):
    images = [torch.zeros(1, 32, 64, 3)] * 2
    plain, written = sheet(images, folders), sheet(images, folders, captions="one\ntwo")
    assert written.shape[1] > plain.shape[1] and written.shape[2] == plain.shape[2]
    listed = sheet(images, folders, captions=["one", "two"])
    assert torch.equal(written, listed)
    numbered = sheet(images, folders, captions="picture {number}")
    assert numbered.shape[1] > plain.shape[1]
    assert not torch.equal(numbered[:, -24:, :76], numbered[:, -24:, -76:])


def test_a_sheet_of_nothing_is_refused(folders):
    with pytest.raises(StepError, match="0 pictures came"):
        sheet([], folders)
