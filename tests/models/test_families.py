"""Every family, tiny: its files are recognised and loaded, it samples, decodes, and agrees with its pipeline.

The first network of each family is in the ordinary suite; ``make families`` plays all.
"""

import pytest
import torch
from tests.models.families.case import Bench, load_cases

from limner.models.load.layout import Layout
from limner.models.registry import load_families

CASES = load_cases()
TOLERANCE = 1e-4
FIRST = {case.family: name for name, case in reversed(CASES.items())}


@pytest.fixture(
    params=[
        pytest.param(case, id=name, marks=() if FIRST[case.family] == name else pytest.mark.slow)
        for name, case in CASES.items()
    ]
)
def bench(request, tmp_path):
    return Bench(request.param, tmp_path)


def test_recognised_loaded_sampled_decoded_and_equal_to_its_pipeline(bench):
    case = bench.case
    families = load_families()
    reference = None
    for name, layout in case.layouts.items():
        shapes = {key: tuple(tensor.shape) for key, tensor in layout(bench.network.state_dict()).state.items()}
        found = [family.name for family in families.values() if family.recognise(Layout(shapes))]
        assert found == [case.family], name
        model = bench.load(name)
        latent = bench.sample(model)
        assert latent.shape[1:] == torch.Size(case.latent)
        assert latent.isfinite().all()
        assert latent.std() > 0
        reference = latent if reference is None else reference
        # Where a tensor lies in its file decides which kernels multiply it, so the last bits differ.
        torch.testing.assert_close(latent, reference, rtol=0, atol=1e-4 * float(reference.std()), msg=name)
    pictures = bench.decode(reference)
    assert pictures is None or pictures.isfinite().all()
    assert bench.error(model) < TOLERANCE
