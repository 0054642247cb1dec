"""Checkpoints that look at pictures are saved as the loader of such checkpoints finds them."""

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families import svd
from tests.models.families.case import randomised
from tests.unit.nodes.test_videos_svd import clip

from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.models.vision.encoder import open_vision_encoder
from limner.nodes.save_models import image_only_checkpoint_save
from limner.nodes.videos_svd import image_only_checkpoint_loader
from limner.storage.folders import Folders

OPEN = "conditioner.embedders.0.open_clip.model.visual."


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "models" / "checkpoints"
    folder.mkdir(parents=True)
    state = svd.checkpoint(randomised(svd.network()).state_dict()).state
    tensors = {name: tensor.clone().contiguous() for name, tensor in {**state, **clip()}.items()}
    save_file(tensors, folder / "svd.safetensors")
    return ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models", tmp_path / "output")))


def test_saved_and_loaded_again(library):
    model, seeing, vae = image_only_checkpoint_loader(ckpt_name="svd.safetensors", library=library)
    image_only_checkpoint_save(model=model, clip_vision=seeing, vae=vae, prompt={"1": {}}, folders=library.folders)
    [path] = (library.folders.output / "checkpoints").iterdir()
    file, before = ModelFile.open(path), library.open("checkpoints", "svd.safetensors")
    assert file.metadata["prompt"] == '{"1": {}}'
    assert any(name.startswith(OPEN) for name in file.tensors)
    again, seeing_again, _ = image_only_checkpoint_loader(ckpt_name=path.name, library=library)
    assert again.family is model.family
    picture = torch.rand(1, 40, 40, 3)
    assert torch.equal(seeing_again.encode(picture).image_embeds, seeing.encode(picture).image_embeds)
    stored, kept = before.read(), file.read()
    assert all(torch.equal(kept[name], tensor) for name, tensor in stored.items() if name in kept)
    assert len([name for name in stored if name in kept]) > len(stored) / 2


def test_other_names_of_eyes(library, tmp_path):
    eye = {name.removeprefix(OPEN): tensor for name, tensor in clip().items()}
    folder = tmp_path / "models" / "clip_vision"
    folder.mkdir()
    save_file({f"visual.{name}": tensor for name, tensor in eye.items()}, folder / "eye.safetensors")
    model, _, vae = image_only_checkpoint_loader(ckpt_name="svd.safetensors", library=library)
    seeing = open_vision_encoder(library, "eye.safetensors")
    image_only_checkpoint_save(model=model, clip_vision=seeing, vae=vae, folders=library.folders)
    [path] = (library.folders.output / "checkpoints").iterdir()
    assert OPEN + "proj" in ModelFile.open(path).tensors
