"""Learned embeddings in the layouts of their trainers, and what is said of those that do not fit."""

import pytest
import torch
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile
from limner.models.text.embeddings import read_embedding
from limner.models.text.stretches import stretches


def vectors(count, width, start=0):
    return torch.arange(start, start + count * width, dtype=torch.float32).reshape(count, width)


@pytest.fixture
def read(tmp_path):
    """Writes a file and reads the embedding in it."""

    def write(content, suffix):
        path = tmp_path / f"style{suffix}"
        save_file(content, path) if suffix == ".safetensors" else torch.save(content, path)
        return read_embedding("style", ModelFile.open(path))

    return write


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("kept", [torch.Tensor.clone, torch.nn.Parameter])
def test_the_web_ui(read, count, kept):
    content = {
        "string_to_token": {"*": 265},
        "string_to_param": {"*": kept(vectors(count, 8))},
        "name": "style",
        "step": 499,
        "sd_checkpoint": None,
        "sd_checkpoint_name": None,
    }
    found = read(content, ".pt")
    assert torch.equal(found.of("clip_l"), vectors(count, 8))
    assert not found.of("clip_l").requires_grad


def test_the_web_ui_without_wrapper_names(read):
    tensors = {"emb_params": vectors(2, 8), "further": vectors(1, 5)}
    assert torch.equal(read(tensors, ".safetensors").of("clip_h"), vectors(2, 8))


def test_the_first_trainer(read):
    """It saved its own container, and the number of the token as a tensor."""
    content = {
        "string_to_token": {"*": torch.tensor(265)},
        "string_to_param": torch.nn.ParameterDict({"*": torch.nn.Parameter(vectors(2, 8))}),
    }
    assert torch.equal(read(content, ".pt").of("clip_l"), vectors(2, 8))


@pytest.mark.parametrize("suffix", [".bin", ".safetensors"])
def test_diffusers(read, suffix):
    assert torch.equal(read({"<style>": vectors(1, 8)[0]}, suffix).of("clip_l"), vectors(1, 8))
    both = {"<s0>": vectors(2, 8), "<s1>": vectors(1, 8, 16)}
    assert torch.equal(read(both, suffix).of("clip_l"), vectors(3, 8))


@pytest.mark.parametrize(
    ("first", "second", "encoders"),
    [
        ("clip_l", "clip_g", ("clip_l", "clip_g")),
        ("text_encoders_0", "text_encoders_1", ("clip_l", "clip_g")),
        ("clip_l", "t5xxl", ("clip_l", "t5xxl")),
        ("clip_l", "t5", ("clip_l", "t5xxl")),
    ],
)
def test_several_encoders(read, first, second, encoders):
    found = read({first: vectors(2, 8), second: vectors(3, 12)}, ".safetensors")
    assert torch.equal(found.of(encoders[0]), vectors(2, 8))
    assert torch.equal(found.of(encoders[1]), vectors(3, 12))
    assert found.of("clip_h") is None


def test_files_of_another_kind_are_named(read):
    with pytest.raises(ModelFileError, match=r"style\.safetensors is no embedding: its tensors differ.*\[2, 8\]"):
        read({"a.weight": vectors(2, 8), "b.weight": vectors(2, 9)}, ".safetensors")
    with pytest.raises(ModelFileError, match=r"style\.safetensors holds no learned vectors"):
        read({"a": torch.zeros(2, 3, 4)}, ".safetensors")


def test_several_vectors_stand_in_a_row(tiny):
    content = vectors(3, 64) / 100
    found = read_embedding("style", ModelFile.of({"emb_params": content}))
    cut = stretches(tiny.clip.branches[0], "embedding:style", lambda name: found)
    tokens = [token.value for stretch in cut for token in stretch]
    assert torch.equal(torch.stack(tokens), content)


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"emb_params": vectors(2, 32)}, "style.safetensors has vectors of length 32, clip_l needs 64"),
        ({"clip_g": vectors(2, 32), "t5": vectors(1, 40)}, "style.safetensors has vectors for clip_g, t5xxl, none for"),
    ],
)
def test_what_does_not_fit_is_left_out_and_named(tiny, read, caplog, tensors, said):
    found = read(tensors, ".safetensors")
    tokens = list(stretches(tiny.clip.branches[0], "embedding:style", lambda name: found))
    assert tokens == [[]]
    assert said in caplog.text
