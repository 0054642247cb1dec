"""Sampler nodes walk with their options, and those that ask for the negative prediction get it."""

import pytest
import torch

from limner.nodes.latents import empty_latent_image
from limner.nodes.samplers import sampler_dpmpp_2m_sde, sampler_euler_ancestral, sampler_lms
from limner.nodes.samplers_more import (
    SOLVERS,
    sampler_dpm_adaptive,
    sampler_er_sde,
    sampler_euler_cfg_pp,
    sampler_sa_solver,
)
from limner.nodes.sampling_parts import sampler_custom

SIGMAS = torch.tensor([14.0, 7.0, 3.0, 1.0, 0.3, 0.05, 0.0])


@pytest.fixture
def walked(model, text, sampling):
    """Walks with a sampler, towards 0.5 and away from 0."""

    def run(sampler, cfg=1.0):
        services = {"loop": sampling["loop"], "progress": sampling["progress"]}
        latent = empty_latent_image(width=64, height=32)
        output, _ = sampler_custom(
            model=model,
            add_noise=True,
            noise_seed=5,
            cfg=cfg,
            positive=text(0.5),
            negative=text(0.0),
            sampler=sampler,
            sigmas=SIGMAS,
            latent_image=latent,
            **services,
        )
        return output["samples"] * 0.18215

    return run


def test_no_renewal_is_plain_euler(walked, sampling):
    registry = sampling["registry"]
    quiet = sampler_euler_ancestral(eta=0.0, registry=registry)
    torch.testing.assert_close(walked(quiet), walked(registry.sampler("euler")))
    one = sampler_lms(order=1, registry=registry)
    torch.testing.assert_close(walked(one), walked(registry.sampler("euler")), rtol=1e-3, atol=1e-3)


def test_noise_of_a_device(sampling):
    registry = sampling["registry"]
    drawn = sampler_dpmpp_2m_sde(solver_type="heun", noise_device="gpu", registry=registry)
    assert drawn.tree_on_device
    assert drawn.options["heun"]
    assert not sampler_dpmpp_2m_sde(solver_type="midpoint", noise_device="cpu", registry=registry).tree_on_device


@pytest.mark.parametrize("version", ["regular", "alternative"])
@pytest.mark.parametrize("cfg", [1.0, 1.5])
def test_the_negative_prediction_is_heard_at_every_scale(version, cfg, walked, sampling):
    heard = walked(sampler_euler_cfg_pp(version=version, registry=sampling["registry"]), cfg)
    # The network believes in constants, so the last step lands on what guidance makes of them.
    expected = {"regular": 0.5 * cfg, "alternative": 2 * 0.5 * cfg}[version]
    assert float(heard.mean()) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_extended_solvers(solver, eta, walked, sampling):
    sampler = sampler_er_sde(solver_type=solver, eta=eta, registry=sampling["registry"])
    assert float(walked(sampler).mean()) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("simple", [True, False])
@pytest.mark.parametrize("use_pece", [True, False])
@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_adams_solvers(simple, use_pece, eta, walked, model, sampling):
    sampler = sampler_sa_solver(
        model=model,
        eta=eta,
        predictor_order=2,
        corrector_order=2,
        use_pece=use_pece,
        simple_order_2=simple,
        registry=sampling["registry"],
    )
    assert float(walked(sampler).mean()) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("eta", [0.0, 0.5])
def test_adaptive_steps(order, eta, walked, sampling):
    sampler = sampler_dpm_adaptive(order=order, eta=eta, registry=sampling["registry"])
    assert float(walked(sampler).mean()) == pytest.approx(0.5, abs=0.05)
