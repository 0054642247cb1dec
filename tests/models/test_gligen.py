"""GLIGEN against diffusers' pipeline: boxes of several texts, of some predictions only, beside other patches."""

import dataclasses
import gzip
import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.case import Trial, randomised
from tests.models.families.components import difference, kl_autoencoder, quiet
from tests.models.families.stable_diffusion import PIXELS, PLAIN, SHAPES, SIDE, scheduler
from tests.models.test_text_recipes import clip_tokens
from tests.models.text_files import clip, save_encoder
from torch import nn

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.library import ModelLibrary
from limner.models.load.layout import Layout
from limner.models.parts.gligen_layers import gligen_blueprint
from limner.models.parts.unet_keys import unet_keys
from limner.models.patches.freeu import FreeU
from limner.models.patches.gligen import GROUNDING, MOST, PRESENT, Box, grounded, open_gligen
from limner.models.patches.patch import with_patch
from limner.models.text.pooled import pooled_text
from limner.nodes.gligen import gligen_text_box_apply
from limner.sampling.denoise import denoise
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.registry import SamplingRegistry
from limner.storage.folders import Folders

TEXT = 40
PHRASES = torch.randn(2, TEXT, generator=torch.Generator().manual_seed(21))
BOXES = [[0.125, 0.25, 0.625, 0.75], [0.0, 0.5, 0.5, 1.0]]
"""Left, top, right, bottom as shares."""


def network():
    """A tiny UNet with layers for boxes."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=64,
        in_channels=4,
        cross_attention_dim=TEXT,
        layers_per_block=2,
        norm_num_groups=8,
        attention_type="gated",
        **SHAPES["sd15"],
    )


def is_grounding(name):
    return ".fuser." in name or name.startswith("position_net.")


def original_names(names):
    """Original names of diffusers' ones, fusers among them: their transformer block's, with the rest behind it."""
    with gzip.open(Path(__file__).parent / "layouts.json.gz") as file:
        table = json.load(file)["sd15"]
    prefix = "model.diffusion_model."
    shapes = {name.removeprefix(prefix): () for name in table if name.startswith(prefix)}
    blocks = {own.split(".norm1.")[0]: old.split(".norm1.")[0] for own, old in unet_keys(Layout(shapes)).items()}
    found = {}
    for name in names:
        block, fuser, rest = name.partition(".fuser.")
        found[name] = f"{blocks[block]}{fuser}{rest}" if fuser else name
    return found


@pytest.fixture(scope="module")
def unet():
    drawn = randomised(network())
    for name, value in drawn.state_dict().items():
        if ".alpha_" in name:
            value.fill_(0.8)  # gates, wide open
    return drawn


@pytest.fixture(scope="module")
def root(tmp_path_factory, unet):
    root = tmp_path_factory.mktemp("gligen")
    state = {name: value.contiguous() for name, value in unet.state_dict().items()}
    layers = {name: value for name, value in state.items() if is_grounding(name)}
    for kind in ("diffusion_models", "gligen"):
        (root / "models" / kind).mkdir(parents=True)
    plain = {name: value for name, value in state.items() if name not in layers}
    save_file(plain, root / "models/diffusion_models/plain.safetensors")
    save_file(state, root / "models/diffusion_models/with_layers.safetensors")
    save_file(state, root / "models/gligen/diffusers.safetensors")
    names = original_names(layers)
    pruned = {names[name]: value for name, value in layers.items()}
    save_file(pruned, root / "models/gligen/pruned.safetensors")
    full = {f"model.diffusion_model.{name}": value for name, value in pruned.items()}
    save_file(full, root / "models/gligen/checkpoint.safetensors")
    return root


@pytest.fixture
def library(root):
    return ModelLibrary(Folders.under(root, model_roots=(root / "models",)))


@pytest.fixture
def model(library):
    return library.diffusion_model("plain.safetensors")


@pytest.fixture
def net(library):
    return open_gligen(library, "pruned.safetensors")


def boxed(options, net, count=2):
    """Options with the boxes of the oracle."""
    for phrase, (left, top, right, bottom) in list(zip(PHRASES, BOXES, strict=True))[:count]:
        sides = (round(value * SIDE) for value in (left, top, right - left, bottom - top))
        options = grounded(options, net, Box(phrase, *sides))
    return options


def prompts():
    draw = torch.Generator().manual_seed(3)
    return [[[torch.randn(1, 6, TEXT, generator=draw), {}]] for _ in range(2)]


class Phrases(dict):
    """What a tokenizer gives: nothing, since the encoder below knows what it says."""

    def to(self, device):
        return self


class Speaker(nn.Module):
    """A text encoder that says the phrases' vectors."""

    dtype, device = torch.float32, torch.device("cpu")

    def forward(self):
        return SimpleNamespace(pooler_output=PHRASES)


