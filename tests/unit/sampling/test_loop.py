"""The loop: walks share forward passes, and nothing else."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from limner.graph.errors import InterruptedRun, NumericsError
from limner.sampling.denoise import denoise
from limner.sampling.forward import BatchLimit
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.noise import initial_noise
from limner.sampling.parametrization import VelocityParametrization
from limner.sampling.registry import SamplingRegistry
from limner.sampling.steps import sigmas_for
from limner.sampling.walk import Evaluate

REGISTRY = SamplingRegistry.discovered()
KINDS = ["euler", "dpmpp_2m", "heun", "euler_ancestral", "dpmpp_sde", "uni_pc", "lms", "ddim"]


@pytest.fixture
def job(prompt):
    """A sampling that differs from the others in sampler, steps, schedule, prompt, seed and cfg."""

    def run(loop, denoiser, number, *, size=(8, 12), on_step=None):
        sampler = REGISTRY.sampler(KINDS[number % len(KINDS)])
        schedule = REGISTRY.schedule(list(REGISTRY.schedules)[number % 4])
        sigmas = sigmas_for(schedule, sampler, denoiser.parametrization, 5 + number)
        latent = torch.zeros(1, 4, *size)
        guider = CfgGuider(prompt(number), prompt(100 + number), 2.0 + number)
        noise = initial_noise(latent, number)
        return denoise(loop, denoiser, guider, sampler, sigmas, noise, latent, seed=number, on_step=on_step).samples

    return run


def decibels(value, reference):
    return float(10 * torch.log10((reference.max() - reference.min()) ** 2 / (value - reference).square().mean()))


def held(denoiser):
    """Makes the first forward pass wait until the returned event is set, so that others can arrive."""
    entered, gate = threading.Event(), threading.Event()

    def wait(x, inputs):
        entered.set()
        gate.wait(20)

    denoiser.before = wait
    return entered, gate


def together(loop, denoiser, job, numbers, **options):
    """Runs jobs so that all of them are alive at once; gives results or errors."""
    entered, gate = held(denoiser)
    with ThreadPoolExecutor(len(numbers)) as pool:
        first = pool.submit(job, loop, denoiser, numbers[0], **options)
        assert entered.wait(20)
        rest = [pool.submit(job, loop, denoiser, number, **options) for number in numbers[1:]]
        while len(loop._arrivals) < len(rest):
            threading.Event().wait(0.001)
        denoiser.before = lambda x, inputs: None
        gate.set()
        return [future.exception() or future.result() for future in [first, *rest]]


def test_walks_of_all_kinds_share_passes_and_come_out_as_alone(loop, denoiser, job):
    alone = [job(loop, denoiser, number) for number in range(8)]
    single = loop.counters.forwards
    assert loop.counters.mean_batch == 2.0  # positive and negative
    shared = together(loop, denoiser, job, range(8))
    assert loop.counters.forwards - single < single / 3
    assert max(loop.counters.sizes) == 16
    for value, reference in zip(shared, alone, strict=True):
        assert decibels(value, reference) > 60


def test_different_networks_and_sizes_do_not_share_passes(loop, denoiser, make_denoiser, job):
    other = make_denoiser(seed=1)
    with ThreadPoolExecutor(3) as pool:
        small = pool.submit(job, loop, denoiser, 0)
        large = pool.submit(job, loop, denoiser, 0, size=(16, 16))
        foreign = pool.submit(job, loop, other, 0)
        assert small.result().shape != large.result().shape
        assert not torch.equal(small.result(), foreign.result())
    assert max(loop.counters.sizes) == 2


def test_one_network_read_in_two_ways_does_not_share_passes(loop, denoiser, make_denoiser, job):
    other = make_denoiser()
    other.parametrization = VelocityParametrization()
    alone = job(loop, denoiser, 0), job(loop, other, 0)
    _, gate = held(denoiser)
    with ThreadPoolExecutor(2) as pool:
        shared = pool.submit(job, loop, denoiser, 0), pool.submit(job, loop, other, 0)
        gate.set()
        for future, reference in zip(shared, alone, strict=True):
            torch.testing.assert_close(future.result(), reference)
    assert max(loop.counters.sizes) == 2


def test_the_limit_bounds_a_batch(denoiser, job):
    loop = DenoisingLoop(BatchLimit(samples=5))
    together(loop, denoiser, job, range(4))
    loop.close()
    assert max(loop.counters.sizes) <= 5


def test_a_batch_larger_than_the_limit_is_cut(denoiser, prompt):
    loop = DenoisingLoop(BatchLimit(samples=3))
    latent = torch.zeros(7, 4, 8, 8)
    guider = CfgGuider(prompt(1), prompt(2), 1.0)
    samples = denoise(
        loop, denoiser, guider, REGISTRY.sampler("euler"), [5.0, 0.0], initial_noise(latent, 0), latent
    ).samples
    loop.close()
    assert samples.shape == latent.shape
    assert loop.counters.sizes == {3: 2, 1: 1}


def test_a_walk_that_fails_takes_no_other_with_it(loop, denoiser, job, prompt):
    poison = prompt(2)[0][0].clone()
    alone = [job(loop, denoiser, number) for number in range(4)]

    def refuse(x, inputs):
        if any(torch.equal(row[None], poison) for row in inputs["context"]):
            raise ValueError("no such word")

    entered, gate = held(denoiser)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(job, loop, denoiser, 0)
        assert entered.wait(20)
        rest = [pool.submit(job, loop, denoiser, number) for number in (1, 2, 3)]
        while len(loop._arrivals) < 3:
            threading.Event().wait(0.001)
        denoiser.before = refuse
        gate.set()
        results = [future.exception() or future.result() for future in [first, *rest]]
    assert isinstance(results[2], ValueError)
    for number in (0, 1, 3):
        assert decibels(results[number], alone[number]) > 60


def test_values_that_are_not_finite_end_their_walk_and_name_the_place(loop, denoiser, prompt):
    latent = torch.zeros(1, 4, 8, 8)
    broken = [[torch.full((1, 7, 8), float("nan")), {}]]
    with pytest.raises(NumericsError, match=r"Evaluation 1 at sigma 5 .*network"):
        denoise(
            loop,
            denoiser,
            CfgGuider(broken, prompt(1), 2.0),
            REGISTRY.sampler("euler"),
            [5.0, 1.0, 0.0],
            initial_noise(latent, 0),
            latent,
        )
    assert denoiser.leases == 0


@pytest.mark.parametrize("words", ["DefaultCPUAllocator: can't allocate memory: you tried", "not enough memory: you"])
def test_out_of_memory_halves_the_batch_and_is_remembered(loop, denoiser, job, words):
    alone = [job(loop, denoiser, number) for number in range(4)]

    def small_memory(x, inputs):
        if len(x) > 3:
            raise RuntimeError(words)

    entered, gate = held(denoiser)
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(job, loop, denoiser, 0)]
        assert entered.wait(20)
        futures += [pool.submit(job, loop, denoiser, number) for number in (1, 2, 3)]
        while len(loop._arrivals) < 3:
            threading.Event().wait(0.001)
        denoiser.before = small_memory
        gate.set()
        results = [future.result() for future in futures]
    assert all(decibels(value, reference) > 60 for value, reference in zip(results, alone, strict=True))
    assert sum(size > 3 for size in denoiser.batches) <= 2  # one lesson, or two while batches were still growing


def test_memory_for_not_even_one_sample_is_an_error_with_advice(loop, denoiser, job):
    def no_memory(x, inputs):
        raise torch.OutOfMemoryError("out of memory")

    denoiser.before = no_memory
    with pytest.raises(torch.OutOfMemoryError) as caught:
        job(loop, denoiser, 0)
    assert "smaller size" in caught.value.__notes__[0]


def test_steps_are_told_in_the_calling_thread(loop, denoiser, job):
    steps = []

    def on_step(step, total, x, x0):
        steps.append((step, total, threading.current_thread(), x.shape == x0.shape))

    job(loop, denoiser, 2, on_step=on_step)  # heun: two evaluations a step are one step
    assert steps == [(step, 7, threading.current_thread(), True) for step in range(7)]


def test_what_on_step_raises_ends_its_walk_only(loop, denoiser, job):
    def stop(step, total, x, x0):
        if step == 1:
            raise InterruptedRun("enough")

    with pytest.raises(InterruptedRun, match="enough"):
        job(loop, denoiser, 3, on_step=stop)
    assert denoiser.leases == 0
    assert torch.isfinite(job(loop, denoiser, 3)).all()


def test_closing_interrupts_what_runs_and_refuses_what_comes(denoiser, job):
    loop = DenoisingLoop()
    entered, gate = held(denoiser)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(job, loop, denoiser, 0)
        assert entered.wait(20)
        closing = pool.submit(loop.close)
        while not loop._closed:
            threading.Event().wait(0.001)
        gate.set()
        closing.result()
        assert isinstance(running.exception(), InterruptedRun)
    with pytest.raises(InterruptedRun, match="closed"):
        job(loop, denoiser, 0)


def test_a_loop_that_was_never_used_closes():
    DenoisingLoop().close()


def test_a_sampler_that_fails_even_at_its_end_does_not_end_the_loop(loop, denoiser, job, prompt):
    def bad():
        try:
            yield Evaluate(torch.zeros(1, 4, 8, 8), 1.0)
        finally:
            raise ValueError("cannot even end")

    def refuse(x, inputs):
        raise RuntimeError("no")

    denoiser.before = refuse
    guidance = Guidance(denoiser, CfgGuider(prompt(1), prompt(2), 1.0), torch.zeros(1, 4, 8, 8))
    assert isinstance(loop.submit(bad(), guidance).outcome.exception(20), RuntimeError)
    denoiser.before = lambda x, inputs: None
    assert job(loop, denoiser, 0).shape
