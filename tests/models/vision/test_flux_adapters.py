"""IP-Adapters of Flux: XLabs' against diffusers' pipeline, InstantX' against its formula in float64."""

import math
from dataclasses import replace
from itertools import pairwise

import diffusers
import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.case import Bench, randomised
from tests.models.families.components import difference, flow_scheduler, quiet
from tests.models.families.flux import DEV, PIXELS, SIDE, TEXT, autoencoder
from tests.models.vision.adapter_files import filled, nested, projection
from tests.models.vision.seeing import clip, drawn, siglip
from torch.nn.functional import gelu, layer_norm

from limner.graph.errors import NumericsError
from limner.models.memory.offload import Offload
from limner.models.parts.patch_tokens import grid_places, to_picture, to_tokens
from limner.models.patches.patch import with_patch
from limner.models.vision.encoder import open_vision_encoder
from limner.models.vision.flux_picture_attention import own_size
from limner.models.vision.ip_adapter import open_ip_adapter
from limner.models.vision.picture_influence import RISING, Influence
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider

INNER, DOUBLES, SINGLES, HEADS = 64, 2, 2, 2


def xlabs(published=True):
    """XLabs' adapter, as published or by the names of diffusers."""
    before, inside = ("ip_adapter_proj_model", "double_blocks") if published else ("image_proj", "ip_adapter")
    shapes = {f"{before}.{name}": shape for name, shape in projection("plain", TEXT).items()}
    for block in range(DOUBLES):
        for part in "kv":
            ours, theirs = f"to_{part}_ip", f"processor.ip_adapter_double_stream_{part}_proj"
            place = f"{inside}.{block}.{theirs if published else ours}"
            shapes |= {f"{place}.weight": (INNER, TEXT), f"{place}.bias": (INNER,)}
    return filled(shapes)


def instantx():
    shapes = {f"image_proj.{name}": shape for name, shape in projection("perceptron", TEXT).items()}
    for number in range(DOUBLES + SINGLES):
        shapes |= {f"ip_adapter.{number}.{part}.weight": (INNER, TEXT) for part in ("to_k_ip", "to_v_ip")}
    return filled(shapes)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(DEV, tmp_path_factory.mktemp("flux"))
    adapters = bench.root / "models" / "ipadapter"
    adapters.mkdir(parents=True)
    save_file(xlabs(), adapters / "xlabs.safetensors")
    save_file(xlabs(published=False), adapters / "xlabs_renamed.safetensors")
    torch.save(nested(instantx()), adapters / "instantx.bin")
    bench.write("clip_vision", "clip", drawn(clip()).state_dict())
    seeing = {f"vision_model.{name}": value for name, value in drawn(siglip()).state_dict().items()}
    bench.write("clip_vision", "siglip", seeing)
    return bench


@pytest.fixture(scope="module")
def model(bench):
    return bench.load("original")


@pytest.fixture
def noise():
    return torch.randn(1, 16, SIDE, SIDE, generator=torch.Generator().manual_seed(5))


def picture():
    return torch.rand(1, 40, 56, 3, generator=torch.Generator().manual_seed(2))


def seen_by(bench, name):
    return open_vision_encoder(bench.library, f"{name}.safetensors").encode(picture())


def ours(model, noise, **entry):
    """One pass in the middle of a walk."""
    ((context, options),) = DEV.texts(torch.Generator().manual_seed(1))
    return model.predict(noise, torch.tensor([0.5]), model.inputs({**options, **entry}, context, noise))


def pipeline(bench):
    state = bench.network.state_dict()
    network = DEV.network().eval()
    network.load_state_dict(state)
    vae = randomised(autoencoder())
    parts = dict.fromkeys(("text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2"))
    scheduler = flow_scheduler(use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15)
    pipe = diffusers.FluxPipeline(scheduler=scheduler, vae=vae, transformer=network, **parts)
    network._load_ip_adapter_weights([nested(xlabs(published=False))])
    return quiet(pipe)


