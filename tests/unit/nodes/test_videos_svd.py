"""A picture that is to move: what the network is told, and checkpoints without a text encoder."""

from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families import svd
from tests.models.families.case import randomised

from limner.models.library import ModelLibrary
from limner.nodes.videos_svd import image_only_checkpoint_loader, svd_img2vid_conditioning
from limner.storage.folders import Folders


class Eye:
    """Sees the mean colour of pictures."""

    def encode(self, pictures):
        return SimpleNamespace(image_embeds=pictures.mean(dim=(1, 2)))


class Shrinking:
    """Encodes pictures by their red."""

    def __init__(self):
        self.seen = []

    def encode(self, pixels):
        self.seen.append(pixels)
        return pixels[:, ::8, ::8, :1].movedim(-1, 1).repeat(1, 4, 1, 1)


def told(**options):
    vae = Shrinking()
    picture = torch.rand(1, 32, 64, 3, generator=torch.Generator().manual_seed(1))
    given = svd_img2vid_conditioning(
        clip_vision=Eye(), init_image=picture, vae=vae, width=64, height=48, video_frames=5, **options
    )
    return *given, vae.seen[0], picture


def test_frames_and_what_is_told():
    positive, negative, latent, pixels, picture = told(motion_bucket_id=40, fps=12)
    assert latent["samples"].shape == (5, 4, 6, 8)
    assert not latent["samples"].any()
    (context, options), (nothing, unwanted) = positive[0], negative[0]
    torch.testing.assert_close(context, picture.mean(dim=(1, 2))[None])
    assert nothing.shape == context.shape
    assert not nothing.any()
    assert not unwanted["concat_latent_image"].any()
    assert pixels.shape == (1, 48, 64, 3)
    torch.testing.assert_close(options["concat_latent_image"][0, 0], pixels[0, ::8, ::8, 0])
    for both in (options, unwanted):
        assert (both["motion_bucket_id"], both["fps"], both["augmentation_level"]) == (40, 12, 0.0)


def test_noise_on_the_picture_is_always_the_same_and_as_strong_as_it_says():
    plain, weak, strong = (told(augmentation_level=level)[3] for level in (0.0, 0.1, 0.3))
    torch.testing.assert_close((strong - plain) / 3, weak - plain, rtol=1e-4, atol=1e-5)
    assert (weak - plain).std() == pytest.approx(0.1, rel=0.05)


def clip(width=32, side=28):
    """A tiny vision encoder in OpenCLIP's layout."""
    layer = {
        "attn.in_proj_weight": (3 * width, width),
        "attn.in_proj_bias": (3 * width,),
        "attn.out_proj.weight": (width, width),
        "attn.out_proj.bias": (width,),
        "ln_1.weight": (width,),
        "ln_1.bias": (width,),
        "ln_2.weight": (width,),
        "ln_2.bias": (width,),
        "mlp.c_fc.weight": (2 * width, width),
        "mlp.c_fc.bias": (2 * width,),
        "mlp.c_proj.weight": (width, 2 * width),
        "mlp.c_proj.bias": (width,),
    }
    shapes = {
        "class_embedding": (width,),
        "positional_embedding": ((side // 14) ** 2 + 1, width),
        "conv1.weight": (width, 3, 14, 14),
        "ln_pre.weight": (width,),
        "ln_pre.bias": (width,),
        "ln_post.weight": (width,),
        "ln_post.bias": (width,),
        "proj": (width, svd.CONTEXT),
        **{f"transformer.resblocks.{n}.{name}": shape for n in range(2) for name, shape in layer.items()},
    }
    generator = torch.Generator().manual_seed(3)
    place = "conditioner.embedders.0.open_clip.model.visual."
    return {place + name: torch.randn(shape, generator=generator) * 0.1 for name, shape in shapes.items()}


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "models" / "checkpoints"
    folder.mkdir(parents=True)
    state = svd.checkpoint(randomised(svd.network()).state_dict()).state
    for name, tensors in {"svd": {**state, **clip()}, "blind": state}.items():
        save_file({key: t.clone().contiguous() for key, t in tensors.items()}, folder / f"{name}.safetensors")
    return ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",)))


def test_a_checkpoint_gives_network_eye_and_autoencoder(library):
    model, seeing, vae = image_only_checkpoint_loader(ckpt_name="svd.safetensors", library=library)
    assert model.family.name == "svd"
    positive, _, latent = svd_img2vid_conditioning(
        clip_vision=seeing, init_image=torch.rand(1, 40, 40, 3), vae=vae, width=64, height=48, video_frames=2
    )
    assert positive[0][0].shape == (1, 1, svd.CONTEXT)
    inputs = model.inputs(positive[0][1], positive[0][0], latent["samples"])
    given = {name: tensor.expand(2, *tensor.shape[1:]) for name, tensor in inputs.items()}
    frames = torch.randn(2, 4, 6, 8, generator=torch.Generator().manual_seed(4))
    both = model.predict(frames, torch.zeros(2), given)
    first = model.predict(frames[:1], torch.zeros(1), inputs)
    assert both.shape == (2, 4, 6, 8)
    assert (both[:1] - first).abs().max() > 1e-4  # frames see each other


def test_what_a_checkpoint_lacks_is_none(library):
    assert image_only_checkpoint_loader(ckpt_name="blind.safetensors", library=library)[1] is None
