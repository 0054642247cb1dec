"""Skip-layer guidance on families as their files load: it acts, and only at its scale and in its span."""

import pytest
import torch
from tests.models.families.case import Bench, load_cases

from limner.nodes.network_guidance import skip_layer_guidance_dit, skip_layer_guidance_dit_simple

CASES = load_cases()
TRANSFORMERS = ("auraflow", "chroma", "flux", "hidream", "lumina2", "pixart_sigma", "qwen_image", "sd3", "z_image")
NAMES = {case.family: name for name, case in CASES.items() if case.family in TRANSFORMERS}
"""One case of each."""


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_blocks_are_left_out_for_guidance(name, tmp_path):
    bench = Bench(CASES[name], tmp_path)
    model = bench.load(next(iter(bench.case.layouts)))
    plain = bench.sample(model)
    layers = {"double_layers": "0", "single_layers": "0"}
    whole = {"start_percent": 0.0, "end_percent": 1.0}
    guided = bench.sample(skip_layer_guidance_dit(model=model, scale=4.0, **layers, **whole))
    assert guided.isfinite().all()
    assert float((guided - plain).abs().max()) > 1e-5 * float(plain.std())
    assert torch.equal(bench.sample(skip_layer_guidance_dit(model=model, scale=0.0, **layers, **whole)), plain)
    late = skip_layer_guidance_dit(model=model, scale=4.0, start_percent=1.0, end_percent=1.0, **layers)
    assert torch.equal(bench.sample(late), plain)
    simple = bench.sample(skip_layer_guidance_dit_simple(model=model, **layers))
    assert simple.isfinite().all()
