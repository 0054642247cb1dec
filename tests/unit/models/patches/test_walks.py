"""Patched models on walks: papers' formulas, equal keys, saved work, and nobody else disturbed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from tests.unit.models.conftest import tiny_state

from limner.media.gaussian import blurred
from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.models.patches.attention_map import ATTENTION_MAP, AttentionMap
from limner.models.patches.patch import with_patch
from limner.models.patches.perturbed_attention import PerturbedAttention
from limner.models.patches.self_attention import SelfAttention, worsened
from limner.models.patches.weaker_network import rescaled
from limner.nodes.network_guidance import (
    normalized_attention_guidance,
    numbers,
    perturbed_attention_guidance,
    self_attention_guidance,
    skip_layer_guidance_dit,
    skip_layer_guidance_dit_simple,
    skip_layer_guidance_sd3,
)
from limner.nodes.network_patches import (
    deep_cache,
    freeu,
    freeu_v2,
    hyper_tile,
    patch_model_add_downscale,
    tome_patch_model,
)
from limner.sampling.corrections import Seen
from limner.sampling.denoise import denoise
from limner.sampling.flow import FlowParametrization
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.noise import initial_noise
from limner.sampling.parametrization import EpsParametrization
from limner.sampling.registry import SamplingRegistry
from limner.storage.folders import Folders

STEPS = 3
SIZE = (16, 16)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    library = ModelLibrary(Folders.under(tmp_path_factory.mktemp("patched")))
    return library.checkpoint_in(ModelFile.of(tiny_state(), "tiny"))


@pytest.fixture
def model(checkpoint):
    return checkpoint.model


@pytest.fixture
def text(checkpoint):
    return checkpoint.clip.encode


@pytest.fixture
def loop():
    loop = DenoisingLoop()
    yield loop
    loop.close()


@pytest.fixture
def sampled(loop, text):
    """A walk; gives its samples and how many passes it took."""

    def run(model, *, cfg=4.0, seed=1, steps=STEPS):
        registry = SamplingRegistry.discovered()
        sigmas = registry.schedule("karras")(model.parametrization, steps)
        latent = torch.zeros(1, 4, *SIZE)
        guider = CfgGuider(text("a cat"), text("b"), cfg)
        before = loop.counters.forwards
        noise = initial_noise(latent, seed)
        result = denoise(loop, model, guider, registry.sampler("euler"), sigmas, noise, latent).samples
        return result, loop.counters.forwards - before

    return run


DOWN = {"downscale_method": "bicubic", "upscale_method": "bicubic"}

IDENTITIES = {
    "FreeU": lambda model, text: freeu(model=model, b1=1.0, b2=1.0, s1=1.0, s2=1.0),
    "FreeU_V2": lambda model, text: freeu_v2(model=model, b1=1.0, b2=1.0, s1=1.0, s2=1.0),
    "HyperTile": lambda model, text: hyper_tile(model=model, tile_size=2048),
    "Tome": lambda model, text: tome_patch_model(model=model, ratio=0.0),
    "Downscale": lambda model, text: patch_model_add_downscale(model=model, end_percent=0.0, **DOWN),
    "DeepCache": lambda model, text: deep_cache(model=model, interval=1),
    "DeepCache never": lambda model, text: deep_cache(model=model, start_percent=1.0),
    "PAG": lambda model, text: perturbed_attention_guidance(model=model, scale=0.0),
    "SAG": lambda model, text: self_attention_guidance(model=model, scale=0.0),
    "NAG": lambda model, text: normalized_attention_guidance(model=model, negative=text("x"), scale=1.0),
    "SLG": lambda model, text: skip_layer_guidance_dit(model=model, scale=0.0),
    "SLG nothing": lambda model, text: skip_layer_guidance_sd3(model=model, layers="none"),
    "SLG simple nothing": lambda model, text: skip_layer_guidance_dit_simple(
        model=model, double_layers="", single_layers=""
    ),
}

CHANGES = {
    "FreeU": lambda model, text: freeu(model=model, b2=1.6),
    "FreeU_V2": lambda model, text: freeu_v2(model=model, b2=1.8),
    "HyperTile": lambda model, text: hyper_tile(model=model, tile_size=64),
    "Tome": lambda model, text: tome_patch_model(model=model, ratio=0.6),
    "Downscale": lambda model, text: patch_model_add_downscale(model=model, block_number=1, **DOWN),
    "DeepCache": lambda model, text: deep_cache(model=model, interval=3),
    "PAG": lambda model, text: perturbed_attention_guidance(model=model, scale=5.0),
    "SAG": lambda model, text: self_attention_guidance(model=model, scale=2.0),
    "NAG": lambda model, text: normalized_attention_guidance(model=model, negative=text("x y z"), scale=8.0, share=0.8),
}


@pytest.fixture(scope="module")
def plain():
    """What the model gives unpatched, by cfg; filled once."""
    return {}


@pytest.fixture
def unpatched(plain, model, sampled):
    def run(cfg=4.0):
        if cfg not in plain:
            plain[cfg] = sampled(model, cfg=cfg)[0]
        return plain[cfg]

    return run


@pytest.mark.parametrize("name", IDENTITIES)
def test_nothing_changes_at_scale_zero(name, model, text, sampled, unpatched):
    torch.testing.assert_close(sampled(IDENTITIES[name](model, text))[0], unpatched(), rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("name", CHANGES)
def test_patched_walks_differ_and_leave_others_alone(name, model, text, sampled, unpatched):
    alone = sampled(CHANGES[name](model, text))[0]
    assert bool(torch.isfinite(alone).all())
    assert float((alone - unpatched()).abs().max()) > 1e-3
    with ThreadPoolExecutor(2) as pool:
        patched, beside = pool.submit(sampled, CHANGES[name](model, text)), pool.submit(sampled, model)
    torch.testing.assert_close(patched.result()[0], alone, rtol=1e-3, atol=2e-3)
    torch.testing.assert_close(beside.result()[0], unpatched(), rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("name", ["PAG", "SAG", "NAG"])
def test_guidance_works_without_a_negative_prediction(name, model, text, sampled, unpatched):
    found = sampled(CHANGES[name](model, text), cfg=1.0)[0]
    assert float((found - unpatched(1.0)).abs().max()) > 1e-3


def test_keys_tell_patched_from_plain(model):
    one, same = (with_patch(model, PerturbedAttention()) for _ in range(2))
    assert one.key == same.key != model.key
    assert hash(one.key) == hash(same.key)
    assert with_patch(model, AttentionMap()).key != one.key
    assert model.with_options(transformer_options={}).key == model.key
    packs = {"patches": {"attn1_patch": [print]}}
    assert model.with_options(transformer_options=packs).key == model.with_options(transformer_options=packs).key
    assert model.with_options(transformer_options=packs).key != model.key


def test_pack_patches_reach_a_plain_pass(model, text, sampled):
    def nothing_seen(hidden, skip, options):
        return hidden * 0, skip

    packs = {"patches": {"output_block_patch": [nothing_seen]}}
    assert not torch.allclose(sampled(model.with_options(transformer_options=packs))[0], sampled(model)[0])


def passes_of(module, model):
    """How often a part of a model's network runs."""
    counted = []
    with model.network.lease() as network:
        handle = network.get_submodule(module).register_forward_hook(lambda *_: counted.append(1))
    return counted, handle


