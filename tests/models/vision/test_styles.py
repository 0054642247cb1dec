"""Styles beside the text of Flux: Redux against diffusers' pipeline, attention to a style against its formula."""

import math

import pytest
import torch
from diffusers import FluxPriorReduxPipeline
from diffusers.models.embeddings import apply_rotary_emb
from diffusers.pipelines.flux.modeling_flux import ReduxImageEncoder
from PIL import Image
from safetensors.torch import save_file
from tests.models.families.case import Bench
from tests.models.families.components import difference
from tests.models.families.flux import DEV, SIDE, TEXT
from tests.models.vision.adapter_files import WIDTH
from tests.models.vision.seeing import drawn, siglip
from transformers import SiglipImageProcessor

from limner.models.library import ModelLibrary
from limner.models.parts.patch_tokens import grid_places, to_picture, to_tokens
from limner.models.parts.style_bias import STYLES, Style, joint_mask
from limner.models.parts.text_tokens import kept_tokens
from limner.models.vision.encoder import SeenPicture, open_vision_encoder
from limner.models.vision.style import open_style_model
from limner.nodes.conditioning import conditioning_concat
from limner.nodes.vision import style_model_apply
from limner.storage.folders import Folders

T5 = 4096
"""Width of the text where diffusers' pipeline has none."""
HEADS = 2


class GivenStyle:
    """A style model that gives its tokens."""

    def __init__(self, tokens):
        self.given = tokens

    def tokens(self, seen):
        return self.given


def given(count, seed=3):
    return GivenStyle(torch.randn(1, count, TEXT, generator=torch.Generator().manual_seed(seed)))


NOTHING = SeenPicture(torch.zeros(1), torch.zeros(1), torch.zeros(1))


def styled(conditioning, style, strength, kind="attn_bias"):
    return style_model_apply(
        conditioning=conditioning,
        style_model=style,
        clip_vision_output=NOTHING,
        strength=strength,
        strength_type=kind,
    )


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(DEV, tmp_path_factory.mktemp("styles"))


@pytest.fixture(scope="module")
def model(bench):
    return bench.load("diffusers")


def noise():
    return torch.randn(1, 16, SIDE, SIDE, generator=torch.Generator().manual_seed(5))


def text():
    return DEV.texts(torch.Generator().manual_seed(1))


def predicted(model, conditioning):
    ((context, options),) = conditioning
    return model.predict(noise(), torch.tensor([0.5]), model.inputs(options, context, noise()))


def test_redux_equals_diffusers_pipeline(tmp_path):
    torch.manual_seed(8)
    seeing, redux = drawn(siglip()), drawn(ReduxImageEncoder(WIDTH, T5))
    folders = Folders.under(tmp_path, model_roots=(tmp_path / "models",))
    for kind, state in (
        ("clip_vision", {f"vision_model.{name}": value for name, value in seeing.state_dict().items()}),
        ("style_models", redux.state_dict()),
    ):
        (tmp_path / "models" / kind).mkdir(parents=True)
        save_file(state, tmp_path / "models" / kind / "a.safetensors")
    pixels = torch.randint(0, 256, (28, 28, 3), generator=torch.Generator().manual_seed(2)).byte()
    pipe = FluxPriorReduxPipeline(
        image_encoder=seeing,
        feature_extractor=SiglipImageProcessor(size={"height": 28, "width": 28}),
        image_embedder=redux,
    )
    library = ModelLibrary(folders)
    seen = open_vision_encoder(library, "a.safetensors").encode(pixels[None] / 255, crop=False)
    for strength in (1.0, 0.6):
        theirs = pipe(Image.fromarray(pixels.numpy()), prompt_embeds_scale=strength).prompt_embeds
        ((ours, _),) = style_model_apply(
            conditioning=[[torch.zeros(1, 512, T5), {}]],
            style_model=open_style_model(library, "a.safetensors"),
            clip_vision_output=seen,
            strength=strength,
            strength_type="multiply",
        )
        assert difference(ours, theirs) < 1e-4
        assert ours.abs().max() > 0.1


class Weighed:
    """Flux's attention where the weights of some tokens are multiplied for some that look at them."""

    def __init__(self, weights):
        self.weights = weights

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, image_rotary_emb=None):
        def split(layer, norm, x):
            part = layer(x).unflatten(-1, (HEADS, -1))
            return part if norm is None else norm(part)

        own = ((attn.to_q, attn.norm_q), (attn.to_k, attn.norm_k), (attn.to_v, None))
        parts = [split(layer, norm, hidden_states) for layer, norm in own]
        if encoder_hidden_states is not None:
            added = (
                (attn.add_q_proj, attn.norm_added_q),
                (attn.add_k_proj, attn.norm_added_k),
                (attn.add_v_proj, None),
            )
            before = [split(layer, norm, encoder_hidden_states) for layer, norm in added]
            parts = [torch.cat(pair, dim=1) for pair in zip(before, parts, strict=True)]
        query, key = (apply_rotary_emb(part, image_rotary_emb, sequence_dim=1) for part in parts[:2])
        scores = torch.einsum("bqhd,bkhd->bhqk", query, key) / math.sqrt(query.shape[-1])
        paid = scores.exp() * self.weights
        mixed = torch.einsum("bhqk,bkhd->bqhd", paid / paid.sum(dim=-1, keepdim=True), parts[2]).flatten(2)
        if encoder_hidden_states is None:
            return mixed
        count = encoder_hidden_states.shape[1]
        return attn.to_out[0](mixed[:, count:]), attn.to_add_out(mixed[:, :count])


