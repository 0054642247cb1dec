"""Several prompts add up, each with a weight of its own."""

import torch

from limner.sampling.composition import PART, composed, is_sum, parts_of
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.guiders.overheard import Overheard


class Plain:
    """What a guider asks of a network."""

    options: dict = {}  # noqa: RUF012


def text(level, part=None):
    return [torch.full((1, 1, 1), level), {} if part is None else {PART: part}]


def values(*levels):
    return [torch.full((1, 1, 1, 1), level) for level in levels]


def test_entries_are_told_apart_by_their_prompt():
    one, two, three = text(1.0, (0, 1.0)), text(2.0, (1, -0.5)), text(3.0, (0, 1.0))
    assert parts_of([one, two, three]) == [(1.0, [one, three]), (-0.5, [two])]
    assert parts_of([]) == [(1.0, [])]
    plain = [text(1.0), text(2.0)]
    assert parts_of(plain) == [(1.0, plain)]


def test_a_single_prompt_of_weight_one_is_no_sum():
    assert not is_sum([1.0])
    assert is_sum([0.5])
    assert is_sum([1.0, 1.0])


def test_distances_to_the_negative_prediction_add_up():
    negative, *predictions = values(1.0, 3.0, 5.0)
    assert composed(negative, predictions, [0.5, -1.0]).item() == 1.0 + 0.5 * 2.0 - 4.0


def test_guidance_of_several_prompts():
    guider = CfgGuider([text(1.0, (0, 1.2)), text(2.0, (1, 0.5))], [text(0.0)], 3.0)
    sides = [conditioning[0][1]["prompt_type"] for conditioning in guider.conditionings]
    assert sides == ["positive", "negative", "positive"]
    first, negative, second = values(2.0, 1.0, 5.0)
    x0 = guider.combine(first, 1.0, [first, negative, second], Plain())
    torch.testing.assert_close(x0, negative + 3.0 * (1.2 * (first - negative) + 0.5 * (second - negative)))
    overheard = Overheard(guider)
    torch.testing.assert_close(overheard.combine(first, 1.0, [first, negative, second], Plain()), x0)
    assert torch.equal(overheard.negative_of(x0), negative)


def test_a_sum_needs_the_negative_prediction_at_scale_one_too():
    alone = CfgGuider([text(1.0)], [text(0.0)], 1.0)
    assert alone.wanted(Plain()) == (True, False)
    several = CfgGuider([text(1.0, (0, 1.0)), text(2.0, (1, 1.0))], [text(0.0)], 1.0)
    assert several.wanted(Plain()) == (True, True, True)
    assert CfgGuider([text(1.0, (0, 0.5))], [text(0.0)], 1.0).wanted(Plain()) == (True, True)
