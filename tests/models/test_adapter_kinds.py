"""Every kind of adapter, in every layout, does to a layer what its trainer's library does."""

import pytest
import torch
from tests.models.adapters import formulas, lycoris, peft
from tests.models.adapters.case import layers

from limner.models.adapters.registry import load_kinds

CASES = [*formulas.CASES, *lycoris.CASES, *peft.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.layout}")
def test_kind(case):
    torch.manual_seed(1)
    for layer in layers():
        assert case.error(layer) < 1e-5


def test_every_kind_has_a_case():
    assert {case.kind for case in CASES} == set(load_kinds())
