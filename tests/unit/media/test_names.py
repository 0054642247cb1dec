"""Prefixes become subfolder, stem and number as clients know them."""

from datetime import datetime

import pytest

from limner.media.names import expand_prefix, next_number, numbered, split_prefix
from limner.media.series import Series

NOW = datetime(2026, 3, 4, 5, 6, 7)


def test_tokens_are_filled_in_and_foreign_ones_stay():
    prefix = "%width%x%height% %year%-%month%-%day% %hour%:%minute%:%second% %batch_num% %date:yyyy% %KSampler.seed%"
    expected = "64x48 2026-03-04 05:06:07 %batch_num% %date:yyyy% %KSampler.seed%"
    assert expand_prefix(prefix, 64, 48, NOW) == expected


@pytest.mark.parametrize(
    ("prefix", "subfolder", "stem"),
    [
        ("ComfyUI", "", "ComfyUI"),
        ("a/b/c", "a/b", "c"),
        ("a\\b", "a", "b"),
        ("a/../b", "", "b"),
        ("sub/", "", "sub"),
        ("", "", ""),
        ("../x", "..", "x"),
        ("/etc/x", "/etc", "x"),
    ],
)
def test_prefixes_are_split(prefix, subfolder, stem):
    assert split_prefix(prefix) == (subfolder, stem)


def test_numbers_go_on_from_the_largest():
    names = ["a_00001_.png", "a_00007_.latent", "ab_00009_.png", "a_b_00011_.png", "a_x_.png", "b_00099_.png"]
    assert next_number(names, "a") == 8
    assert next_number(names, "c") == 1
    assert next_number(["a+b_00002_.png"], "a+b") == 3


def test_numbers_of_a_batch_token_go_on_over_all_batches():
    assert next_number(["p_b0_00001_.png", "p_b11_00004_.png", "p_bx_00009_.png"], "p_b%batch_num%") == 5


def test_file_names_have_five_digits_and_the_place_in_the_batch():
    assert numbered("a_b%batch_num%", 3, ".png", 1) == "a_b1_00003_.png"
    assert numbered("a", 123456, ".png") == "a_123456_.png"


def test_a_series_goes_on_and_steps_over_what_others_wrote(tmp_path):
    first = Series(tmp_path / "new", "a")
    assert first.save(b"1", ".png") == "a_00001_.png"
    other = Series(tmp_path / "new", "a")
    assert other.save(b"2", ".png") == "a_00002_.png"
    assert first.save(b"3", ".png") == "a_00003_.png"
    assert (tmp_path / "new" / "a_00002_.png").read_bytes() == b"2"
