"""Guiders of three conditionings are what their formulas say, and ask for no more than they need."""

import torch

from limner.sampling.guiders.dual_cfg import DualCfgGuider
from limner.sampling.guiders.perp_neg import PerpNegGuider

X, POSITIVE, MIDDLE, NEGATIVE = torch.randn(4, 2, 4, 2, 2, generator=torch.Generator().manual_seed(0))
THREE = [POSITIVE, MIDDLE, NEGATIVE]


def test_regular_adds_two_steps(denoiser):
    guided = DualCfgGuider([], [], [], 3.0, 2.0).combine(X, 1.0, THREE, denoiser)
    torch.testing.assert_close(guided, NEGATIVE + 2 * (MIDDLE - NEGATIVE) + 3 * (POSITIVE - MIDDLE))


def test_nested_compares_with_what_the_first_two_give(denoiser):
    guided = DualCfgGuider([], [], [], 3.0, 2.0, nested=True).combine(X, 1.0, THREE, denoiser)
    inner = MIDDLE + 3 * (POSITIVE - MIDDLE)
    torch.testing.assert_close(guided, NEGATIVE + 2 * (inner - NEGATIVE))


def test_scales_of_one_need_less(denoiser):
    assert DualCfgGuider([], [], [], 1.0, 1.0).wanted(denoiser) == (True, False, False)
    assert DualCfgGuider([], [], [], 3.0, 1.0).wanted(denoiser) == (True, True, False)
    assert DualCfgGuider([], [], [], 1.0, 2.0, nested=True).wanted(denoiser) == (True, False, True)
    alone = DualCfgGuider([], [], [], 1.0, 1.0).combine(X, 1.0, [POSITIVE, None, None], denoiser)
    torch.testing.assert_close(alone, POSITIVE)
    two = DualCfgGuider([], [], [], 3.0, 1.0).combine(X, 1.0, [POSITIVE, MIDDLE, None], denoiser)
    torch.testing.assert_close(two, MIDDLE + 3 * (POSITIVE - MIDDLE))


def test_what_is_parallel_is_not_avoided(denoiser):
    empty = torch.zeros_like(X)
    guider = PerpNegGuider([], [], [], 4.0, 1.0)
    torch.testing.assert_close(guider.combine(X, 1.0, [POSITIVE, 2 * POSITIVE, empty], denoiser), 4 * POSITIVE)
    away = (
        NEGATIVE
        - ((NEGATIVE * POSITIVE).sum((1, 2, 3), keepdim=True)) / (POSITIVE**2).sum((1, 2, 3), keepdim=True) * POSITIVE
    )
    torch.testing.assert_close(
        guider.combine(X, 1.0, [POSITIVE, NEGATIVE, empty], denoiser), 4 * (POSITIVE - away), rtol=1e-4, atol=1e-4
    )
