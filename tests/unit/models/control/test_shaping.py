"""How much a control network counts in which blocks and places."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.models.control.shaping import confined, shaped, softened


def residuals(blocks=12, side=4):
    return {
        "output": (*(torch.ones(1, 2, side, side) for _ in range(blocks - 1)), None),
        "middle": (torch.ones(1, 2, 1, 1),),
    }


def test_thirteen_blocks_have_the_powers_that_are_documented():
    found = softened(residuals(), 0.825)
    for number, value in enumerate(found["output"][:-1]):
        assert value.max().item() == pytest.approx(0.825 ** (12 - number))
    assert found["output"][-1] is None
    assert torch.equal(found["middle"][0], torch.ones(1, 2, 1, 1))


def test_other_numbers_of_blocks_run_through_the_same_powers():
    found = softened({"double": tuple(torch.ones(1, 3, 2) for _ in range(4))}, 0.5)
    weights = [value.max().item() for value in found["double"]]
    assert weights == pytest.approx([0.5**12, 0.5**8, 0.5**4, 1.0])


def test_a_region_confines():
    region = torch.zeros(1, 1, 8, 8)
    region[..., :4] = 1
    found = confined(residuals(), region)
    assert found["output"][0][..., :2].min() > found["output"][0][..., 2:].max()
    with pytest.raises(NumericsError):
        confined({"double": (torch.ones(1, 3, 2),)}, region)


def test_plain_residuals_stay_as_they_are():
    plain = residuals()
    assert shaped(plain, {}, None) is plain
