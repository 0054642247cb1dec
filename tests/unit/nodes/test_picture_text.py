"""Texts are read from pictures."""

import json

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from limner.models.vision.picture_text import ReadLine, as_text, rows_of
from limner.nodes.picture_text import read_text


def page(*texts, size=(360, 150)):
    """A picture with texts at places."""
    picture = Image.new("RGB", size, "white")
    for x, y, text in texts:
        ImageDraw.Draw(picture).text((x, y), text, font=ImageFont.load_default(28), fill=(20, 20, 120))
    return torch.from_numpy(np.asarray(picture).astype(np.float32) / 255.0)


def piece(text, left, top):
    right, bottom = left + 40, top + 20
    return ReadLine(text, 0.9, ((left, top), (right, top), (right, bottom), (left, bottom)))


def test_pieces_are_put_into_rows():
    pieces = [piece("c", 10, 50), piece("b", 80, 4), piece("a", 10, 0), piece("d", 90, 44)]
    assert as_text(pieces) == "a b\nc d"
    assert list(rows_of([])) == []


def test_text_is_read(progress):
    pytest.importorskip("rapidocr", reason="limner[ocr] reads text")
    images = torch.stack([page((20, 15, "Total: 128.50 EUR"), (20, 90, "Hello Limner")), page()])
    texts, details, masks, confidence = read_text(image=images, progress=progress)
    assert texts == ["Total: 128.50 EUR\nHello Limner", ""]
    told = json.loads(details[0])
    assert [entry["text"] for entry in told] == ["Total: 128.50 EUR", "Hello Limner"]
    assert all(entry["confidence"] > 0.8 for entry in told)
    assert confidence[0] > 0.8 and confidence[1] == 0.0
    assert masks.shape == (2, 150, 360)
    assert masks[0, 30, 60] == 1.0 and masks[0, 75, 340] == 0.0 and masks[1].max() == 0.0
    # Everything dark is covered, and the corners say where.
    dark = images[0].mean(dim=-1) < 0.4
    assert float((masks[0][dark] > 0).float().mean()) > 0.97
    assert told[1]["corners"][0][1] > 60
    assert [(value, total) for value, total, _ in progress.reports] == [(0, 2), (1, 2)]


def test_masks_grow(progress):
    pytest.importorskip("rapidocr", reason="limner[ocr] reads text")
    image = page((20, 15, "word"), size=(160, 64))[None]
    tight, wide = (read_text(image=image, grow_mask=grow, progress=progress)[2].mean() for grow in (0, 6))
    assert wide > tight + 0.05
