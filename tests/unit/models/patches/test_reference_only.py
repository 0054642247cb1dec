"""Reference-only control: against passes that are written down and read by hand, and on walks."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from tests.unit.models.conftest import tiny_state
from torch.nn.functional import interpolate

from limner.models.attention import split_heads
from limner.models.family import Pass
from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.models.patches.hyper_tile import HyperTile
from limner.models.patches.patch import with_patch
from limner.models.patches.reference_only import SEED, ReadsReferences, Reference
from limner.nodes.network_patches import deep_cache
from limner.nodes.reference_only import reference_only
from limner.sampling.denoise import denoise
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.noise import initial_noise
from limner.sampling.registry import SamplingRegistry
from limner.sampling.variants import Moment, varied
from limner.storage.folders import Folders

SIGMA = 1.5


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    library = ModelLibrary(Folders.under(tmp_path_factory.mktemp("reference")))
    return library.checkpoint_in(ModelFile.of(attentive(tiny_state()), "tiny"))


def attentive(state):
    """Tensors of a network whose self-attention counts for more."""
    return {name: value * 5 if ".attn1." in name and value.ndim > 1 else value for name, value in state.items()}


@pytest.fixture
def model(checkpoint):
    return checkpoint.model


def latent(seed, size=(16, 16)):
    return {"samples": torch.randn(1, 4, *size, generator=torch.Generator().manual_seed(seed)) * 5}


class ByHand:
    """A self-attention that is written down, or that reads what was written down."""

    def __init__(self, banks, reading, weights):
        self.banks, self.reading, self.weights = banks, reading, weights

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **options):
        seen = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        bias = None
        if encoder_hidden_states is None and not self.reading:
            self.banks[-1].append(hidden_states)
        elif encoder_hidden_states is None:
            written = [bank.pop(0) for bank in self.banks]
            ones = torch.ones(seen.shape[1])
            bias = torch.cat([ones, *(torch.full((len(ones),), float(weight)) for weight in self.weights)]).log()
            seen = torch.cat([seen, *written], dim=1)
        query, key, value = (
            split_heads(part, attn.heads).double()
            for part in (attn.to_q(hidden_states), attn.to_k(seen), attn.to_v(seen))
        )
        scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
        weights = (scores if bias is None else scores + bias).softmax(dim=-1)
        return attn.to_out[0]((weights @ value).transpose(1, 2).flatten(2).to(hidden_states))


def by_hand(model, x, timestep, context, references, weights):
    """The network's output when it reads references that ran before it."""
    meaning, banks = model.parametrization, []
    noise = torch.randn(1, 4, *x.shape[-2:], generator=torch.Generator().manual_seed(SEED))
    with torch.no_grad(), model.network.lease() as unet:
        own = unet.attn_processors
        try:
            for reference in references:
                banks.append([])
                unet.set_attn_processor(ByHand(banks, reading=False, weights=()))
                clean = model.latent_format.to_model(reference["samples"])
                clean = interpolate(clean, size=x.shape[-2:], mode="bilinear", antialias=True)
                shown = meaning.scale_input(meaning.noised(clean, noise, SIGMA), torch.tensor([SIGMA]))
                unet(shown.expand_as(x), timestep, encoder_hidden_states=context)
            unet.set_attn_processor(ByHand(banks, reading=True, weights=weights))
            return unet(x, timestep, encoder_hidden_states=context).sample
        finally:
            unet.set_attn_processor(own)


def predicted(model, x, timestep, context):
    patched = varied(model, Moment(SIGMA, 0))
    return patched.predict(x, timestep, {"context": context})


def given(model, count=2):
    generator = torch.Generator().manual_seed(3)
    with model.network.lease() as unet:
        width = unet.config.cross_attention_dim
    return (
        torch.randn(count, 4, 16, 16, generator=generator),
        model.parametrization.timestep(torch.full((count,), SIGMA)),
        torch.randn(count, 7, width, generator=generator),
    )


@pytest.mark.parametrize("strength", [1.0, 0.4, 2.5])
def test_a_reference_is_read_in_every_self_attention(model, strength):
    reading = reference_only(model=model, reference=latent(1), strength=strength)
    call = given(model)
    wanted = by_hand(model, *call, [latent(1)], [strength])
    assert (predicted(reading, *call) - wanted).abs().max() < 1e-4
    assert (model.predict(*call[:2], {"context": call[2]}) - wanted).abs().max() > 1e-3


def test_several_references_of_any_size_are_read_together(model):
    reading = reference_only(model=model, reference=latent(1, (24, 20)))
    reading = reference_only(model=reading, reference=latent(2), strength=0.5)
    call = given(model)
    wanted = by_hand(model, *call, [latent(1, (24, 20)), latent(2)], [1.0, 0.5])
    assert (predicted(reading, *call) - wanted).abs().max() < 1e-4


