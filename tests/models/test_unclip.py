"""Stable unCLIP from files to a prediction: nodes, folders of diffusers, patches, batches, saving."""

import json

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.case import randomised
from tests.models.families.sd2_unclip import CONTEXT, autoencoder, checkpoint, image_encoder, network, statistics
from tests.models.test_layouts import open_clip_text
from tests.models.vision.test_vision import as_open_clip

from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.models.parts.unclip import PICTURES
from limner.models.patches.freeu import FreeU
from limner.models.patches.patch import with_patch
from limner.models.saving import model_metadata, model_tensors
from limner.nodes.unclip import unclip_checkpoint_loader, unclip_conditioning
from limner.nodes.vision import clip_vision_encode
from limner.sampling.guidance import SEED
from limner.sampling.parametrization import EpsParametrization, VelocityParametrization
from limner.storage.folders import Folders

WIDTH = 1024
TIMESTEP = torch.tensor([401.0])


def drawn(shapes, generator):
    return {name: torch.randn(shape, generator=generator) * 0.05 for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A checkpoint with everything in it, and a folder of diffusers."""
    root = tmp_path_factory.mktemp("unclip")
    checkpoints = root / "models" / "checkpoints"
    checkpoints.mkdir(parents=True)
    unet, eye = randomised(network(WIDTH)), randomised(image_encoder(WIDTH))
    state = dict(checkpoint(WIDTH, unet.state_dict()).state)
    state |= {f"embedder.model.{name}": value for name, value in as_open_clip(eye.state_dict()).items()}
    state |= drawn(open_clip_text("cond_stage_model.model.", 64, 2), torch.Generator().manual_seed(2))
    save_file({name: value.contiguous() for name, value in state.items()}, checkpoints / "unclip.safetensors")
    folder = checkpoints / "folder"
    unet.save_pretrained(folder / "unet")
    eye.save_pretrained(folder / "image_encoder")
    randomised(autoencoder()).save_pretrained(folder / "vae")
    mean, deviation = statistics(WIDTH)
    (folder / "image_normalizer").mkdir()
    save_file({"mean": mean, "std": deviation}, folder / "image_normalizer" / "diffusion_pytorch_model.safetensors")
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableUnCLIPImg2ImgPipeline"}))
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps({"prediction_type": "epsilon"}))
    return root


@pytest.fixture
def library(root):
    return ModelLibrary(Folders.under(root, model_roots=(root / "models",)))


@pytest.fixture
def parts(library):
    return unclip_checkpoint_loader(ckpt_name="unclip.safetensors", library=library)


@pytest.fixture
def picture():
    return torch.rand(1, 40, 50, 3, generator=torch.Generator().manual_seed(7))


def prompts(eye, picture, **options):
    """Text with a picture."""
    text = torch.randn(1, 6, CONTEXT, generator=torch.Generator().manual_seed(3))
    seen = clip_vision_encode(clip_vision=eye, image=picture, crop="center")
    return unclip_conditioning(conditioning=[[text, {}]], clip_vision_output=seen, **options)


def predicted(model, conditioning, **further):
    context, options = conditioning[0]
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    return model.predict(x, TIMESTEP, model.inputs({**options, **further}, context, x))


def test_a_checkpoint_gives_four_parts(parts, picture):
    model, clip, vae, eye = parts
    assert model.family.name == "sd2_unclip"
    assert isinstance(model.parametrization, VelocityParametrization)
    assert clip.recipe.name == "sd2"
    assert vae is not None
    assert eye.encode(picture).image_embeds.shape == (1, WIDTH)


def test_a_checkpoint_without_a_vision_encoder_gives_none(library, root):
    found = checkpoint(WIDTH, randomised(network(WIDTH)).state_dict()).state
    save_file({name: value.contiguous() for name, value in found.items()}, root / "models/checkpoints/bare.safetensors")
    assert unclip_checkpoint_loader(ckpt_name="bare.safetensors", library=library)[3] is None


def test_a_folder_gives_the_same(library, root, parts, picture):
    found = library.open_checkpoint(root / "models" / "checkpoints" / "folder")
    assert found.family.name == "sd2_unclip"
    assert isinstance(found.model.parametrization, EpsParametrization)  # as its scheduler says
    conditioning = prompts(parts[3], picture, noise_augmentation=0.4)
    ours, theirs = predicted(parts[0], conditioning), predicted(found.model, conditioning)
    assert (ours - theirs).abs().max() < 1e-5


def test_pictures_strengths_noise_and_seeds_count(parts, picture):
    model, eye = parts[0], parts[3]
    plain = predicted(model, prompts(eye, picture, strength=0.0))
    seen = predicted(model, prompts(eye, picture, noise_augmentation=0.4))
    others = [
        plain,
        predicted(model, prompts(eye, picture, strength=0.5, noise_augmentation=0.4)),
        predicted(model, prompts(eye, picture, noise_augmentation=0.5)),
        predicted(model, prompts(eye, picture, noise_augmentation=0.4), **{SEED: 8}),
        predicted(model, prompts(eye, 1 - picture, noise_augmentation=0.4)),
    ]
    assert all((seen - other).abs().max() > 1e-4 for other in others)
    twice = unclip_conditioning(
        conditioning=prompts(eye, picture), clip_vision_output=eye.encode(1 - picture), strength=0.5
    )
    assert len(twice[0][1][PICTURES]) == 2


def test_a_patched_pass_is_told_the_same(parts, picture):
    model, conditioning = parts[0], prompts(parts[3], picture)
    walked = predicted(with_patch(model, FreeU((1.0, 1.0), (1.0, 1.0), adaptive=False)), conditioning)
    torch.testing.assert_close(walked, predicted(model, conditioning), rtol=0, atol=1e-5)


def test_with_and_without_a_picture_share_a_pass(parts, picture):
    model = parts[0]
    seeing, blind = prompts(parts[3], picture)[0], prompts(parts[3], picture, strength=0.0)[0]
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    inputs = [model.inputs(options, context, x) for context, options in (seeing, blind)]
    together = {name: torch.cat([each[name] for each in inputs]) for name in inputs[0]}
    both = model.predict(x.expand(2, -1, -1, -1), TIMESTEP.expand(2), together)
    alone = [model.predict(x, TIMESTEP, each)[0] for each in inputs]
    torch.testing.assert_close(both, torch.stack(alone), rtol=0, atol=1e-5)


def test_what_is_saved_is_the_same_model(library, parts, picture):
    model, conditioning = parts[0], prompts(parts[3], picture)
    tensors = model_tensors(model)
    assert {"noise_augmentor.data_mean", "model.diffusion_model.label_emb.0.0.weight"} <= tensors.keys()
    assert model_metadata(model)["modelspec.prediction_type"] == "v"
    again = library.checkpoint_in(ModelFile.of(tensors)).model
    assert torch.equal(predicted(again, conditioning), predicted(model, conditioning))
