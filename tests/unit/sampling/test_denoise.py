"""Everything around a walk: latent formats, masks, empty and partial walks."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from limner.graph.errors import InterruptedRun, NumericsError
from limner.sampling.denoise import denoise, fitted
from limner.sampling.denoiser import LatentFormat
from limner.sampling.guiders.basic import BasicGuider
from limner.sampling.noise import initial_noise
from limner.sampling.registry import SamplingRegistry

REGISTRY = SamplingRegistry.discovered()
EULER = REGISTRY.sampler("euler")
LEVELS = [14.6, 5.0, 1.0, 0.3, 0.0]


@pytest.fixture
def latent():
    return torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(9))


@pytest.fixture
def guider(prompt):
    return BasicGuider(prompt(1))


def test_no_sigmas_leave_the_latent_as_it_is(loop, denoiser, guider, latent):
    result = denoise(loop, denoiser, guider, EULER, torch.empty(0), None, latent)
    assert result.samples is latent
    assert result.x0 is latent
    assert denoiser.batches == []


def test_a_single_sigma_adds_noise_and_takes_no_step(loop, denoiser, guider, latent):
    noise = initial_noise(latent, 1)
    result = denoise(loop, denoiser, guider, EULER, [2.0], noise, latent)
    torch.testing.assert_close(result.samples, latent + noise * 2.0 / 0.18215)
    assert torch.equal(result.x0, result.samples)


def test_a_walk_in_two_parts_is_the_whole_walk(loop, denoiser, guider, latent):
    noise = initial_noise(latent, 1)
    whole = denoise(loop, denoiser, guider, EULER, LEVELS, noise, latent)
    first = denoise(loop, denoiser, guider, EULER, LEVELS[:3], noise, latent)
    second = denoise(loop, denoiser, guider, EULER, LEVELS[2:], None, first.samples)
    torch.testing.assert_close(second.samples, whole.samples, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(first.samples, first.x0)


def test_the_last_prediction_is_the_end_of_a_full_walk(loop, denoiser, guider, latent):
    result = denoise(loop, denoiser, guider, EULER, LEVELS, initial_noise(latent, 1), latent)
    torch.testing.assert_close(result.x0, result.samples, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("sampler", ["euler", "ddim", "dpmpp_2m_sde"])
def test_outside_the_mask_the_latent_stays(sampler, loop, denoiser, guider, latent):
    mask = torch.zeros(64, 64)
    mask[:, 32:] = 1.0
    noise = initial_noise(latent, 1)
    result = denoise(loop, denoiser, guider, REGISTRY.sampler(sampler), LEVELS, noise, latent, mask=mask, seed=1)
    torch.testing.assert_close(result.samples[..., :3], latent[..., :3], rtol=1e-4, atol=1e-4)
    assert not torch.allclose(result.samples[..., 5:], latent[..., 5:], atol=0.1)


def test_ddim_hides_the_kept_part_under_other_noise(loop, denoiser, guider, latent):
    mask = torch.full((1, 1, 8, 8), 0.5)
    noise = initial_noise(latent, 1)
    arguments = (LEVELS, noise, latent)
    euler = denoise(loop, denoiser, guider, EULER, *arguments, mask=mask, seed=1).samples
    ddim = denoise(loop, denoiser, guider, REGISTRY.sampler("ddim"), *arguments, mask=mask, seed=1).samples
    assert not torch.allclose(euler, ddim)


def test_a_mask_function_decides_for_each_sigma(loop, denoiser, guider, latent):
    seen = []
    denoiser.options["denoise_mask_function"] = lambda sigma, mask, extra_options: (
        seen.append((float(sigma), extra_options["sigmas"][0])) or mask.round()
    )
    denoise(loop, denoiser, guider, EULER, LEVELS, initial_noise(latent, 1), latent, mask=torch.full((8, 8), 0.7))
    assert [sigma for sigma, _ in seen] == pytest.approx(LEVELS[:-1])
    assert seen[0][1] == pytest.approx(LEVELS[0])


def test_an_empty_latent_takes_the_network_s_channels(latent):
    layout = LatentFormat(channels=16)
    assert fitted(torch.zeros(1, 4, 8, 8), layout).shape == (1, 16, 8, 8)
    assert fitted(latent, LatentFormat()) is latent
    with pytest.raises(NumericsError, match="16 channels"):
        fitted(latent, layout)


def test_a_context_per_sample_is_the_same_as_one_after_another(loop, denoiser, prompt):
    first, second = prompt(1)[0][0], prompt(2)[0][0]
    latent = torch.zeros(2, 4, 8, 8)
    noise = initial_noise(latent, 4)
    both = denoise(loop, denoiser, BasicGuider([[torch.cat([first, second]), {}]]), EULER, LEVELS, noise, latent)
    for row, context in enumerate((first, second)):
        part = slice(row, row + 1)
        alone = denoise(loop, denoiser, BasicGuider([[context, {}]]), EULER, LEVELS, noise[part], latent[part])
        torch.testing.assert_close(both.samples[part], alone.samples, rtol=1e-4, atol=1e-4)


def test_a_time_without_conditioning_predicts_nothing(loop, denoiser, prompt):
    late = BasicGuider(prompt(1, start_percent=0.5))
    latent = torch.zeros(1, 4, 8, 8)
    result = denoise(loop, denoiser, late, EULER, [14.0, 5.0, 0.1, 0.0], initial_noise(latent, 0), latent)
    assert torch.isfinite(result.samples).all()
    assert len(denoiser.batches) == 1


def test_a_walk_that_waits_for_its_turn_can_be_stopped(loop, denoiser, make_denoiser, guider, latent):
    """A long pass of another network must not keep a walk from hearing that it is no longer wanted."""
    slow = make_denoiser(1)
    entered, gate, asked = threading.Event(), threading.Event(), threading.Event()
    slow.before = lambda x, inputs: (entered.set(), gate.wait(20))

    def check():
        asked.set()
        raise InterruptedRun("no longer wanted")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(denoise, loop, slow, guider, EULER, LEVELS, initial_noise(latent, 1), latent)
        assert entered.wait(20)
        second = pool.submit(
            denoise, loop, denoiser, guider, EULER, LEVELS, initial_noise(latent, 1), latent, check=check
        )
        heard = asked.wait(15)
        gate.set()
        assert heard
        with pytest.raises(InterruptedRun, match="no longer wanted"):
            second.result(20)
        first.result(20)
    assert denoiser.batches == []
    assert denoiser.leases == 0
