from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from limner.models.parts.clip_text import END
from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.recipes.sdxl import SDXL

PROMPT = "a castle on a hill"


def states(clip, text):
    return clip.encode(text)[0][0]


def test_shape_of_conditioning(tiny):
    ((tensor, options),) = tiny.clip.encode(PROMPT)
    assert tensor.shape == (1, 77, 64)
    assert tensor.dtype is torch.float32
    assert options["pooled_output"].shape == (1, 64)
    assert torch.equal(states(tiny.clip, PROMPT), tensor)


def test_long_prompts_are_cut_into_chunks_that_stand_alone(tiny):
    words = " ".join(["word"] * 80)
    long = tiny.clip.encode(words)[0]
    assert long[0].shape == (1, 154, 64)
    first = tiny.clip.encode(" ".join(["word"] * 75))[0]
    torch.testing.assert_close(long[0][:, :77], first[0])
    torch.testing.assert_close(long[1]["pooled_output"], first[1]["pooled_output"])


def test_weights_scale_the_distance_to_the_empty_prompt(tiny):
    plain, empty = states(tiny.clip, "a red cat"), states(tiny.clip, "")
    weighted = states(tiny.clip, "a (red:1.5) cat")
    torch.testing.assert_close(weighted[:, 2], (plain[:, 2] - empty[:, 2]) * 1.5 + empty[:, 2])
    torch.testing.assert_close(weighted[:, 3:], plain[:, 3:])
    torch.testing.assert_close(states(tiny.clip, "a (red:0.0) cat")[:, 2], empty[:, 2])


def test_stopping_earlier(tiny):
    clip = tiny.clip
    assert torch.equal(states(clip.with_last_layer(-1), PROMPT), states(clip, PROMPT))
    assert not torch.allclose(states(clip.with_last_layer(-2), PROMPT), states(clip, PROMPT))
    # A layer that the encoder does not have is its last one.
    assert torch.equal(states(clip.with_last_layer(-24), PROMPT), states(clip, PROMPT))


def test_padding_differs_between_families(tiny):
    (branch,) = tiny.clip.branches
    other = replace(tiny.clip, branches=(replace(branch, reading=ChunkReading(padding=0)),))
    assert [token.value for token in branch.reading.filler()][2:] == [END] * 75
    assert not torch.allclose(states(other, "a"), states(tiny.clip, "a"))


@pytest.fixture
def embedding(tmp_path):
    folder = tmp_path / "models" / "embeddings"
    folder.mkdir(parents=True)
    save_file({"emb_params": torch.full((2, 64), 0.3)}, folder / "style.safetensors")
    save_file({"emb_params": torch.ones(1, 32)}, folder / "narrow.safetensors")
    torch.save({"string_to_param": {"*": torch.full((1, 64), 0.2)}, "name": "old"}, folder / "old.pt")


@pytest.mark.usefixtures("embedding")
def test_embeddings(tiny, caplog):
    clip = tiny.clip
    plain = states(clip, "a cat")
    learned = states(clip, "a cat embedding:style")
    torch.testing.assert_close(learned[:, :3], plain[:, :3])  # what stands before does not see it
    assert not torch.allclose(learned[:, 3:], plain[:, 3:])
    assert not torch.allclose(states(clip, "a cat embedding:old"), learned)
    assert torch.equal(states(clip, "a cat embedding:style.safetensors"), learned)
    assert torch.equal(states(clip, "embedding:style, b"), states(clip, "embedding:style , b"))
    assert not caplog.messages
    for missing in ("none", "narrow", "../../secret"):
        assert torch.equal(states(clip, f"a cat embedding:{missing}"), plain)
    assert len(caplog.messages) == 3


def test_two_encoders_are_joined_and_the_shorter_text_is_filled_up(tiny):
    (branch,) = tiny.clip.branches
    second = replace(branch, name="clip_g", reading=ChunkReading(padding=0))
    clip = replace(tiny.clip, branches=(branch, second), recipe=SDXL)
    ((tensor, options),) = clip.encode_pair(text_l="a", text_g=" ".join(["word"] * 80))
    assert tensor.shape == (1, 154, 128)
    torch.testing.assert_close(tensor[:, 77:, :64], states(tiny.clip, ""))
    alone = replace(tiny.clip, branches=(second,)).encode(" ".join(["word"] * 80))[0]
    torch.testing.assert_close(options["pooled_output"], alone[1]["pooled_output"])