def test_the_depth_runs_at_every_third_step_only(model, sampled):
    counted, handle = passes_of("mid_block.resnets.0", model)
    sampled(deep_cache(model=model, interval=3), steps=6)
    handle.remove()
    assert len(counted) == 2


def test_perturbed_guidance_is_its_formula(model, text, loop):
    positive, negative = text("a cat"), text("b")
    x, sigma = torch.randn(1, 4, *SIZE, generator=torch.Generator().manual_seed(1)), 3.0

    def x0(found, conditioning):
        ((context, options),) = conditioning
        level = torch.full((1,), sigma)
        meaning = found.parametrization
        inputs = found.inputs(options, context, x)
        return meaning.x0(x, found.predict(meaning.scale_input(x, level), meaning.timestep(level), inputs), level)

    towards, away = x0(model, positive), x0(model, negative)
    perturbed = x0(with_patch(model, PerturbedAttention()), positive)
    expected = away + (towards - away) * 4.0 + (towards - perturbed) * 2.5
    patched = perturbed_attention_guidance(model=model, scale=2.5)
    torch.testing.assert_close(
        once(loop, patched, CfgGuider(positive, negative, 4.0), x, sigma), expected, rtol=1e-3, atol=1e-3
    )


def once(loop, model, guider, x, sigma):
    """One evaluation as a walk of its own."""
    from limner.sampling.guidance import Guidance
    from limner.sampling.walk import Evaluate

    def walk():
        return (yield Evaluate(x, sigma))

    with model.lease():
        return loop.submit(walk(), Guidance(model, guider, x)).outcome.result()


