"""Every trainer's names reach the layers that they mean, and taking an adapter off leaves nothing behind."""

import pytest
from tests.models.adapters import layouts, text_layouts, transformer_layouts

TOLERANCE = 1e-4
CASES = [*layouts.CASES, *transformer_layouts.CASES, *transformer_layouts.both_layouts(), *text_layouts.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.case} ({case.stored}): {case.layout}")
def test_layout(case, tmp_path):
    tried = case.tried(tmp_path)
    assert tried.effect > 100 * TOLERANCE
    assert tried.error < TOLERANCE
    assert tried.detached
