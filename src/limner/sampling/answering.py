"""From an x and a sigma to the guided x0: all that is asked of networks on the way, question by question."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from torch import Tensor

from limner.sampling.corrections import CORRECTIONS, Corrections, Seen
from limner.sampling.guidance import Guidance, Question

Answers = Generator[Question, None, Tensor]
"""Yields questions, is resumed when all calls of one are answered, returns x0."""


def answers(guidance: Guidance, x: Tensor, sigma: float) -> Answers:
    """Everything that an evaluation asks; returns the guided and corrected x0. Shapes: x [b c h w]; returns like x."""
    reuse = guidance.reuse
    known = None if reuse is None else reuse.recalled(x, sigma)
    if reuse is not None and reuse.guided:
        if known is not None and known[0] is not None:
            return known[0]
        x0 = yield from _guided(guidance, x, sigma, (yield from _predictions(guidance, x, sigma)))
        reuse.keep(x, sigma, [x0])
        return x0
    if known is None:
        known = yield from _predictions(guidance, x, sigma)
        if reuse is not None:
            reuse.keep(x, sigma, known)
    return (yield from _guided(guidance, x, sigma, known))


def _predictions(guidance: Guidance, x: Tensor, sigma: float) -> Generator[Question, None, Sequence[Tensor | None]]:
    """What the network says under each of the guider's conditionings."""
    question = guidance.question(x, sigma)
    yield question
    guidance.heard(question)
    return question.predictions()


def _guided(guidance: Guidance, x: Tensor, sigma: float, predictions: Sequence[Tensor | None]) -> Answers:
    """What the guider and the corrections make of them."""
    denoiser = guidance.denoiser
    x0 = guidance.guider.combine(x, sigma, predictions, denoiser)
    seen = Seen(denoiser, x, sigma, guidance.by_side(predictions), x0, guidance.reports)
    for correction in denoiser.options.get(CORRECTIONS, ()):
        corrected = yield from _asked(guidance, correction.corrected(seen), sigma)
        seen = replace(seen, x0=corrected)
    return seen.x0


def _asked(guidance: Guidance, walk: Corrections, sigma: float) -> Answers:
    """A correction's questions."""
    try:
        ask = next(walk)
        while True:
            question = guidance.further(ask.denoiser, ask.x, sigma, ask.branch)
            yield question
            ask = walk.send(question.prediction(ask.branch))
    except StopIteration as end:
        return end.value
    finally:
        walk.close()
