"""Sizes that networks draw well at."""

from types import SimpleNamespace

import pytest

from limner.nodes.native_sizes import size_for_model


@pytest.mark.parametrize(
    ("native", "asked", "drawn"),
    [
        (512, (512, 512), (512, 512)),
        (512, (521, 700), (528, 704)),
        (512, (1024, 1024), (512, 512)),
        (512, (1536, 1024), (624, 416)),
        (1024, (256, 256), (1024, 1024)),
        (128, (1024, 1024), (128, 128)),
    ],
)
def test_near_sizes_stay_and_others_become_as_many_pixels_in_their_shape(native, asked, drawn):
    found = size_for_model(model=SimpleNamespace(native_size=native), width=asked[0], height=asked[1])
    assert found == drawn
