"""Switches, choices, numbers, noise levels and sizes of newer workflows."""

import pytest
import torch
from tests.golden.running import Runner

from limner.graph.errors import NumericsError
from limner.nodes.images_sized import batch_images, batch_masks, resize_image_mask, resolution_selector
from limner.nodes.latents_empty import empty_flux2_latent_image
from limner.nodes.logic import custom_combo, number_convert, switch_node
from limner.nodes.save_more import image_compare, save_image_advanced, save_text
from limner.nodes.sigmas import manual_sigmas


def test_a_switch_asks_for_one_side_only():
    assert switch_node(on_false="no", on_true="yes", switch=True) == "yes"
    assert switch_node.needs(switch=True, on_true=None) == ["on_true"]
    assert switch_node.needs(switch=False) == ["on_false"]


def test_choices_say_their_place():
    assert custom_combo(choice="b", option1="a", option2="b") == ("b", 1)
    assert custom_combo(choice="b", index=3) == ("b", 3)


@pytest.mark.parametrize(("value", "numbers"), [(2, (2.0, 2)), (2.7, (2.7, 2)), ("3.5", (3.5, 3)), (True, (1.0, 1))])
def test_numbers_as_other_numbers(value, numbers):
    assert number_convert(value=value) == numbers


def test_a_text_that_is_no_number_is_refused():
    with pytest.raises(NumericsError, match="is no number"):
        number_convert(value="three")


def test_noise_levels_from_text():
    assert manual_sigmas(sigmas="1., 0.5; 0").tolist() == [1.0, 0.5, 0.0]
    with pytest.raises(NumericsError, match="commas"):
        manual_sigmas(sigmas="1, x")


@pytest.mark.parametrize(
    ("told", "size"),
    [
        ({"resize_type": "scale dimensions", "resize_type.width": 8, "resize_type.height": 0}, (4, 8)),
        ({"resize_type": "scale by multiplier", "resize_type.multiplier": 0.5}, (8, 16)),
        ({"resize_type": "scale longer dimension", "resize_type.longer_size": 64}, (32, 64)),
        ({"resize_type": "scale total pixels", "resize_type.megapixels": 2 / 1024}, (32, 64)),
    ],
)
def test_pictures_and_masks_at_other_sizes(told, size):
    image, mask = torch.rand(2, 16, 32, 3), torch.rand(2, 16, 32)
    assert resize_image_mask(input=image, scale_method="lanczos", **told).shape == (2, *size, 3)
    assert resize_image_mask(input=mask, scale_method="lanczos", **told).shape == (2, *size)


def test_a_size_that_is_not_told_is_asked_for():
    with pytest.raises(NumericsError, match=r"resize_type\.longer_size"):
        resize_image_mask(input=torch.rand(1, 8, 8, 3), resize_type="scale longer dimension", scale_method="area")
    with pytest.raises(NumericsError, match="no known way"):
        resize_image_mask(input=torch.rand(1, 8, 8, 3), resize_type="guess", scale_method="area")


def test_batches_take_the_size_of_the_first():
    images = {"images.image0": torch.zeros(1, 8, 8, 3), "images.image1": torch.ones(2, 4, 6, 4)}
    joined = batch_images(**images)
    assert joined.shape == (3, 8, 8, 4)
    assert joined[0, ..., 3].min() == 1.0
    assert batch_masks(**{"masks.mask0": torch.zeros(8, 8), "masks.mask1": torch.ones(2, 4, 4)}).shape == (3, 8, 8)


def test_resolutions():
    assert resolution_selector(aspect_ratio="1:1 (Square)", megapixels=1.0, multiple=8) == (1024, 1024)
    assert resolution_selector(aspect_ratio="16:9 (Widescreen)", megapixels=0.4, multiple=32) == (864, 480)
    assert resolution_selector.validate(aspect_ratio="21:9") is True
    assert "no aspect ratio" in resolution_selector.validate(aspect_ratio="wide")


def test_an_empty_flux2_latent():
    assert empty_flux2_latent_image(width=1024, height=512, batch_size=2)["samples"].shape == (2, 128, 32, 64)


def test_pictures_are_compared_and_saved(folders):
    image = torch.rand(1, 8, 8, 3)
    shown = image_compare(image_a=image, folders=folders).ui
    assert len(shown["a_images"]) == 1
    assert shown["b_images"] == []
    inputs = {"images": image, "filename_prefix": "a/b", "format": "png", "format.bit_depth": "8-bit"}
    saved = save_image_advanced(folders=folders, **inputs)
    assert saved.values[0] is image
    assert (folders.output / "a" / "b_00001_.png").is_file()
    with pytest.raises(NumericsError, match="exr"):
        save_image_advanced(folders=folders, **{**inputs, "format": "exr"})


def test_texts_are_saved_and_handed_on(folders):
    saved = save_text(text="é", filename_prefix="t/x", format="json", folders=folders)
    assert saved.values == ("é",)
    assert (folders.output / "t" / "x_00001_.json").read_text("utf-8") == "é"


def test_they_run_from_documents(folders):
    """Through check, engine and binding: flat names arrive, and the side of a switch that is not needed never runs."""
    document = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 32, "height": 16, "batch_size": 1, "color": 255}},
        "2": {
            "class_type": "ResizeImageMaskNode",
            "inputs": {
                "input": ["1", 0],
                "resize_type": "scale longer dimension",
                "resize_type.longer_size": 64,
                "scale_method": "area",
            },
        },
        "3": {"class_type": "BatchImagesNode", "inputs": {"images.image0": ["1", 0], "images.image1": ["2", 0]}},
        "4": {"class_type": "GetImageSize", "inputs": {"image": ["3", 0]}},
        "5": {"class_type": "ComfyMathExpression", "inputs": {"expression": "a * b + 1", "values.a": ["4", 2]}},
        "6": {
            "class_type": "ComfyMathExpression",
            "inputs": {"expression": "a * b + 1", "values.a": ["4", 0], "values.b": ["4", 2]},
        },
        "7": {
            "class_type": "ComfySwitchNode",
            "inputs": {"on_false": ["5", 1], "on_true": ["6", 1], "switch": True},
        },
        "8": {"class_type": "StringFormat", "inputs": {"f_string": "is {a}", "values.a": ["7", 0]}},
        "9": {"class_type": "PreviewAny", "inputs": {"source": ["8", 0]}},
        "10": {
            "class_type": "SaveImageAdvanced",
            "inputs": {"images": ["3", 0], "filename_prefix": "x", "format": "png", "format.bit_depth": "8-bit"},
        },
        "11": {
            "class_type": "CustomCombo",
            "inputs": {"choice": "b", "index": 0, "option1": "a", "option2": "b"},
        },
        "12": {"class_type": "PreviewAny", "inputs": {"source": ["11", 1]}},
    }
    shown = Runner(folders).run(document)
    assert shown["9"] == {"text": ["is 65"]}
    assert shown["12"] == {"text": ["1"]}
    assert len(shown["10"]["images"]) == 2
