"""A sampler that wants the negative prediction gets it, at scale 1 too, and without changing what guidance gives."""

import torch

from limner.sampling.guiders.basic import BasicGuider
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.guiders.overheard import Overheard

X, POSITIVE, NEGATIVE = torch.randn(3, 1, 4, 2, 2, generator=torch.Generator().manual_seed(0))


def test_both_are_evaluated_at_scale_one(denoiser):
    guider = Overheard(CfgGuider([], [], 1.0))
    assert guider.wanted(denoiser) == (True, True)
    torch.testing.assert_close(guider.combine(X, 1.0, [POSITIVE, NEGATIVE], denoiser), POSITIVE)
    assert guider.negative_of(POSITIVE) is NEGATIVE


def test_a_single_prediction_stands_for_both(denoiser):
    guider = Overheard(BasicGuider([]))
    assert guider.negative_of(POSITIVE) is POSITIVE
    guider.combine(X, 1.0, [NEGATIVE], denoiser)
    assert guider.negative_of(POSITIVE) is NEGATIVE


def test_functions_before_guidance_see_both_predictions_and_zeros_for_none(denoiser):
    seen = []

    def doubled(told):
        seen.append([told["conds"][1] is None, told["conds_out"]])
        positive, negative = told["conds_out"]
        return [positive * 2, negative]

    denoiser.options["sampler_pre_cfg_function"] = [doubled]
    guided = CfgGuider([], [], 3.0).combine(X, 1.0, [POSITIVE, NEGATIVE], denoiser)
    torch.testing.assert_close(guided, NEGATIVE + 3 * (2 * POSITIVE - NEGATIVE))
    alone = CfgGuider([], [], 1.0).combine(X, 1.0, [POSITIVE, None], denoiser)
    torch.testing.assert_close(alone, 2 * POSITIVE)
    assert [entry[0] for entry in seen] == [False, True]
    assert seen[1][1][1].count_nonzero() == 0