def test_tiles_read_the_tiles_of_the_reference(model):
    whole = reference_only(model=with_patch(model, HyperTile(2048, 1, 0, scaled=False)), reference=latent(1))
    tiled = reference_only(model=with_patch(model, HyperTile(64, 1, 0, scaled=False)), reference=latent(1))
    call = given(model)
    assert (predicted(whole, *call) - by_hand(model, *call, [latent(1)], [1.0])).abs().max() < 1e-4
    assert 1e-4 < (predicted(tiled, *call) - predicted(whole, *call)).abs().max() < 1


def test_samples_of_a_batch_do_not_meet(model):
    reading = reference_only(model=model, reference=latent(1))
    x, timestep, context = given(model, 3)
    together = predicted(reading, x, timestep, context)
    alone = [predicted(reading, x[n : n + 1], timestep[n : n + 1], context[n : n + 1]) for n in range(3)]
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-4, atol=1e-5)


def test_equal_references_have_equal_keys(model):
    at = Moment(SIGMA, 0)
    one, same, other = (varied(reference_only(model=model, reference=latent(seed)), at) for seed in (1, 1, 2))
    assert one.key == same.key != model.key
    assert one.key not in (other.key, varied(reference_only(model=model, reference=latent(1), strength=0.5), at).key)
    assert one.key != varied(reference_only(model=model, reference=latent(1)), Moment(SIGMA / 2, 0)).key
    late = reference_only(model=model, reference=latent(1), start_percent=0.9)
    assert varied(late, at).key == model.key
    assert reference_only(model=model, reference=latent(1), strength=0.0) is model


def test_reports_are_of_the_samples_alone(model):
    reads = ReadsReferences((Reference.of(latent(1)["samples"], 1.0),), SIGMA, model.parametrization)
    reports = {}
    x, timestep, context = given(model)
    with_patch(deep(model), reads).predict(x, timestep, {"context": context}, reports)
    assert {len(report) for report in reports.values()} == {2}


def deep(model):
    """A model that reports its depth."""
    return varied(deep_cache(model=model, interval=2, outer_blocks=2), Moment(SIGMA, 0))


@pytest.fixture
def sampled(checkpoint):
    loop = DenoisingLoop()

    def run(model, seed=1):
        registry = SamplingRegistry.discovered()
        sigmas = registry.schedule("karras")(model.parametrization, 4)
        guider = CfgGuider(checkpoint.clip.encode("a cat"), checkpoint.clip.encode("b"), 4.0)
        empty = torch.zeros(1, 4, 16, 16)
        noise = initial_noise(empty, seed)
        return denoise(loop, model, guider, registry.sampler("euler"), sigmas, noise, empty).samples

    yield run
    loop.close()


def test_walks_beside_each_other_stay_what_they_are(model, sampled):
    reading = reference_only(model=model, reference=latent(1), end_percent=0.8)
    alone, plain = sampled(reading), sampled(model)
    assert (alone - plain).abs().max() > 1e-2
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(sampled, reading), pool.submit(sampled, reading, 2), pool.submit(sampled, model)]
    torch.testing.assert_close(jobs[0].result(), alone, rtol=1e-3, atol=2e-3)
    torch.testing.assert_close(jobs[2].result(), plain, rtol=1e-3, atol=2e-3)


def test_saved_work_reads_nothing_and_still_runs(model, sampled):
    reading = deep_cache(model=reference_only(model=model, reference=latent(1)), interval=2)
    assert bool(torch.isfinite(sampled(reading)).all())


def test_what_else_a_network_is_given_is_given_to_references_too(model):
    """Vectors and inputs by sample are repeated; what control networks add is not for references."""
    reads = ReadsReferences((Reference.of(latent(1)["samples"], 1.0),), SIGMA, model.parametrization)
    inputs, residual = {"pooled": torch.randn(2, 6)}, torch.randn(2, 3, 4, 4)
    call = Pass(torch.randn(2, 4, 16, 16), torch.ones(2), inputs, control={"output": (None, residual)})
    asked = []

    def run(wide, vector):
        asked.append((wide, vector))
        return wide.x * 2

    output = reads.around(run, call, torch.arange(6.0).reshape(2, 3))
    ((wide, vector),) = asked
    assert torch.equal(output, call.x * 2)
    assert torch.equal(vector, torch.arange(6.0).reshape(2, 3).repeat(2, 1))
    assert torch.equal(wide.inputs["pooled"], inputs["pooled"].repeat(2, 1))
    assert wide.control["output"][0] is None
    assert torch.equal(wide.control["output"][1], torch.cat([residual, torch.zeros_like(residual)]))
