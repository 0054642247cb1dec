"""Model files as A1111's clients name them."""

from pathlib import Path

import pytest

from limner.dialects.a1111.models import ModelFile, find_model, model_list, part_list

DIGEST = "0123456789abcdef" * 4
FILES = [
    ModelFile("sd/deep/dream.safetensors", Path("/m/sd/deep/dream.safetensors"), DIGEST),
    ModelFile("dreamier.ckpt", Path("/m/dreamier.ckpt")),
    ModelFile("other.safetensors", Path("/m/other.safetensors")),
]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("sd/deep/dream.safetensors [0123456789]", 0),
        ("sd\\deep\\dream.safetensors", 0),
        ("sd/deep/dream.safetensors [ffffffffff]", 0),
        ("sd_deep_dream", 0),
        ("Dream", 0),
        ("0123456789", 0),
        (DIGEST, 0),
        ("dreamier", 1),
        ("eamier", 1),
        ("/m/other.safetensors", 2),
        ("oth", 2),
        ("drea", None),
        ("nothing", None),
        ("", None),
        ("None", None),
        (None, None),
    ],
)
def test_a_file_goes_by_many_names(asked, found):
    assert find_model(asked, FILES) == (None if found is None else FILES[found])


def test_lists_say_what_is_known():
    first, second, _ = model_list(FILES)
    assert first["title"] == "sd/deep/dream.safetensors [0123456789]"
    assert (first["model_name"], first["hash"], first["sha256"]) == ("sd_deep_dream", "0123456789", DIGEST)
    assert (second["title"], second["hash"], second["sha256"]) == ("dreamier.ckpt", None, None)
    assert part_list(FILES)[0] == {"model_name": "dream.safetensors", "filename": str(FILES[0].path)}
