"""Pictures are brought into the form that was asked for."""

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from limner.dialects.apps.answer import DIALECT, MARK
from limner.dialects.apps.options import Finish
from limner.dialects.apps.outputs import OutputFile
from limner.graph.errors import DocumentError
from limner.jobs.records import Job, JobState, Submission
from limner.server.apps.finish import finished_file, finished_files

FILE = OutputFile(node="1", filename="a.png", subfolder="", folder="output")


@pytest.fixture
def drawn(folders):
    """Saves a red picture of 40 x 20 with a workflow in it."""
    texts = PngInfo()
    texts.add_text("prompt", "{}")
    Image.new("RGB", (40, 20), "red").save(folders.output / "a.png", pnginfo=texts)
    return folders


def finish(folders, number=1, total=1, **wanted):
    file, path = finished_file(FILE, folders, Finish(**wanted), number, total)
    with Image.open(path) as opened:
        opened.load()
        return file, opened


@pytest.mark.parametrize(
    ("form", "suffix", "kind"), [("png", ".png", "PNG"), ("jpg", ".jpg", "JPEG"), ("webp", ".webp", "WEBP")]
)
def test_forms(drawn, form, suffix, kind):
    file, picture = finish(drawn, format=form, quality=80)
    assert file.filename.endswith(suffix)
    assert (picture.format, picture.size) == (kind, (40, 20))


def test_nothing_asked_for_is_the_file_itself_and_workflows_stay_in_png(drawn):
    assert finish(drawn)[0] == FILE
    assert finish(drawn, resize="10x10")[1].text == {"prompt": "{}"}


@pytest.mark.parametrize(
    ("fit", "size"), [("contain", (20, 10)), ("cover", (20, 20)), ("pad", (20, 20)), ("stretch", (20, 20))]
)
def test_sizes(drawn, fit, size):
    assert finish(drawn, resize="20x20", fit=fit)[1].size == size


def test_the_ground_of_what_is_added_or_transparent(drawn):
    padded = finish(drawn, resize="20x20", fit="pad", background="#0000ff")[1]
    assert padded.convert("RGB").getpixel((10, 1)) == (0, 0, 255)
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(drawn.output / "a.png")
    red, green, blue = finish(drawn, format="jpeg", background="lime")[1].getpixel((4, 4))
    assert green > 240
    assert max(red, blue) < 15
    with pytest.raises(DocumentError, match="no colour"):
        finish(drawn, resize="20x20", fit="pad", background="mud")


def test_a_watermark_of_text_and_one_that_is_a_picture(drawn):
    plain = finish(drawn, resize="400x200", fit="stretch")[1].convert("RGB")
    marked = finish(drawn, resize="400x200", fit="stretch", watermark="Limner", watermark_position="top-left")[1]
    assert changed(plain, marked, (0, 0, 200, 100))
    assert not changed(plain, marked, (200, 100, 400, 200))
    Image.new("RGB", (10, 10), "blue").save(drawn.input / "mark.png")
    stamped = finish(
        drawn, resize="400x200", fit="stretch", watermark_image="mark.png", watermark_opacity=1, watermark_scale=0.1
    )[1].convert("RGB")
    assert stamped.getpixel((380, 180)) == (0, 0, 255)
    assert stamped.getpixel((20, 20)) == (255, 0, 0)
    with pytest.raises(DocumentError, match="not among the input pictures"):
        finish(drawn, watermark_image="gone.png")


def test_marks_over_the_whole_picture(drawn):
    plain = finish(drawn, resize="400x200", fit="stretch")[1]
    tiled = finish(drawn, resize="400x200", fit="stretch", watermark="x", watermark_position="tile")[1]
    for corner in ((0, 0, 200, 100), (200, 100, 400, 200)):
        assert changed(plain, tiled, corner)


def test_numbers_of_pages_differ(drawn):
    wanted = {"resize": "400x200", "fit": "stretch", "page_number": "{n}/{total}"}
    first, second = finish(drawn, 1, 7, **wanted), finish(drawn, 2, 7, **wanted)
    assert first[0].filename != second[0].filename
    assert changed(first[1], second[1], (200, 100, 400, 200))
    assert not changed(first[1], second[1], (0, 0, 200, 200))


def test_a_finished_picture_is_made_once_and_anew_if_its_origin_changes(drawn):
    path = finished_file(FILE, drawn, Finish(format="webp"), 1, 1)[1]
    before = path.stat().st_mtime_ns
    assert finished_file(FILE, drawn, Finish(format="webp"), 1, 1)[1].stat().st_mtime_ns == before
    Image.new("RGB", (4, 4)).save(drawn.output / "a.png")
    assert finished_file(FILE, drawn, Finish(format="webp"), 1, 1)[1] != path


def test_only_pictures_are_finished_and_files_that_are_gone_are_left_out(drawn):
    (drawn.output / "a.mp4").write_bytes(b"film")
    names = ("a.png", "a.mp4", "gone.png")
    outputs = {"1": {"images": [{"filename": name, "subfolder": "", "type": "output"} for name in names]}}
    extra = {MARK: {"finish": {"format": "jpeg"}}}
    submission = Submission(id="j", document={"1": {}}, targets=("1",), extra=extra, dialect=DIALECT)
    found = finished_files(Job(submission=submission, state=JobState.SUCCEEDED, outputs=outputs), drawn)
    assert [file.media_type for file, _ in found] == ["image/jpeg", "video/mp4"]


def test_pictures_that_move_stay_as_they_are(drawn):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(drawn.output / "a.png", save_all=True, append_images=frames[1:])
    assert finish(drawn, format="webp")[0] == FILE


def test_a_file_that_is_no_picture_says_so(drawn):
    (drawn.output / "a.png").write_bytes(b"nothing")
    with pytest.raises(DocumentError, match="not a picture"):
        finish(drawn, format="webp")


def changed(first, second, box):
    """Whether two pictures differ in a part."""
    parts = [picture.convert("RGB").crop(box) for picture in (first, second)]
    buffers = [io.BytesIO(part.tobytes()).getvalue() for part in parts]
    return buffers[0] != buffers[1]
