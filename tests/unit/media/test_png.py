"""Files that our encoder writes are read back by Pillow, exactly and with their texts."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from limner.graph.errors import NumericsError
from limner.media.png import encode_png


def decoded(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def noise(height: int, width: int, channels: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, channels), dtype=np.uint8)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_every_number_of_channels_comes_back_exactly(channels, mode):
    pixels = noise(17, 23, channels)
    picture = decoded(encode_png(pixels))
    assert picture.mode == mode
    assert np.array_equal(np.asarray(picture).reshape(pixels.shape), pixels)


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_any_picture_comes_back_exactly(pixels):
    assert np.array_equal(np.asarray(decoded(encode_png(pixels))), pixels)


def test_flat_and_smooth_pictures_come_back_exactly():
    flat = np.zeros((64, 64, 3), dtype=np.uint8)
    flat[20:40, 10:50] = (255, 10, 0)
    ramp = np.stack([np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)] * 3, axis=-1)
    for pixels in (flat, ramp):
        assert np.array_equal(np.asarray(decoded(encode_png(pixels))), pixels)
    assert len(encode_png(flat)) < 500


def test_texts_are_embedded_under_their_keywords():
    texts = {"prompt": '{"1": {}}', "workflow": "größer", "note": "猫 BREAK 😀"}
    assert decoded(encode_png(noise(4, 4, 3), texts)).text == texts


def test_keywords_that_png_cannot_hold_are_left_out():
    texts = {"": "a", "k" * 80: "b", "猫": "c", "bad\0key": "d", "good": "e"}
    assert decoded(encode_png(noise(4, 4, 3), texts)).text == {"good": "e"}


@pytest.mark.parametrize("pixels", [np.zeros((4, 4, 3)), np.zeros((4, 4, 5), np.uint8), np.zeros((0, 4, 3), np.uint8)])
def test_what_is_no_picture_is_refused(pixels):
    with pytest.raises(NumericsError, match="A PNG needs uint8"):
        encode_png(pixels)
