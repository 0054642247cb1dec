"""Loaders hand on what the library gives, and adapters only touch what they should."""

from dataclasses import dataclass, field, replace

import pytest

from limner.graph.errors import ModelFileError
from limner.nodes.loaders import checkpoint_loader_simple, lora_loader, lora_loader_model_only, vae_loader
from limner.nodes.loaders_gguf import clip_loader_gguf
from limner.nodes.loaders_split import clip_loader
from limner.nodes.vision import clip_vision_encode


@dataclass(frozen=True)
class Part:
    adapters: tuple = ()

    def with_adapter(self, adapter: str, strength: float) -> "Part":
        return replace(self, adapters=(*self.adapters, (adapter, strength)))


@dataclass
class Shelf:
    """A library of parts that are only names."""

    asked: list[str] = field(default_factory=list)

    def checkpoint(self, name: str):
        return type("Checkpoint", (), {"model": f"{name} model", "clip": None, "vae": f"{name} vae"})

    def autoencoder(self, name: str) -> str:
        return name

    def adapter(self, name: str) -> str:
        self.asked.append(name)
        return name


def test_a_checkpoint_has_three_parts_of_which_some_may_be_missing():
    assert checkpoint_loader_simple(ckpt_name="a", library=Shelf()) == ("a model", None, "a vae")
    assert vae_loader(vae_name="b", library=Shelf()) == "b"


def test_adapters_are_stacked_with_their_strengths():
    model, clip = lora_loader(
        model=Part(), clip=Part(), lora_name="x", strength_model=0.8, strength_clip=-1.0, library=Shelf()
    )
    model = lora_loader_model_only(model=model, lora_name="y", strength_model=0.5, library=Shelf())
    assert model == Part((("x", 0.8), ("y", 0.5)))
    assert clip == Part((("x", -1.0),))


def test_strength_zero_loads_nothing():
    shelf, given = Shelf(), Part()
    assert lora_loader(model=given, clip=None, lora_name="x", strength_model=0.0, strength_clip=0.0, library=shelf) == (
        given,
        None,
    )
    assert lora_loader_model_only(model=given, lora_name="x", strength_model=0.0, library=shelf) is given
    assert shelf.asked == []
    model, clip = lora_loader(
        model=given, clip=None, lora_name="x", strength_model=1.0, strength_clip=1.0, library=shelf
    )
    assert (model, clip) == (Part((("x", 1.0),)), None)


@pytest.mark.parametrize("purpose", ["flux2", "z_image", "auraflow", "kolors"])
def test_text_encoders_are_for_families_newer_than_the_recorded_list(purpose):
    for loader in (clip_loader, clip_loader_gguf):
        [listed] = [entry for entry in loader.type.inputs if entry.name == "type"]
        assert purpose in listed.unlisted
        assert purpose not in listed.choices


def test_a_missing_vision_network_says_what_to_do():
    with pytest.raises(ModelFileError, match="CLIPVisionLoader"):
        clip_vision_encode(clip_vision=None, image=None, crop="center")
