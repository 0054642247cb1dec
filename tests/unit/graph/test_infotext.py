"""The text of Stable Diffusion web UIs."""

import pytest

from limner.graph.infotext import Infotext, read_infotext

WHOLE = """a (red:1.2) apple, <lora:shiny:0.5>
second line: with, commas
Negative prompt: blurry,
low quality
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 42, Size: 512x768, Model hash: 0a1b, \
Model: base, Lora hashes: "shiny: aa, other: bb", Version: v1.10"""


def test_all_parts_are_read():
    read = read_infotext(WHOLE)
    assert read.prompt == "a (red:1.2) apple, <lora:shiny:0.5>\nsecond line: with, commas"
    assert read.negative == "blurry,\nlow quality"
    assert read.settings["Sampler"] == "DPM++ 2M"
    assert read.settings["Lora hashes"] == "shiny: aa, other: bb"
    assert list(read.settings)[-1] == "Version"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", Infotext()),
        ("a cat", Infotext("a cat")),
        ("a cat: black, small", Infotext("a cat: black, small")),
        ("a cat\nSteps: 5", Infotext("a cat", "", {"Steps": "5"})),
        ("Steps: 5, Seed: 1, Size: 8x8", Infotext("", "", {"Steps": "5", "Seed": "1", "Size": "8x8"})),
        ("Negative prompt: bad", Infotext("", "bad")),
        ('x\nSteps: 5, TI hashes: "a\\"b"', Infotext("x", "", {"Steps": "5", "TI hashes": 'a"b'})),
        ('x\nSteps: 5, odd: "a', Infotext("x", "", {"Steps": "5", "odd": '"a'})),
    ],
)
def test_parts_may_be_missing(text, read):
    assert read_infotext(text) == read


def test_long_and_odd_texts_end_soon():
    for text in ("a:" * 100_000, '"' * 100_000, ("a: " + '"\\' * 5000 + ",") * 3, "Steps" + " " * 200_000 + ":"):
        assert isinstance(read_infotext(text), Infotext)
    assert len(read_infotext("x" * (1 << 22)).prompt) == 1 << 20