@pytest.mark.parametrize("name", ["xlabs", "xlabs_renamed"])
def test_xlabs_equals_diffusers_pipeline(bench, model, noise, name):
    """A walk guided by two texts, each of which sees another picture, with weights that rise with the depth."""
    pipe = pipeline(bench)
    pipe.set_ip_adapter_scale([0.0, 0.9])
    adapter = open_ip_adapter(bench.library, f"{name}.safetensors")
    encoder = open_vision_encoder(bench.library, "clip.safetensors")
    seen = encoder.encode(picture())
    unseen = adapter.unseen(encoder, seen)
    positive, negative = bench.texts(1), bench.texts(2)
    for conditioning in (positive, negative):
        conditioning[0][1]["guidance"] = 2.0
    theirs = pipe(
        prompt_embeds=positive[0][0],
        pooled_prompt_embeds=positive[0][1]["pooled_output"],
        negative_prompt_embeds=negative[0][0],
        negative_pooled_prompt_embeds=negative[0][1]["pooled_output"],
        ip_adapter_image_embeds=[seen.image_embeds[:, None]],
        negative_ip_adapter_image_embeds=[unseen.image_embeds[:, None]],
        true_cfg_scale=3.0,
        guidance_scale=2.0,
        latents=to_tokens(noise),
        num_inference_steps=3,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
    ).images
    patched = [with_patch(model, adapter.attention(shown, Influence(0.9, RISING))) for shown in (seen, unseen)]
    x, meaning = noise, model.parametrization
    guidance = Guidance(model, CfgGuider(positive, negative, 3.0), x)
    for sigma, following in pairwise(float(sigma) for sigma in pipe.scheduler.sigmas):
        question = guidance.question(x, sigma)
        for call in question.calls:
            level = torch.full((1,), sigma)
            output = patched[call.branch].predict(call.x, meaning.timestep(level), call.inputs)
            call.x0 = meaning.x0(call.x, output, level)
        x0 = guidance.guider.combine(x, sigma, question.predictions(), model)
        x = x + (x - x0) / sigma * (following - sigma)
    assert difference(x, to_picture(theirs, SIDE, SIDE)) < 1e-4
    assert difference(ours(patched[0], noise), ours(model, noise)) > 1e-3


def test_black_stands_for_no_picture(bench):
    encoder = open_vision_encoder(bench.library, "clip.safetensors")
    unseen = open_ip_adapter(bench.library, "xlabs.safetensors").unseen(encoder, encoder.encode(picture()))
    assert torch.equal(unseen.image_embeds, encoder.encode(torch.zeros(1, 40, 40, 3)).image_embeds)


class InstantX:
    """The formula in float64: from every attention, keys and values normed, added to the attention's result."""

    def __init__(self, vector, scale):
        self.state = {name: value.double() for name, value in instantx().items()}
        self.scale = scale
        self.tokens = self.projected(vector.double())

    def projected(self, vector):
        inner = gelu(self.linear("image_proj.proj.0", vector))
        tokens = self.linear("image_proj.proj.2", inner).unflatten(-1, (-1, TEXT))
        weight, bias = (self.state[f"image_proj.norm.{part}"] for part in ("weight", "bias"))
        return layer_norm(tokens, (TEXT,), weight, bias)

    def linear(self, name, x):
        return x @ self.state[f"{name}.weight"].T + self.state.get(f"{name}.bias", 0)

    def heads(self, part):
        split = part.unflatten(-1, (HEADS, -1)).transpose(1, 2)
        return split / (split.square().mean(-1, keepdim=True) + 1e-5).sqrt()

    def watch(self, number, attention):
        def hook(module, inputs, named, output):
            hidden = named["hidden_states"]
            query = module.norm_q(module.to_q(hidden).unflatten(-1, (HEADS, -1))).transpose(1, 2)
            key, value = (self.heads(self.linear(f"ip_adapter.{number}.to_{part}_ip", self.tokens)) for part in "kv")
            found = (query @ key.transpose(-1, -2) / math.sqrt(INNER / HEADS)).softmax(-1) @ value
            found = self.scale * found.transpose(1, 2).flatten(2)
            return output + found if isinstance(output, torch.Tensor) else (output[0] + found, *output[1:])

        attention.register_forward_hook(hook, with_kwargs=True)