@pytest.mark.parametrize(
    "name",
    ["pruned", pytest.param("diffusers", marks=pytest.mark.slow), pytest.param("checkpoint", marks=pytest.mark.slow)],
)
@pytest.mark.filterwarnings("ignore")
def test_boxes_agree_with_the_pipeline(library, model, unet, name):
    from diffusers import StableDiffusionGLIGENPipeline

    net = open_gligen(library, f"{name}.safetensors")
    wanted, unwanted = prompts()
    positive = [[wanted[0][0], boxed({}, net)]]
    noise = torch.randn(1, 4, SIDE, SIDE, generator=torch.Generator().manual_seed(5))
    pipe = StableDiffusionGLIGENPipeline(
        unet=unet,
        scheduler=scheduler(),
        vae=kl_autoencoder(4, quantised=True),
        text_encoder=Speaker(),
        tokenizer=lambda *given, **options: Phrases(),
        **PLAIN,
    )
    theirs = quiet(pipe)(
        prompt_embeds=wanted[0][0],
        negative_prompt_embeds=unwanted[0][0],
        gligen_phrases=["a", "b"],
        gligen_boxes=BOXES,
        gligen_scheduled_sampling_beta=1.0,
        latents=noise,
        num_inference_steps=3,
        guidance_scale=3.0,
        output_type="latent",
        height=PIXELS,
        width=PIXELS,
    ).images
    trial = Trial(unet, model, positive, unwanted, noise)
    start = noise * pipe.scheduler.init_noise_sigma
    answers = []
    for steered in (True, False):
        asked = trial if steered else dataclasses.replace(trial, positive=wanted)
        answers.append(walked(asked, pipe.scheduler.sigmas, start))
    assert difference(answers[0], theirs) < 1e-4
    assert difference(answers[1], theirs) > 1e-2


def walked(trial, sigmas, x):
    """Euler's walk, each call answered by the network of its entry."""
    guidance = Guidance(trial.model, CfgGuider(trial.positive, trial.negative, 3.0), x)
    for sigma, following in pairwise(float(sigma) for sigma in sigmas):
        question = guidance.question(x, sigma)
        for call in question.calls:
            level, meaning = torch.full((call.samples,), call.sigma), call.denoiser.parametrization
            output = call.denoiser.predict(meaning.scale_input(call.x, level), meaning.timestep(level), call.inputs)
            call.x0 = meaning.x0(call.x, output, level)
        x0 = guidance.guider.combine(x, sigma, question.predictions(), trial.model)
        x = x + (x - x0) / sigma * (following - sigma)
    return x


