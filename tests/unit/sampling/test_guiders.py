"""Guiders are the identity at scale 1, and ask for no more than they need."""

import torch

from limner.sampling.guiders.basic import BasicGuider
from limner.sampling.guiders.cfg import CfgGuider

X, POSITIVE, NEGATIVE = torch.randn(3, 1, 4, 2, 2, generator=torch.Generator().manual_seed(0))


def test_basic_takes_the_prediction(denoiser):
    guider = BasicGuider([])
    assert guider.wanted(denoiser) == (True,)
    assert guider.combine(X, 1.0, [POSITIVE], denoiser) is POSITIVE


def test_cfg_at_one_is_the_positive_alone(denoiser):
    guider = CfgGuider([], [], 1.0)
    assert guider.wanted(denoiser) == (True, False)
    assert guider.combine(X, 1.0, [POSITIVE, None], denoiser) is POSITIVE


def test_cfg_at_one_evaluates_both_when_told_to(denoiser):
    denoiser.options["disable_cfg1_optimization"] = True
    guider = CfgGuider([], [], 1.0)
    assert guider.wanted(denoiser) == (True, True)
    torch.testing.assert_close(guider.combine(X, 1.0, [POSITIVE, NEGATIVE], denoiser), POSITIVE)


def test_cfg_goes_from_negative_through_positive(denoiser):
    guided = CfgGuider([], [], 7.0).combine(X, 1.0, [POSITIVE, NEGATIVE], denoiser)
    torch.testing.assert_close(guided, NEGATIVE + 7 * (POSITIVE - NEGATIVE))


def test_options_replace_and_follow_guidance(denoiser):
    told = {}

    def replacement(arguments):
        told.update(arguments)
        return arguments["uncond"] + (arguments["cond"] - arguments["uncond"]) * arguments["cond_scale"]

    denoiser.options["sampler_cfg_function"] = replacement
    denoiser.options["sampler_post_cfg_function"] = [lambda arguments: arguments["denoised"] * 2]
    guided = CfgGuider([], [], 3.0).combine(X, 0.5, [POSITIVE, NEGATIVE], denoiser)
    torch.testing.assert_close(guided, 2 * (NEGATIVE + 3 * (POSITIVE - NEGATIVE)), rtol=1e-4, atol=1e-5)
    assert told["sigma"].tolist() == [0.5]
    assert told["input"] is X