@pytest.mark.parametrize("reading", [EpsParametrization, FlowParametrization])
@pytest.mark.parametrize("negative", [True, False])
def test_self_attention_guidance_is_its_formula(reading, negative):
    """In the words of the paper: noise predictions at x and at x with its salient places blurred."""
    draw = torch.Generator().manual_seed(5)
    meaning, sigma, scale, blur = reading(), 0.6, 0.7, 1.5
    x, towards, away, guided, answer = torch.randn(5, 2, 4, 8, 12, generator=draw).double()
    paid = torch.rand(2, 1, 4, 6, generator=draw) * 2
    predictions = [towards, away] if negative else [towards, None]
    plain = away if negative else towards

    class Network:
        parametrization = meaning

    seen = Seen(Network(), x, sigma, predictions, guided, lambda branch: {ATTENTION_MAP: paid})
    walk = SelfAttention(scale, blur).corrected(seen)
    ask = next(walk)
    assert ask.branch == (1 if negative else 0)
    mask = (paid > 1).double().repeat_interleave(2, 2).repeat_interleave(2, 3)
    worse = plain * (1 - mask) + blurred(plain, blur) * mask
    torch.testing.assert_close(worsened(plain, paid, blur), worse)
    signal = 1.0 if reading is EpsParametrization else 1 - sigma
    noise = (x - signal * plain) / sigma
    torch.testing.assert_close(ask.x, signal * worse + sigma * noise)
    with pytest.raises(StopIteration) as end:
        walk.send(answer)
    direction_here, direction_there = (x - plain) / sigma, (ask.x - answer) / sigma
    # directions are guided as the paper guides noise; an x0 is x minus sigma times a direction
    expected = x - sigma * ((x - guided) / sigma + scale * (direction_here - direction_there))
    torch.testing.assert_close(end.value.value, expected)


def test_self_attention_guidance_needs_a_map():
    x = torch.zeros(1, 4, 2, 2)
    walk = SelfAttention(1.0, 1.0).corrected(Seen(None, x, 1.0, [x], x + 3, lambda branch: {}))
    with pytest.raises(StopIteration) as end:
        next(walk)
    assert torch.equal(end.value.value, x + 3)


def test_rescaling_gives_each_sample_the_deviation_of_another():
    draw = torch.Generator().manual_seed(5)
    values, like = torch.randn(2, 3, 4, 5, 6, generator=draw) * torch.tensor([4.0, 1.0])[:, None, None, None, None]
    whole = rescaled(values, like, 1.0)
    torch.testing.assert_close(whole.std((1, 2, 3)), like.std((1, 2, 3)))
    torch.testing.assert_close(rescaled(values, like, 0.0), values)
    torch.testing.assert_close(rescaled(values, like, 0.5), (values + whole) / 2)


def test_numbers_are_found_in_any_text():
    assert numbers("7, 8,9") == (7, 8, 9)
    assert numbers("9 x 7;7") == (7, 9)
    assert numbers("") == ()
