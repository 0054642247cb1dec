"""Networks that are told more than text are told it as well where a pack's code runs around them."""

import pytest
import torch
from comfy.sampler_helpers import convert_cond
from safetensors.torch import save_file
from tests.models.families.case import Bench, randomised
from tests.models.families.sd2_unclip import UNCLIP_L
from tests.models.test_gligen import boxed, is_grounding, network, prompts

from comfy_host.base_model import base_model_of
from comfy_host.evaluation import evaluate
from limner.models.patches.gligen import open_gligen
from limner.models.patches.patch import is_patched


@pytest.fixture
def answers(studio):
    """What a network says of some conditionings, in the loop and behind a pack's wrapper."""
    wrapped = []

    def wrapper(apply, told):
        wrapped.append(told)
        return apply(told["input"], told["timestep"], **told["c"])

    def run(model, *conditionings):
        x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(4))
        given = [convert_cond(conditioning) for conditioning in conditionings]
        base = base_model_of(model)
        plain = evaluate(base, given, x, torch.tensor([3.0]), {})
        theirs = evaluate(base, given, x, torch.tensor([3.0]), {"model_function_wrapper": wrapper})
        assert wrapped
        return plain, theirs

    return run


def test_pictures(answers, tmp_path):
    bench = Bench(UNCLIP_L, tmp_path)
    model, (context, options) = bench.load("checkpoint"), bench.texts(1)[0]
    plain, theirs = answers(model, [[context, options]], [[context, {}]])
    assert (plain[0] - plain[1]).abs().max() > 1e-3
    for ours, other in zip(plain, theirs, strict=True):
        torch.testing.assert_close(other, ours, rtol=0, atol=1e-5)


def test_boxes(answers, tmp_path):
    bench = Bench(UNCLIP_L, tmp_path)
    state = {name: value.contiguous() for name, value in randomised(network()).state_dict().items()}
    for kind in ("diffusion_models", "gligen"):
        (tmp_path / "models" / kind).mkdir(parents=True)
        save_file(state, tmp_path / "models" / kind / "tiny.safetensors")
    assert any(is_grounding(name) for name in state)
    model, net = bench.library.diffusion_model("tiny.safetensors"), open_gligen(bench.library, "tiny.safetensors")
    wanted, unwanted = prompts()
    plain, theirs = answers(model, [[wanted[0][0], boxed({}, net)]], unwanted)
    assert not is_patched(model.options)
    for ours, other in zip(plain, theirs, strict=True):
        torch.testing.assert_close(other, ours, rtol=0, atol=1e-5)