def test_instantx_equals_its_formula(bench, model, noise):
    seen = seen_by(bench, "siglip")
    adapter = open_ip_adapter(bench.library, "instantx.bin")
    patched = with_patch(model, adapter.attention(seen, Influence(0.7)))
    network = DEV.network().double().eval()
    network.load_state_dict({name: value.double() for name, value in bench.network.state_dict().items()})
    formula = InstantX(seen.image_embeds, 0.7)
    blocks = [*network.transformer_blocks, *network.single_transformer_blocks]
    for number, block in enumerate(blocks):
        formula.watch(number, block.attn)
    ((context, options),) = DEV.texts(torch.Generator().manual_seed(1))
    with torch.no_grad():
        wanted = network(
            hidden_states=to_tokens(noise).double(),
            encoder_hidden_states=context.double(),
            pooled_projections=options["pooled_output"].double(),
            timestep=torch.tensor([0.5]),
            guidance=torch.tensor([3.5]),
            img_ids=grid_places(SIDE // 2, SIDE // 2),
            txt_ids=torch.zeros(context.shape[1], 3),
        ).sample
    assert difference(ours(patched, noise), to_picture(wanted, SIDE, SIDE).float()) < 1e-4
    assert difference(ours(patched, noise), ours(model, noise)) > 1e-3


@pytest.mark.parametrize(("name", "encoder"), [("xlabs.safetensors", "clip"), ("instantx.bin", "siglip")])
def test_masks(bench, model, noise, name, encoder):
    """Ones are no mask, zeros no adapter; what is between differs from both, with and without a reference picture."""
    seen, adapter = seen_by(bench, encoder), open_ip_adapter(bench.library, name)
    left = torch.zeros(64, 64)
    left[:, :32] = 1.0
    reference = {"reference_latents": [torch.ones(1, 16, 6, 10)]}

    def masked(mask):
        return with_patch(model, adapter.attention(seen, Influence.of(1.0, "even", (), mask)))

    for entry in ({}, reference):
        whole = ours(masked(None), noise, **entry)
        assert difference(ours(masked(torch.ones(64, 64)), noise, **entry), whole) < 1e-5
        assert difference(ours(masked(torch.zeros(64, 64)), noise, **entry), ours(model, noise, **entry)) < 1e-5
        assert difference(ours(masked(left), noise, **entry), whole) > 1e-3


def test_several_adapters_and_a_mask_in_one_block(bench, model, noise):
    """XLabs' adapter adds to the picture's tokens behind the last block with two streams: linear in its scale."""
    adapter = open_ip_adapter(bench.library, "xlabs.safetensors")
    seen = seen_by(bench, "clip")
    one = adapter.attention(seen, Influence(0.5, "even", (0.0, 1.0)))
    other = adapter.attention(seen, Influence(1.0, "even", (0.0, 1.0)))
    assert (
        difference(ours(with_patch(with_patch(model, one), one), noise), ours(with_patch(model, other), noise)) < 1e-5
    )


@pytest.mark.parametrize(("name", "encoder"), [("xlabs.safetensors", "clip"), ("instantx.bin", "siglip")])
def test_networks_that_are_there_in_part(bench, model, noise, name, encoder):
    patch = open_ip_adapter(bench.library, name).attention(seen_by(bench, encoder), Influence())
    whole = ours(with_patch(model, patch), noise)
    part = model.with_network(replace(model.network, offload=Offload(share=0.0)))
    assert difference(ours(with_patch(part, patch), noise), whole) < 1e-6


def test_the_pictures_own_size():
    references = (grid_places(3, 4, number=1), grid_places(3, 4, top=2, left=3), grid_places(3, 4, number=1, left=2))
    for reference in references:
        assert own_size(torch.cat([grid_places(2, 3), reference])) == (2, 3)
    assert own_size(grid_places(5, 1)) == (5, 1)
    assert own_size(grid_places(1, 5)) == (1, 5)


def test_adapters_of_unets_are_refused(bench, model, noise):
    adapter = open_ip_adapter(bench.library, "xlabs.safetensors")
    patch = adapter.attention(seen_by(bench, "clip"), Influence())
    short = type(patch)(patch.layers[:1], patch.influence, everywhere=False)
    with pytest.raises(NumericsError, match="1 attentions and the model 2"):
        ours(with_patch(model, short), noise)
    with pytest.raises(NumericsError, match="made for Flux"):
        patch.replacements(torch.nn.Linear(1, 1))
