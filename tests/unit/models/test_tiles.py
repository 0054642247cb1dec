import pytest
import torch

from limner.models.tiles import starts, tiled


@pytest.mark.parametrize(
    ("length", "tile", "overlap", "expected"),
    [(10, 16, 4, [0]), (16, 16, 4, [0]), (20, 16, 4, [0, 12]), (40, 16, 4, [0, 12, 24])],
)
def test_starts(length, tile, overlap, expected):
    assert starts(length, tile, overlap) == expected


@pytest.mark.parametrize("tile", [(8, 8), (16, 4), (5, 32), (64, 64)])
@pytest.mark.parametrize("overlap", [0, 1, 3])
def test_a_pointwise_work_is_unchanged_by_tiling(tile, overlap):
    source = torch.randn(1, 2, 21, 30)
    assert torch.allclose(tiled(lambda part: part * 2, source, tile, overlap, 1, 2), source * 2, atol=1e-6)


def test_scales_up_and_down():
    source = torch.rand(1, 1, 12, 16)

    def enlarged(part):
        return part.repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)

    whole = enlarged(source)
    torch.testing.assert_close(tiled(enlarged, source, (6, 8), 2, 8, 1), whole)
    back = tiled(lambda part: part[:, :, ::8, ::8], whole, (48, 64), 16, 1 / 8, 1)
    torch.testing.assert_close(back, source)


def test_seams_fade():
    calls = []

    def numbered(part):
        calls.append(part)
        return torch.full_like(part, float(len(calls)))

    result = tiled(numbered, torch.zeros(1, 1, 4, 12), (4, 8), 4, 1, 1)[0, 0, 0]
    assert len(calls) == 2
    assert torch.all(result.diff() >= 0)
    assert (result[0], result[-1]) == (1, 2)
