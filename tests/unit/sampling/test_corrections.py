"""Corrections of guidance: what they ask, when, with whom they share passes, and what comes of the answers."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import torch

from limner.sampling.answering import answers
from limner.sampling.corrections import CORRECTIONS, Ask
from limner.sampling.denoise import denoise
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.basic import BasicGuider
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.noise import initial_noise
from limner.sampling.registry import SamplingRegistry
from limner.sampling.variants import RECALLS, REPORTS, VARIATIONS, Moment, Span, varied

X = torch.randn(2, 4, 6, 8, generator=torch.Generator().manual_seed(2))
SIGMA = 2.0


@dataclass(frozen=True)
class Away:
    """Away from what another network says."""

    other: object
    scale: float

    def corrected(self, seen):
        weaker = yield Ask(self.other, seen.x, 0)
        return seen.x0 + (seen.positive - weaker) * self.scale


@dataclass(frozen=True)
class Twice:
    """Asks two things, the second at a place that the first answer says."""

    def corrected(self, seen):
        first = yield Ask(seen.denoiser, seen.x, seen.negative_branch)
        second = yield Ask(seen.denoiser, first, 0)
        return seen.x0 + second


@dataclass(frozen=True)
class Noting:
    """Notes which predictions it is shown."""

    notes: list

    def corrected(self, seen):
        self.notes.append(([one is not None for one in seen.predictions], seen.negative_branch))
        return seen.x0
        yield


def run(guidance, x=X, sigma=SIGMA):
    """Drives all questions; gives x0 and how many calls there were in each."""
    from limner.sampling.forward import BatchLimit, Forward

    forward, counts = Forward(BatchLimit(), lambda samples: None), []
    asking = answers(guidance, x, sigma)
    with torch.no_grad():
        try:
            question = next(asking)
            while True:
                counts.append(len(question.calls))
                waiting = list(question.calls)
                while waiting:
                    batch = forward.choose(waiting)
                    assert not forward.run(batch)
                    waiting = [call for call in waiting if call not in batch]
                question = next(asking)
        except StopIteration as end:
            return end.value, counts


def x0_of(denoiser, context, x=X, sigma=SIGMA):
    """What a network says, without any machinery."""
    level = torch.full((len(x),), sigma)
    meaning = denoiser.parametrization
    with torch.no_grad():
        output = denoiser.predict(
            meaning.scale_input(x, level), meaning.timestep(level), {"context": context.expand(len(x), -1, -1)}
        )
    return meaning.x0(x, output, level)


def test_a_weaker_network_pushes_away(denoiser, make_denoiser, prompt):
    weaker, positive, negative = make_denoiser(5), prompt(1), prompt(2)
    denoiser.options = {CORRECTIONS: (Away(weaker, 2.5),)}
    found, counts = run(Guidance(denoiser, CfgGuider(positive, negative, 4.0), X))
    towards, away = x0_of(denoiser, positive[0][0]), x0_of(denoiser, negative[0][0])
    expected = away + (towards - away) * 4.0 + (towards - x0_of(weaker, positive[0][0])) * 2.5
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert counts == [2, 1]


def test_corrections_follow_each_other(denoiser, make_denoiser, prompt):
    denoiser.options = {CORRECTIONS: (Away(make_denoiser(5), 1.0), Twice())}
    positive = prompt(1)
    found, counts = run(Guidance(denoiser, BasicGuider(positive), X))
    plain = x0_of(denoiser, positive[0][0])
    first = plain + (plain - x0_of(make_denoiser(5), positive[0][0]))
    expected = first + x0_of(denoiser, positive[0][0], plain)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert counts == [1, 1, 1, 1]


def test_several_positive_prompts_are_one_side_to_others(denoiser, prompt):
    notes, asked = [], []
    variation = lambda found, moment: asked.append(moment.branch) or found  # noqa: E731
    denoiser.options = {CORRECTIONS: (Noting(notes),), VARIATIONS: (variation,)}
    positive = prompt(1, part=(0, 1.5)) + prompt(3, part=(1, -0.5))
    found, counts = run(Guidance(denoiser, CfgGuider(positive, prompt(2), 4.0), X))
    first, second, away = (x0_of(denoiser, prompt(seed)[0][0]) for seed in (1, 3, 2))
    torch.testing.assert_close(found, away + 4.0 * (1.5 * (first - away) - 0.5 * (second - away)), rtol=1e-4, atol=1e-4)
    assert notes == [([True, True, False], 1)]
    assert asked == [0, 1, 0]
    assert counts == [3]


def test_without_corrections_nothing_more_is_asked(denoiser, prompt):
    _, counts = run(Guidance(denoiser, CfgGuider(prompt(1), prompt(2), 4.0), X))
    assert counts == [2]


def sampled(loop, denoiser, prompt, seed):
    sampler = SamplingRegistry.discovered().sampler("euler")
    latent = torch.zeros(1, 4, 6, 8)
    guider = CfgGuider(prompt(seed), prompt(seed + 10), 3.0)
    sigmas = torch.tensor([5.0, 3.0, 1.0, 0.0])
    return denoise(loop, denoiser, guider, sampler, sigmas, initial_noise(latent, seed), latent, seed=seed).samples


def test_corrected_walks_share_passes_and_come_out_as_alone(loop, denoiser, make_denoiser, prompt):
    denoiser.options = {CORRECTIONS: (Away(make_denoiser(5), 2.0),)}
    alone = [sampled(loop, denoiser, prompt, seed) for seed in range(3)]
    before = loop.counters.forwards
    assert before == 3 * 3 * 2
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda seed: sampled(loop, denoiser, prompt, seed), range(3)))
    for one, other in zip(alone, together, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_an_error_in_a_correction_ends_its_walk_only(loop, denoiser, make_denoiser, prompt):
    class Broken:
        def corrected(self, seen):
            yield Ask(seen.denoiser, seen.x, 0)
            raise ValueError("broken")

    plain = sampled(loop, denoiser, prompt, 1)
    denoiser.options = {CORRECTIONS: (Broken(),)}
    with pytest.raises(ValueError, match="broken"):
        sampled(loop, denoiser, prompt, 1)
    denoiser.options = {}
    assert torch.equal(sampled(loop, denoiser, prompt, 1), plain)


def test_variations_choose_the_network_by_moment(denoiser, make_denoiser, prompt):
    other = make_denoiser(9)
    asked = []

    def variation(found, moment):
        asked.append((moment.sigma, moment.branch, moment.number))
        return other if moment.branch == 1 and moment.sigma > 1 else found

    denoiser.options = {VARIATIONS: (variation,)}
    positive, negative = prompt(1), prompt(2)
    guidance = Guidance(denoiser, CfgGuider(positive, negative, 4.0), X)
    found, _ = run(guidance)
    towards, away = x0_of(denoiser, positive[0][0]), x0_of(other, negative[0][0])
    torch.testing.assert_close(found, away + (towards - away) * 4.0, rtol=1e-4, atol=1e-5)
    run(guidance, sigma=0.5)
    assert asked == [(SIGMA, 0, 0), (SIGMA, 1, 0), (0.5, 0, 1), (0.5, 1, 1)]
    assert varied(denoiser, Moment(0.5, 1)) is denoiser


def test_spans_count_in_shares_of_the_walk(denoiser):
    meaning = denoiser.parametrization
    middle = Span(0.2, 0.6)
    assert middle.holds(meaning.percent_to_sigma(0.4), denoiser)
    assert not middle.holds(meaning.percent_to_sigma(0.1), denoiser)
    assert not middle.holds(meaning.percent_to_sigma(0.7), denoiser)
    assert Span().holds(meaning.sigma_max, denoiser)
    assert Span().holds(0.0, denoiser)


def test_what_a_pass_reports_can_be_recalled(make_denoiser, prompt):
    class Reporting(make_denoiser):
        def predict(self, x, timestep, inputs, reports=None):
            recalled.append(None if "mean" not in inputs else inputs["mean"].clone())
            if reports is not None:
                reports["mean"] = x.mean(dim=(1, 2, 3))[:, None]
            return super().predict(x, timestep, inputs)

    recalled = []
    denoiser = Reporting()
    denoiser.options = {REPORTS: ("mean",), RECALLS: ("mean",)}
    guidance = Guidance(denoiser, CfgGuider(prompt(1), prompt(2), 4.0), X)
    run(guidance)
    run(guidance, X * 2)
    assert recalled[0] is None
    level = torch.full((2,), SIGMA)
    means = denoiser.parametrization.scale_input(X, level).mean(dim=(1, 2, 3))[:, None]
    torch.testing.assert_close(recalled[1], torch.cat([means, means]))
    torch.testing.assert_close(guidance.reports(1)["mean"], means * 2)
