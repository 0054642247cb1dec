"""Pictures of all kinds become images and masks; damaged ones become clear errors."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from limner.graph.errors import NumericsError, StorageError
from limner.media import pictures
from limner.media.pictures import read_channel, read_picture, to_bytes


def saved(path, picture: Image.Image, **options):
    picture.save(path, **options)
    return path


@pytest.fixture
def transparent() -> Image.Image:
    pixels = np.zeros((6, 4, 4), np.uint8)
    pixels[..., 0], pixels[..., 3] = 255, 51
    return Image.fromarray(pixels)


def test_colours_and_an_empty_mask_without_transparency(tmp_path):
    found = read_picture(saved(tmp_path / "a.png", Image.new("RGB", (4, 6), (255, 0, 51))))
    assert found.images.shape == (1, 6, 4, 3)
    assert found.images.dtype == torch.float32
    assert torch.allclose(found.images[0, 0, 0], torch.tensor([1.0, 0.0, 0.2]))
    assert torch.equal(found.masks, torch.zeros(1, 64, 64))


def test_transparency_becomes_the_mask(tmp_path, transparent):
    found = read_picture(saved(tmp_path / "a.png", transparent))
    assert found.masks.shape == (1, 6, 4)
    assert torch.allclose(found.masks, torch.tensor(0.8))
    assert torch.allclose(found.images[..., 0], torch.tensor(1.0))


def test_palette_transparency_becomes_the_mask(tmp_path):
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putpixel((1, 0), 1)
    found = read_picture(saved(tmp_path / "a.png", picture, transparency=1))
    assert found.masks[0, 0].tolist() == [0.0, 1.0]


def test_orientation_of_cameras_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    found = read_picture(saved(tmp_path / "a.jpg", Image.new("RGB", (8, 4)), exif=exif))
    assert found.images.shape == (1, 8, 4, 3)


def test_grey_of_sixteen_bits_is_brought_to_eight(tmp_path):
    values = np.array([[0, 255 * 100, 65535]], np.uint16)
    found = read_picture(saved(tmp_path / "a.png", Image.fromarray(values)))
    assert (found.images[0, 0, :, 0] * 255).round().tolist() == [0, 100, 255]


def test_frames_become_a_batch(tmp_path):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "lime", "blue")]
    path = saved(tmp_path / "a.png", frames[0], save_all=True, append_images=frames[1:])
    assert read_picture(path).images[:, 0, 0].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_frames_of_another_size_are_left_out(tmp_path):
    frames = [Image.new("RGB", (4, 4)), Image.new("RGB", (8, 4)), Image.new("RGB", (4, 4))]
    path = saved(tmp_path / "a.tiff", frames[0], save_all=True, append_images=frames[1:])
    assert read_picture(path).images.shape == (2, 4, 4, 3)


@pytest.mark.parametrize(("channel", "value"), [("alpha", 0.8), ("red", 1.0), ("green", 0.0)])
def test_single_channels(tmp_path, transparent, channel, value):
    mask = read_channel(saved(tmp_path / "a.png", transparent), channel)
    assert mask.shape == (1, 6, 4)
    assert torch.allclose(mask, torch.tensor(value))


def test_a_missing_channel_gives_an_empty_mask(tmp_path):
    path = saved(tmp_path / "a.png", Image.new("RGB", (4, 6)))
    assert torch.equal(read_channel(path, "alpha"), torch.zeros(1, 64, 64))


def test_missing_damaged_and_foreign_files_are_explained(tmp_path):
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(whole, "PNG")
    (tmp_path / "cut.png").write_bytes(whole.getvalue()[:3000])
    (tmp_path / "text.png").write_text("not a picture")
    for name in ("cut.png", "text.png"):
        with pytest.raises(StorageError, match=f"{name} cannot be read as a picture"):
            read_picture(tmp_path / name)
    with pytest.raises(StorageError, match="There is no picture"):
        read_picture(tmp_path / "none.png")


def test_pictures_that_unpack_to_too_much_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 100)
    with pytest.raises(StorageError, match="20 x 10 pixels in 1 frames"):
        read_picture(saved(tmp_path / "a.png", Image.new("RGB", (20, 10))))


def test_bytes_are_cut_off_not_rounded():
    values = torch.tensor([[[-1.0, 0.0, 0.5, 0.999999, 1.0, 7.0]]])
    assert to_bytes(values).ravel().tolist() == [0, 0, 127, 254, 255, 255]


def test_values_that_are_no_numbers_are_explained():
    with pytest.raises(NumericsError, match="NaN"):
        to_bytes(torch.tensor([[[float("nan"), 0.0, 0.0]]]))


def test_formats_that_run_other_programs_are_not_read(tmp_path):
    """An EPS file is a program; Pillow hands it to Ghostscript, whatever the file is called."""
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png", format="EPS")
    with pytest.raises(StorageError, match="cannot be read as a picture"):
        read_picture(tmp_path / "a.png")
