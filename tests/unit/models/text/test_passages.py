"""Passages that another syntax gave are encoded like prompts, but for what weights and mere words do."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from limner.models.text.passages import EmbeddingWords, encoded
from limner.models.text.prompt_schedule import passages
from limner.models.text.weights import rescaled

NOTHING = EmbeddingWords({})


def states(clip, text, words=NOTHING):
    return encoded(clip, passages(text), words, rescaled)[0][0]


def test_plain_text_is_read_as_ever(tiny):
    assert torch.equal(states(tiny.clip, "a castle on a hill"), tiny.clip.encode("a castle on a hill")[0][0])
    assert torch.equal(states(tiny.clip, r"a \(b\)"), tiny.clip.encode(r"a \(b\)")[0][0])
    assert torch.equal(states(tiny.clip, ""), tiny.clip.encode("")[0][0])


def test_weights_multiply_states_and_keep_their_mean(tiny):
    plain = tiny.clip.encode("a red cat")[0][0]
    found = states(tiny.clip, "a (red:1.5) cat")
    expected = plain.clone()
    expected[:, 2] *= 1.5
    torch.testing.assert_close(found, expected * (plain.mean() / expected.mean()))
    torch.testing.assert_close(found.mean(), plain.mean())
    assert torch.equal(states(tiny.clip, "a (red:1.0) cat"), plain)


def test_stretches_are_rescaled_each_for_itself():
    spread = torch.tensor([[[1.0], [3.0]], [[2.0], [2.0]]])
    found = rescaled(spread, spread, torch.tensor([[1.0, 2.0], [1.0, 1.0]]))
    torch.testing.assert_close(found[0, :, 0], torch.tensor([1.0, 6.0]) * (2.0 / 3.5))
    assert torch.equal(found[1], spread[1])
    assert torch.equal(rescaled(spread * 0, spread, torch.tensor([2.0, 1.0])), spread * 0)


def test_each_passage_begins_a_stretch(tiny):
    found = states(tiny.clip, "a cat BREAK a dog")
    assert found.shape == (1, 154, 64)
    torch.testing.assert_close(found[:, :77], tiny.clip.encode("a cat")[0][0])
    torch.testing.assert_close(found[:, 77:], tiny.clip.encode("a dog")[0][0])
    long = " ".join(["word"] * 80)
    assert states(tiny.clip, f"{long} BREAK b").shape == (1, 231, 64)


def test_encoders_side_by_side_keep_passages_together(tiny):
    (branch,) = tiny.clip.branches
    pair = replace(tiny.clip, branches=(branch, replace(branch, name="clip_g")))
    pair = replace(
        pair, recipe=replace(pair.recipe, join=lambda reads: (torch.cat([r.states for r in reads.values()]), {}))
    )
    assert states(pair, "a BREAK b").shape == (2, 154, 64)


@pytest.fixture
def learned(tmp_path):
    folder = tmp_path / "models" / "embeddings"
    (folder / "sub").mkdir(parents=True)
    save_file({"emb_params": torch.full((2, 64), 0.3)}, folder / "EasyNegative.safetensors")
    save_file({"emb_params": torch.full((1, 64), 0.4)}, folder / "sub" / "bad hands-5.safetensors")
    return EmbeddingWords.of(["EasyNegative.safetensors", "sub/bad hands-5.safetensors"])


def test_names_of_embeddings_are_mere_words(tiny, learned, caplog):
    called = tiny.clip.encode("a embedding:EasyNegative , b")[0][0]
    for text in ("a easynegative, b", "a EasyNegative, b", "a easynegative.safetensors , b"):
        assert torch.equal(states(tiny.clip, text, learned), called)
    weighed = states(tiny.clip, "a (easynegative:1.2), b", learned)
    assert not torch.allclose(weighed, called)
    spaced = states(tiny.clip, "a bad hands-5, b", learned)
    assert torch.equal(spaced, states(tiny.clip, "a sub/bad hands-5, b", learned))
    assert not torch.allclose(spaced, tiny.clip.encode("a bad hands-5, b")[0][0])
    assert not caplog.messages


def test_parts_of_words_name_no_embedding(learned):
    for text in ("uneasynegative", "easynegatives", "embedding:easynegative", "easynegative-2"):
        assert learned.called(text) == text
    assert EmbeddingWords.of([]).called("a") == "a"