def test_predictions_with_and_without_boxes_share_a_pass(model, net):
    wanted, unwanted = prompts()
    positive = [[wanted[0][0], boxed({}, net)], [wanted[0][0], boxed({}, net, count=1)]]
    x = torch.randn(2, 4, SIDE, SIDE, generator=torch.Generator().manual_seed(5))
    calls = Guidance(model, CfgGuider(positive, unwanted, 3.0), x).question(x, 2.0).calls
    assert len(calls) == 3
    assert len({call.group for call in calls}) == 1
    assert [float(call.inputs[PRESENT][0].sum()) for call in calls] == [2.0, 1.0, 0.0]
    answering, timestep = calls[0].denoiser, torch.tensor([500.0])
    together = {name: torch.cat([call.inputs[name][:1] for call in calls]) for name in calls[0].inputs}
    all_at_once = answering.predict(x[:1].expand(3, -1, -1, -1), timestep.expand(3), together)
    for number, call in enumerate(calls):
        alone = answering.predict(x[:1], timestep, {name: value[:1] for name, value in call.inputs.items()})
        torch.testing.assert_close(all_at_once[number], alone[0], rtol=0, atol=1e-5)
    assert difference(all_at_once[0], all_at_once[1]) > 1e-3


def test_a_guided_walk_takes_one_pass_per_step(model, net):
    wanted, unwanted = prompts()
    registry, loop = SamplingRegistry.discovered(), DenoisingLoop()
    latent = torch.zeros(1, 4, SIDE, SIDE)
    sigmas = registry.schedule("karras")(model.parametrization, 3)
    guider = CfgGuider([[wanted[0][0], boxed({}, net)]], unwanted, 3.0)
    try:
        walk = denoise(loop, model, guider, registry.sampler("euler"), sigmas, torch.randn_like(latent), latent)
        assert loop.counters.sizes == {2: 3}
    finally:
        loop.close()
    assert walk.samples.isfinite().all()


def test_nobody_else_is_told_of_boxes(model, net):
    wanted, unwanted = prompts()
    calls = Guidance(model, CfgGuider(wanted, unwanted, 3.0), torch.zeros(1, 4, SIDE, SIDE))
    calls = calls.question(torch.zeros(1, 4, SIDE, SIDE), 2.0).calls
    assert {call.denoiser.key for call in calls} == {model.key}
    assert all(PRESENT not in call.inputs for call in calls)
    assert model.for_entry(boxed({}, net), 2.0).key != model.key


def test_boxes_go_together_with_other_patches(model, net):
    context, options = prompts()[0][0][0], boxed({}, net)
    x, timestep = torch.randn(1, 4, SIDE, SIDE), torch.tensor([500.0])

    def answer(given):
        return given.for_entry(options, 2.0).predict(x, timestep, given.inputs(options, context, x))

    nothing = FreeU((1.0, 1.0), (1.0, 1.0), adaptive=False)
    torch.testing.assert_close(answer(with_patch(model, nothing)), answer(model), rtol=0, atol=1e-5)
    stronger = FreeU((1.5, 1.5), (1.0, 1.0), adaptive=False)
    assert difference(answer(with_patch(model, stronger)), answer(model)) > 1e-3


def test_a_unet_that_has_the_layers_is_loaded_without_them(library, model):
    x, context = torch.randn(1, 4, SIDE, SIDE), prompts()[0][0][0]
    whole = library.diffusion_model("with_layers.safetensors")
    answers = [each.predict(x, torch.tensor([5.0]), each.inputs({}, context, x)) for each in (model, whole)]
    torch.testing.assert_close(*answers)


def test_boxes_are_shares_of_what_is_painted(model, net):
    options, context = boxed({}, net, count=1), prompts()[0][0][0]
    for latent, wanted in ((torch.zeros(1, 4, 8, 8), 1.0), (torch.zeros(1, 4, 16, 8), 0.5)):
        found = model.inputs(options, context, latent)["gligen.boxes"][0, 0]
        torch.testing.assert_close(found, torch.tensor([0.125, 0.25 * wanted, 0.625, 0.75 * wanted]))