def by_formula(bench, conditioning, weights):
    """diffusers' network in float64 under multiplied weights [q k] of text and picture."""
    network = DEV.network().double().eval()
    network.load_state_dict({name: value.double() for name, value in bench.network.state_dict().items()})
    for block in (*network.transformer_blocks, *network.single_transformer_blocks):
        block.attn.processor = Weighed(weights.double())
    ((context, options),) = conditioning
    with torch.no_grad():
        output = network(
            hidden_states=to_tokens(noise()).double(),
            encoder_hidden_states=context.double(),
            pooled_projections=options["pooled_output"].double(),
            timestep=torch.tensor([0.5]),
            guidance=torch.tensor([3.5]),
            img_ids=grid_places(SIDE // 2, SIDE // 2),
            txt_ids=torch.zeros(context.shape[1], 3),
        ).sample
    return to_picture(output, SIDE, SIDE).float()


def test_attention_to_styles_is_multiplied(bench, model):
    """Two styles: the text and the first one look at the second from outside; it looks at all as ever."""
    conditioning = styled(styled(text(), given(3), 2.5), given(2, seed=4), 0.4)
    words = text()[0][0].shape[1]
    first, second = slice(words, words + 3), slice(words + 3, words + 5)
    weights = torch.ones(words + 5 + 16, words + 5 + 16)
    weights[:words, first] = weights[words + 5 :, first] = 2.5
    weights[: words + 3, second] = weights[words + 5 :, second] = 0.4
    assert difference(predicted(model, conditioning), by_formula(bench, conditioning, weights)) < 1e-4
    plain = styled(styled(text(), given(3), 1.0), given(2, seed=4), 1.0)
    assert difference(predicted(model, plain), by_formula(bench, plain, torch.ones_like(weights))) < 1e-4
    assert difference(predicted(model, conditioning), predicted(model, plain)) > 1e-3


def test_a_style_at_strength_0_is_not_there(model):
    assert difference(predicted(model, styled(text(), given(3), 0.0)), predicted(model, text())) < 1e-5


def test_a_style_keeps_its_place_when_text_is_added(model):
    ((conditioning, options),) = conditioning_concat(
        conditioning_to=styled(text(), given(3), 2.5), conditioning_from=DEV.texts(torch.Generator().manual_seed(2))
    )
    words = text()[0][0].shape[1]
    inputs = model.inputs(options, conditioning, noise())
    assert torch.equal(inputs["style_bias"][0, :words, words : words + 3], torch.full((words, 3), math.log(2.5)))
    assert not inputs["style_bias"][0, words:-1].any()
    assert not inputs["style_bias"][0, :, words + 3 :].any()


def test_masked_text_is_left_out_of_the_bias(model):
    context, options = text()[0]
    mask = torch.ones(1, context.shape[1], dtype=torch.long)
    mask[:, -2:] = 0
    ((shown, told),) = styled([[context, {**options, "attention_mask": mask}]], given(3), 2.5)
    assert told["attention_mask"].tolist() == [[1] * (context.shape[1] - 2) + [0, 0] + [1] * 3]
    inputs = model.inputs(told, shown, noise())
    short = styled([[context[:, :-2], options]], given(3), 2.5)
    wanted = model.inputs(short[0][1], short[0][0], noise())
    assert torch.equal(inputs["context"], wanted["context"])
    assert torch.equal(inputs["style_bias"], wanted["style_bias"])


def test_what_multiply_and_strength_1_leave_alone():
    ((shown, told),) = styled(text(), given(3), 0.5, kind="multiply")
    assert STYLES not in told
    assert torch.equal(shown[:, -3:], given(3).given * 0.5)
    ((shown, told),) = styled(text(), given(3), 1.0)
    assert STYLES not in told
    assert Style(0, 1, 0.0).bias == -math.inf


def test_joint_masks_are_of_each_sample():
    bias = torch.tensor([[[0.0, 1.0], [0.0, 0.0], [2.0, 3.0]], [[0.0, 0.0], [0.0, 0.0], [0.0, 5.0]]])
    mask = joint_mask(bias, 2)
    assert mask.shape == (2, 1, 4, 4)
    assert mask[0, 0].tolist() == [[0, 1, 0, 0], [0, 0, 0, 0], [2, 3, 0, 0], [2, 3, 0, 0]]
    assert mask[1, 0, 3].tolist() == [0, 5, 0, 0]


def test_tokens_behind_a_mask_are_shown():
    assert kept_tokens(torch.tensor([[1, 0]]), 4).tolist() == [True, False, True, True]
    assert kept_tokens(torch.tensor([[0, 0]]), 2).tolist() == [True, False]
    assert kept_tokens(None, 2).tolist() == [True, True]
