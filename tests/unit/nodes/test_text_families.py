"""Nodes that encode prompts for single families tell encoders what each is to read."""

import pytest
import torch
from tests.models.text_files import clip, decoder, save_encoder, save_tokenizer, t5

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.library import ModelLibrary
from limner.nodes.loaders_split import clip_loader, dual_clip_loader, triple_clip_loader
from limner.nodes.text_families import (
    clip_text_encode_controlnet,
    clip_text_encode_flux,
    clip_text_encode_lumina2,
    clip_text_encode_pixart_alpha,
    clip_text_encode_sd3,
    t5_tokenizer_options,
)
from limner.nodes.text_pictures import text_encode_qwen_image_edit, text_encode_qwen_image_edit_plus
from limner.storage.folders import Folders


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Tiny encoders of CLIP, T5, Gemma and Qwen as files of their own."""
    root = tmp_path_factory.mktemp("encoders")
    folder = root / "models" / "text_encoders"
    networks = {"l": clip(64), "g": clip(128, 128, "gelu", 1), "t5xxl": t5()}
    networks |= {"gemma2_2b": decoder("Gemma2"), "qwen25_7b": decoder("Qwen2", layers=2)}
    for name, network in networks.items():
        save_encoder(network, folder / f"{name}.safetensors")
        save_tokenizer(folder, name)
    return ModelLibrary(Folders.under(root))


@pytest.fixture
def flux(library):
    return dual_clip_loader(clip_name1="l.safetensors", clip_name2="t5xxl.safetensors", type="flux", library=library)


@pytest.fixture
def sd3(library):
    names = {"clip_name1": "l.safetensors", "clip_name2": "g.safetensors", "clip_name3": "t5xxl.safetensors"}
    return triple_clip_loader(**names, library=library)


def test_flux_reads_two_texts_and_a_scale(flux):
    ((states, options),) = clip_text_encode_flux(clip=flux, clip_l="a castle", t5xxl="an apple", guidance=2.0)
    assert options["guidance"] == 2.0
    assert torch.equal(states, flux.encode("an apple")[0][0])
    assert torch.equal(options["pooled_output"], flux.encode("a castle")[0][1]["pooled_output"])


def test_sd3_leaves_silent_encoders_out(sd3):
    texts = {"clip_l": "a castle", "clip_g": "a castle", "t5xxl": ""}
    ((padded, _),) = clip_text_encode_sd3(clip=sd3, **texts, empty_padding="empty_prompt")
    ((silent, options),) = clip_text_encode_sd3(clip=sd3, **texts, empty_padding="none")
    assert (padded.shape[1], silent.shape[1]) == (154, 77)
    assert options["pooled_output"].any()
    torch.testing.assert_close(silent[..., :192], padded[:, :77])
    nothing = dict.fromkeys(texts, "")
    ((empty, options),) = clip_text_encode_sd3(clip=sd3, **nothing, empty_padding="none")
    assert not empty.any()
    assert not options["pooled_output"].any()


def test_lumina2_puts_an_instruction_in_front(library):
    encoder = clip_loader(clip_name="gemma2_2b.safetensors", type="lumina2", library=library)
    ((states, _),) = clip_text_encode_lumina2(system_prompt="superior", user_prompt="an apple", clip=encoder)
    assert states.shape[1] > encoder.encode("an apple")[0][0].shape[1] + 20
    ((other, _),) = clip_text_encode_lumina2(system_prompt="alignment", user_prompt="an apple", clip=encoder)
    assert other.shape != states.shape


def test_t5_is_filled_up_further(library):
    encoder = clip_loader(clip_name="t5xxl.safetensors", type="chroma", library=library)
    length = encoder.encode("an apple")[0][0].shape[1]
    padded = t5_tokenizer_options(clip=encoder, min_padding=5, min_length=0)
    assert padded.encode("an apple")[0][0].shape[1] == length + 4
    long = t5_tokenizer_options(clip=encoder, min_padding=0, min_length=100)
    assert long.encode("an apple")[0][0].shape[1] == 100


def test_what_is_told_beside_the_text(library, flux):
    encoder = clip_loader(clip_name="t5xxl.safetensors", type="pixart", library=library)
    ((_, options),) = clip_text_encode_pixart_alpha(width=640, height=512, text="a", clip=encoder)
    assert (options["width"], options["height"]) == (640, 512)
    given = [[torch.zeros(1, 3, 4), {"strength": 0.5}]]
    ((states, options),) = clip_text_encode_controlnet(clip=flux, conditioning=given, text="an apple")
    assert torch.equal(states, given[0][0])
    assert options["strength"] == 0.5
    assert torch.equal(options["cross_attn_controlnet"], flux.encode("an apple")[0][0])


def test_an_encoder_that_sees_nothing_is_told_so(library):
    encoder = clip_loader(clip_name="qwen25_7b.safetensors", type="qwen_image", library=library)
    picture = torch.rand(1, 56, 56, 3)
    plain = text_encode_qwen_image_edit(clip=encoder, prompt="an apple")
    assert torch.equal(plain[0][0], encoder.encode("an apple")[0][0])
    assert text_encode_qwen_image_edit_plus(clip=encoder, prompt="an apple")[0][0].shape[1]
    with pytest.raises(ModelFileError, match="cannot see pictures"):
        text_encode_qwen_image_edit(clip=encoder, prompt="an apple", image=picture)
    with pytest.raises(NumericsError, match="clip input is invalid"):
        text_encode_qwen_image_edit(clip=None, prompt="an apple")