def test_what_does_not_fit_is_said(library, root, net, model):
    save_file({"a": torch.ones(1)}, root / "models/gligen/other.safetensors")
    with pytest.raises(ModelFileError, match="no GLIGEN model for boxes with texts"):
        open_gligen(library, "other.safetensors")
    options = {}
    for _ in range(MOST):
        options = grounded(options, net, Box(PHRASES[0], 0, 0, 4, 4))
    with pytest.raises(NumericsError, match="30 boxes at most"):
        grounded(options, net, Box(PHRASES[0], 0, 0, 4, 4))
    with pytest.raises(NumericsError, match="pooled text of 40 numbers, but the text encoder gives 8"):
        grounded({}, net, Box(torch.zeros(8), 0, 0, 4, 4))
    facts = {"facts": {**model.network.blueprint.facts, "context": 1024}}
    blueprint = dataclasses.replace(model.network.blueprint, **facts)
    other = model.with_network(dataclasses.replace(model.network, blueprint=blueprint))
    with pytest.raises(NumericsError, match="text has 40 numbers per token"):
        other.inputs(boxed({}, net), prompts()[0][0][0], torch.zeros(1, 4, SIDE, SIDE))
    fewer = {"facts": {**net.network.blueprint.facts, "fusers": 3}}
    smaller = dataclasses.replace(
        net, network=dataclasses.replace(net.network, blueprint=dataclasses.replace(net.network.blueprint, **fewer))
    )
    options, x = boxed({}, smaller), torch.zeros(1, 4, SIDE, SIDE)
    with pytest.raises(NumericsError, match="layers for 3 attentions and the model"):
        model.for_entry(options, 2.0).predict(x, torch.ones(1), model.inputs(options, prompts()[0][0][0], x))


def test_published_shapes_are_read():
    """The names and shapes of the pruned file for Stable Diffusion 1.4."""
    places = {"input": (1, 2, 4, 5, 7, 8), "output": range(3, 12)}
    blocks = [f"{side}_blocks.{number}.1" for side, numbers in places.items() for number in numbers]
    names = [f"{block}.transformer_blocks.0.fuser.linear.weight" for block in (*blocks, "middle_block.1")]
    shapes = dict.fromkeys(names, (320, 768)) | {"position_net.null_positive_feature": (768,)}
    found = gligen_blueprint(Layout(shapes))
    assert found.facts == {"text": 768, "width": 768, "fusers": 16}
    assert {
        "fusers.input_1_0.linear.weight",
        "fusers.middle_0_0.linear.weight",
        "fusers.output_11_0.linear.weight",
    } <= (found.keys.keys())


@torch.no_grad()
def test_the_vector_of_a_text_is_that_before_a_projection(tmp_path):
    network = clip(64, 64)
    save_encoder(network, tmp_path / "models/text_encoders/clip_l.safetensors")
    library = ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",)))
    encoder = library.text_encoder("clip_l.safetensors", purpose="stable_diffusion")
    tokens = clip_tokens()("a red apple", return_tensors="pt")
    wanted = network.text_model(input_ids=tokens.input_ids).pooler_output[0]
    torch.testing.assert_close(pooled_text(encoder, "a red apple"), wanted, rtol=1e-4, atol=1e-5)


class Encoder:
    """A text encoder as the node sees it."""

    def __init__(self, pooled):
        self.pooled, self.branches = pooled, ()

    def with_branches(self, change):
        return self

    def encode(self, text):
        return [[torch.zeros(1, 3, TEXT), {} if self.pooled is None else {"pooled_output": self.pooled}]]


def test_the_node_adds_boxes(net):
    conditioning = prompts()[0]
    for number in range(2):
        conditioning = gligen_text_box_apply(
            conditioning_to=conditioning,
            clip=Encoder(PHRASES[number : number + 1]),
            gligen_textbox_model=net,
            text="a cat",
            width=32,
            height=24,
            x=8,
            y=16,
        )
    found = conditioning[0][1][GROUNDING].boxes
    assert [(box.left, box.top, box.width, box.height) for box in found] == [(1, 2, 4, 3)] * 2
    assert torch.equal(torch.stack([box.text for box in found]), PHRASES)
    with pytest.raises(NumericsError, match="gives no pooled vector"):
        pooled_text(Encoder(None), "a cat")
