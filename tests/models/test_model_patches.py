"""Networks that step into others, from files: USO's style reference against its formula and diffusers' network."""

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.case import Bench
from tests.models.families.components import difference
from tests.models.families.flux import DEV, SIDE
from tests.models.vision.adapter_files import filled
from tests.models.vision.seeing import SIZES, clip, drawn
from tests.models.vision.test_styles import given, noise, predicted, styled, text
from torch import nn
from torch.nn.functional import layer_norm, silu
from transformers import SiglipVisionConfig, SiglipVisionModel

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.model_patches.registry import open_model_patch
from limner.models.parts.patch_tokens import grid_places, to_picture, to_tokens
from limner.models.patches.patch import with_patch
from limner.models.vision.encoder import open_vision_encoder
from limner.nodes.model_patches import uso_style_reference

SEEN, STATES, TOKENS, INNER = 64, 4, 3, 64


def siglip():
    return SiglipVisionModel(SiglipVisionConfig(**{**SIZES, "num_hidden_layers": 21}, num_attention_heads=1)).eval()


def projector():
    shapes = {}
    for part in ("high", "mid", "low"):
        shapes |= {f"{part}_embedding_linear.0.weight": (TOKENS, STATES), f"{part}_embedding_linear.0.bias": (TOKENS,)}
        shapes |= {f"{part}_layer_norm.weight": (SEEN,), f"{part}_layer_norm.bias": (SEEN,)}
        shapes |= {f"{part}_projection.weight": (INNER, SEEN), f"{part}_projection.bias": (INNER,)}
    return filled(shapes)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(DEV, tmp_path_factory.mktemp("patches"))
    seeing = {f"vision_model.{name}": value for name, value in drawn(siglip()).state_dict().items()}
    bench.write("clip_vision", "siglip", seeing)
    bench.write("clip_vision", "clip", drawn(clip()).state_dict())
    bench.write("model_patches", "uso", projector())
    return bench


@pytest.fixture(scope="module")
def model(bench):
    return bench.load("original")


def seen_by(bench, name):
    picture = torch.rand(1, 28, 28, 3, generator=torch.Generator().manual_seed(2))
    return picture, open_vision_encoder(bench.library, f"{name}.safetensors").encode(picture)


def tokens_by_formula(states):
    """High, middle and low, each by its layers in float64."""
    state = {name: value.double() for name, value in projector().items()}
    found = []
    for part, number in (("high", -2), ("mid", -11), ("low", -20)):
        weight, bias = (state[f"{part}_embedding_linear.0.{kind}"] for kind in ("weight", "bias"))
        fewer = silu(torch.einsum("ot,btd->bod", weight, states[number].double()) + bias[:, None])
        fewer = layer_norm(fewer, (SEEN,), *(state[f"{part}_layer_norm.{kind}"] for kind in ("weight", "bias")))
        found.append(fewer @ state[f"{part}_projection.weight"].T + state[f"{part}_projection.bias"])
    return torch.cat(found, dim=1)


def test_a_style_reference_equals_its_formula(bench, model):
    picture, seen = seen_by(bench, "siglip")
    patched = uso_style_reference(
        model=model, model_patch=open_model_patch(bench.library, "uso.safetensors"), clip_vision_output=seen
    )
    with torch.no_grad():
        states = drawn(siglip())(
            pixel_values=(picture.movedim(-1, 1) * 255).round() / 255 * 2 - 1, output_hidden_states=True
        ).hidden_states
    network = DEV.network().double().eval()
    network.load_state_dict({name: value.double() for name, value in bench.network.state_dict().items()})
    ((context, options),) = text()
    with torch.no_grad():
        words = torch.cat([tokens_by_formula(states), network.context_embedder(context.double())], dim=1)
        network.context_embedder = nn.Identity()
        wanted = network(
            hidden_states=to_tokens(noise()).double(),
            encoder_hidden_states=words,
            pooled_projections=options["pooled_output"].double(),
            timestep=torch.tensor([0.5]),
            guidance=torch.tensor([3.5]),
            img_ids=grid_places(SIDE // 2, SIDE // 2),
            txt_ids=torch.zeros(words.shape[1], 3),
        ).sample
    assert difference(predicted(patched, text()), to_picture(wanted, SIDE, SIDE).float()) < 1e-4
    assert difference(predicted(patched, text()), predicted(model, text())) > 1e-3
    assert patched.key != model.key


def test_a_style_reference_beside_a_weighed_style(bench, model):
    """At strength 0 the style beside the text is not there, with the reference as without it."""
    _, seen = seen_by(bench, "siglip")
    patch = open_model_patch(bench.library, "uso.safetensors")
    patched = uso_style_reference(model=model, model_patch=patch, clip_vision_output=seen)
    assert difference(predicted(patched, styled(text(), given(3), 0.0)), predicted(patched, text())) < 1e-5


def test_what_does_not_go_together_is_said(bench, model):
    patch = open_model_patch(bench.library, "uso.safetensors")
    with pytest.raises(NumericsError, match="wants 4 states of width 64 from SigLIP, and this encoder gives 5"):
        uso_style_reference(model=model, model_patch=patch, clip_vision_output=seen_by(bench, "clip")[1])
    reference = uso_style_reference(model=model, model_patch=patch, clip_vision_output=seen_by(bench, "siglip")[1])
    (found,) = reference.options["network_patches"]
    with pytest.raises(NumericsError, match="made for Flux"):
        found.replacements(nn.Linear(1, 1))
    wider = type(found)(torch.ones(1, 2, 8), "other")
    with pytest.raises(NumericsError, match="width 8; that of the model is 64"):
        predicted(with_patch(model, wider), text())


def test_a_file_of_no_kind(bench):
    save_file({"a": torch.ones(1)}, bench.root / "models" / "model_patches" / "none.safetensors")
    with pytest.raises(ModelFileError, match=r"no model patch of a known kind \(.*uso.*\)"):
        open_model_patch(bench.library, "none.safetensors")
