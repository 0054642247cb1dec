"""PhotoMaker: the word of a person by the paper's formula in double precision, prompts with and without the trigger."""

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.case import randomised
from tests.models.text_files import clip, save_encoder
from torch.nn import functional
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.library import ModelLibrary
from limner.models.parts.clip_text import END
from limner.models.text.chunks import Token
from limner.models.vision.encoder import prepared
from limner.models.vision.photo_maker import Fusion, _repeated
from limner.nodes.photo_maker import photo_maker_encode, photo_maker_loader
from limner.storage.folders import Folders

SEEN, FIRST, SECOND = 64, 64, 128
WIDTH = FIRST + SECOND


def eye():
    sizes = {"hidden_size": SEEN, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 1}
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(**sizes, image_size=28, patch_size=14, projection_dim=FIRST, hidden_act="gelu")
    )


@pytest.fixture(scope="module")
def state():
    """A tiny model in the published layout."""
    fusion = randomised(Fusion(WIDTH), 7).state_dict()
    second = torch.randn(SECOND, SEEN, generator=torch.Generator().manual_seed(2)) / SEEN**0.5
    return {
        **randomised(eye()).state_dict(),
        "visual_projection_2.weight": second,
        **{f"fuse_module.{name}": value for name, value in fusion.items()},
    }


@pytest.fixture(scope="module")
def root(tmp_path_factory, state):
    root = tmp_path_factory.mktemp("photo_maker")
    folder = root / "models" / "photomaker"
    folder.mkdir(parents=True)
    torch.save({"id_encoder": state, "lora_weights": {"a.lora_down.weight": torch.ones(2, 2)}}, folder / "both.bin")
    save_file({name: value.contiguous() for name, value in state.items()}, folder / "alone.safetensors")
    save_encoder(clip(FIRST, FIRST), root / "models/text_encoders/clip_l.safetensors")
    save_encoder(clip(SECOND, SECOND, "gelu", 1), root / "models/text_encoders/clip_g.safetensors")
    return root


@pytest.fixture
def library(root):
    return ModelLibrary(Folders.under(root, model_roots=(root / "models",)))


@pytest.fixture
def words(library):
    return library.text_encoder("clip_l.safetensors", "clip_g.safetensors", purpose="sdxl")


@pytest.fixture
def pictures():
    return torch.rand(2, 40, 30, 3, generator=torch.Generator().manual_seed(7))


def perceptron(state, name, x):
    part = {key.removeprefix(f"fuse_module.{name}."): value.double() for key, value in state.items()}
    normed = functional.layer_norm(x, x.shape[-1:], part["layernorm.weight"], part["layernorm.bias"])
    inner = functional.gelu(normed @ part["fc1.weight"].T + part["fc1.bias"])
    return inner @ part["fc2.weight"].T + part["fc2.bias"]


@torch.no_grad()
def fused(state, shape, pictures, word):
    """Words [n d] with the persons of pictures, in double precision."""
    network = eye()
    network.load_state_dict(
        {name: value for name, value in state.items() if not name.startswith(("fuse", "visual_projection_2"))}
    )
    pooled = (
        network.double().eval().vision_model(pixel_values=prepared(pictures, shape, crop=True).double()).pooler_output
    )
    first, second = state["visual_projection.weight"].double(), state["visual_projection_2.weight"].double()
    persons = torch.cat([pooled @ first.T, pooled @ second.T], dim=-1)
    one = word.double() + perceptron(state, "mlp1", torch.cat([word.double(), persons], dim=-1))
    two = one + perceptron(state, "mlp2", one)
    weight, bias = (state[f"fuse_module.layer_norm.{part}"].double() for part in ("weight", "bias"))
    return functional.layer_norm(two, two.shape[-1:], weight, bias).float()


@pytest.mark.parametrize("name", ["both.bin", "alone.safetensors"])
def test_the_word_before_the_trigger_is_the_person(library, words, state, pictures, name):
    maker = photo_maker_loader(photomaker_model_name=name, library=library)
    text = "a photograph of a woman photomaker, smiling"
    ((states, options),) = photo_maker_encode(photomaker=maker, image=pictures[:1], clip=words, text=text)
    ((plain, told),) = words.encode("a photograph of a woman, smiling")
    place = 5  # behind the start: a photograph of a woman
    wanted = plain.clone()
    wanted[0, place] = fused(state, maker.shape, pictures[:1], plain[0, place : place + 1])[0]
    torch.testing.assert_close(states, wanted, rtol=1e-4, atol=1e-4)
    assert (states - plain)[0, place].abs().max() > 1e-2
    assert torch.equal(options["pooled_output"], told["pooled_output"])


def test_a_word_stands_once_for_each_picture(library, words, state, pictures):
    maker = photo_maker_loader(photomaker_model_name="alone.safetensors", library=library)
    ((states, _),) = photo_maker_encode(
        photomaker=maker, image=pictures, clip=words, text="photograph of a woman photomaker in the rain"
    )
    plain = words.encode("photograph of a woman woman in the rain")[0][0]
    wanted = plain.clone()
    wanted[0, 4:6] = fused(state, maker.shape, pictures, plain[0, 4:6])
    torch.testing.assert_close(states, wanted, rtol=1e-4, atol=1e-4)


def test_without_the_trigger_a_prompt_is_as_it_is(library, words, pictures):
    maker = photo_maker_loader(photomaker_model_name="alone.safetensors", library=library)
    ((states, _),) = photo_maker_encode(photomaker=maker, image=pictures, clip=words, text="a castle")
    assert torch.equal(states, words.encode("a castle")[0][0])


def test_full_chunks_keep_their_end():
    tokens = [Token(number) for number in (1, *range(100, 170), 7, 8, 200, 201, 202, END)]
    (chunk,), place = _repeated([tokens], (7, 8), 5)
    assert (len(tokens), len(chunk), place) == (77, 77, 70)
    assert [token.value for token in chunk[69:]] == [168, *[169] * 5, 200, END]
    second = [[Token(5)] * 77, tokens]
    assert _repeated(second, (7, 8), 1)[1] == 77 + 70


def test_what_does_not_fit_is_said(library, root, words, pictures):
    maker = photo_maker_loader(photomaker_model_name="alone.safetensors", library=library)
    with pytest.raises(NumericsError, match="should stand before photomaker"):
        photo_maker_encode(photomaker=maker, image=pictures, clip=words, text="photomaker in the rain")
    with pytest.raises(NumericsError, match="90 pictures are too many"):
        photo_maker_encode(
            photomaker=maker, image=pictures[:1].expand(90, -1, -1, -1), clip=words, text="a man photomaker"
        )
    alone = library.text_encoder("clip_l.safetensors", purpose="stable_diffusion")
    with pytest.raises(NumericsError, match="text of 192 numbers per token, but the text encoder gives 64"):
        photo_maker_encode(photomaker=maker, image=pictures, clip=alone, text="a man photomaker")
    save_file({"a": torch.ones(1)}, root / "models/photomaker/other.safetensors")
    with pytest.raises(ModelFileError, match="no PhotoMaker model of the first version"):
        photo_maker_loader(photomaker_model_name="other.safetensors", library=library)
