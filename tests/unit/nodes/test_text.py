"""Prompts reach the text encoder with everything that belongs to them."""

import pytest

from limner.graph.errors import NumericsError
from limner.nodes.text import (
    clip_set_last_layer,
    clip_text_encode,
    clip_text_encode_sdxl,
    clip_text_encode_sdxl_refiner,
)


class Echo:
    """A text encoder whose tensor is the text itself."""

    layer = -1

    def encode(self, text: str) -> list:
        return [[text, {"layer": self.layer}]]

    def encode_pair(self, *, text_l: str, text_g: str) -> list:
        return [[f"{text_l}|{text_g}", {}]]

    def with_last_layer(self, layer: int) -> "Echo":
        changed = Echo()
        changed.layer = layer
        return changed


def test_prompts_are_encoded_at_the_wanted_layer():
    earlier = clip_set_last_layer(clip=Echo(), stop_at_clip_layer=-2)
    assert clip_text_encode(text="a cat", clip=earlier) == [["a cat", {"layer": -2}]]


def test_sizes_travel_with_the_text():
    pair = clip_text_encode_sdxl(clip=Echo(), text_g="g", text_l="l", width=1, height=2, crop_w=3, crop_h=4)
    sizes = {"width": 1, "height": 2, "crop_w": 3, "crop_h": 4, "target_width": 1024, "target_height": 1024}
    assert pair == [["l|g", sizes]]
    refiner = clip_text_encode_sdxl_refiner(ascore=2.5, width=1, height=2, text="t", clip=Echo())
    assert refiner[0][1] == {"layer": -1, "aesthetic_score": 2.5, "width": 1, "height": 2}


def test_a_missing_encoder_is_explained():
    with pytest.raises(NumericsError, match=r"^ERROR: clip input is invalid: None"):
        clip_text_encode(text="a", clip=None)
