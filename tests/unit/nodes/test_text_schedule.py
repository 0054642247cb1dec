"""Prompts in the web UI's syntax count at the noise levels of their steps."""

from dataclasses import dataclass, field

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.models.library import ModelLibrary
from limner.nodes.text_schedule import text_encode_with_schedule
from limner.sampling.composition import PART
from limner.sampling.conditioning import HIGHEST, LOWEST
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.steps import sigmas_for


@dataclass(frozen=True)
class Words:
    """A text encoder without encoders: its chunks are the text, its states the number of its letters."""

    branches: tuple = ()
    find_embedding: object = None
    read: list = field(default_factory=list)

    def with_branches(self, change):
        return self

    def chunks(self, text):
        return {"": text}

    def encode_chunks(self, chunks):
        self.read.append(chunks[""])
        return [[torch.full((1, 1, 2), float(len(chunks[""]))), {"text": chunks[""]}]]


@pytest.fixture
def encode(model, sampling, folders):
    def call(text, clip=None, **inputs):
        told = {"steps": 8, "scheduler": "karras", **inputs}
        library, registry = ModelLibrary(folders), sampling["registry"]
        return text_encode_with_schedule(
            model=model, clip=clip or Words(), text=text, registry=registry, library=library, **told
        )

    return call


def said(conditioning, levels):
    """What counts at each level."""
    return [
        [o["text"] for _, o in conditioning if o.get(LOWEST, 0) <= level <= o.get(HIGHEST, 1e9)] for level in levels
    ]


def test_each_step_has_its_text(encode, model, sampling):
    levels = sigmas_for(sampling["registry"].schedule("karras"), None, model.parametrization, 8).tolist()
    assert said(encode("[cat:dog:0.5]"), levels[:-1]) == [["cat"]] * 4 + [["dog"]] * 4
    assert said(encode("[cat:dog:0.5]"), [levels[3] * 0.99, levels[4] * 1.01]) == [["cat"], ["cat"]]
    assert said(encode("[a|b]"), levels[:-1]) == [["a"], ["b"]] * 4
    assert said(encode("[a:b:6]", earlier_steps=4), levels[:-1]) == [["a"]] * 2 + [["b"]] * 6


def test_a_single_text_counts_at_every_level(encode):
    ((_, options),) = encode("a (cat:1.2)")
    assert options == {"text": "a (cat:1.2)"}


def test_given_levels_are_the_walk(encode):
    levels = torch.tensor([4.0, 2.0, 1.0, 0.0])
    found = encode("[a:b:2][:c:5]", sigmas=levels)
    assert said(found, [4.0, 2.0, 1.0, 0.3]) == [["a"], ["a"], ["b"], ["b"]]
    assert said(encode("[a|b]", sigmas=levels, steps=2), [4.0, 2.0, 1.0, 0.1]) == [["a"], ["b"], ["b"], ["b"]]


def test_every_text_is_encoded_once(encode):
    clip = Words()
    assert len(encode("[a|b]", clip)) == 8
    assert clip.read == ["a", "b"]


def test_prompts_that_and_joins_are_parts(encode):
    found = encode("cat :1.5 AND dog :-0.5")
    assert [(options["text"], options[PART]) for _, options in found] == [
        ("cat", (0, 1.5)),
        ("dog", (1, -0.5)),
    ]
    ((_, options),) = encode("cat AND dog", composed=False)
    assert options == {"text": "cat AND dog"}


def test_prompts_add_up_in_a_walk(encode, model):
    guider = CfgGuider(encode("abcd :0.5 AND ab :2"), encode("a"), 3.0)
    means = [conditioning[0][0].mean().reshape(1, 1, 1, 1) for conditioning in guider.conditionings]
    x0 = guider.combine(means[0], 1.0, means, model)
    assert x0.item() == pytest.approx(1.0 + 3.0 * (0.5 * (4.0 - 1.0) + 2.0 * (2.0 - 1.0)))


def test_a_missing_encoder_is_explained(model, sampling, folders):
    with pytest.raises(NumericsError, match="holds no text encoder"):
        text_encode_with_schedule(
            model=model,
            clip=None,
            text="a",
            scheduler="normal",
            registry=sampling["registry"],
            library=ModelLibrary(folders),
        )
