import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError, UnknownNameError
from limner.models.inspection import inspect_model
from limner.models.library import ModelLibrary
from limner.storage.builtin import BUILTIN_CHECKPOINT, BUILTIN_SIZE, builtin_checkpoint, builtin_models

TEXT = "cond_stage_model.transformer."


@pytest.fixture
def put(tmp_path):
    def write(kind, name, tensors):
        folder = tmp_path / "models" / kind
        folder.mkdir(parents=True, exist_ok=True)
        save_file(tensors, folder / name)
        return name

    return write


def test_opening_loads_nothing(library, tiny):
    assert library.status()["entries"] == []
    assert tiny.family.name == "sd1"


def test_missing_file_names_the_nearest(library):
    with pytest.raises(UnknownNameError, match=r"tiny\.safetensors"):
        library.checkpoint("tinny.safetensors")


def test_parts_may_be_missing(library, put, state):
    only = {name: tensor for name, tensor in state.items() if name.startswith("model.")}
    checkpoint = library.checkpoint(put("checkpoints", "unet.safetensors", only))
    assert (checkpoint.clip, checkpoint.vae) == (None, None)
    bare = {name.removeprefix("model.diffusion_model."): tensor for name, tensor in only.items()}
    model = library.diffusion_model(put("diffusion_models", "bare.safetensors", bare))
    x, inputs = torch.randn(1, 4, 8, 8), {"context": torch.randn(1, 77, 64)}
    step = torch.tensor([9.0])
    assert torch.equal(model.predict(x, step, inputs), checkpoint.model.predict(x, step, inputs))


def test_autoencoder_from_its_own_file_or_a_checkpoint(library, tiny, put, state):
    pixels = torch.rand(1, 16, 16, 3)
    bare = {
        name.removeprefix("first_stage_model."): tensor for name, tensor in state.items() if name.startswith("first")
    }
    for tensors in (bare, state):
        assert torch.equal(
            library.autoencoder(put("vae", "a.safetensors", tensors)).encode(pixels), tiny.vae.encode(pixels)
        )
    with pytest.raises(ModelFileError, match="no autoencoder"):
        library.autoencoder(put("vae", "b.safetensors", {"x": torch.ones(1)}))


def test_text_encoder_from_its_own_file(library, tiny, put, state):
    bare = {name.removeprefix(TEXT): tensor for name, tensor in state.items() if name.startswith(TEXT)}
    name = put("text_encoders", "clip_l.safetensors", bare)
    assert torch.equal(library.text_encoder(name).encode("a cat")[0][0], tiny.clip.encode("a cat")[0][0])
    with pytest.raises(ModelFileError, match="do not go together"):
        library.text_encoder(name, name)
    with pytest.raises(ModelFileError, match="no text encoder"):
        library.text_encoder(put("text_encoders", "b.safetensors", {"x": torch.ones(1)}))


def test_an_sdxl_network_is_told_sizes(library, put):
    torch.manual_seed(0)
    network = UNet2DConditionModel(
        block_out_channels=(64, 128),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2),
        attention_head_dim=(1, 2),
        cross_attention_dim=2048,
        use_linear_projection=True,
        norm_num_groups=16,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
    ).eval()
    model = library.diffusion_model(put("diffusion_models", "xl.safetensors", network.state_dict()))
    assert model.family.name == "sdxl"
    x, context = torch.randn(2, 4, 8, 8), torch.randn(1, 5, 2048)
    entry = {"pooled_output": torch.randn(1, 1280), "width": 512, "crop_w": 8}
    inputs = {
        name: tensor.repeat(2, *[1] * (tensor.ndim - 1)) for name, tensor in model.inputs(entry, context, x).items()
    }
    added = {
        "text_embeds": entry["pooled_output"].repeat(2, 1),
        "time_ids": torch.tensor([[64.0, 512.0, 0.0, 8.0, 64.0, 512.0]] * 2),
    }
    step = torch.tensor([999.0, 10.0])
    with torch.no_grad():
        theirs = network(x, step, encoder_hidden_states=context.repeat(2, 1, 1), added_cond_kwargs=added).sample
    torch.testing.assert_close(model.predict(x, step, inputs), theirs)


def test_half_precision_on_request(library, tiny_path):
    half = ModelLibrary(library.folders, dtype=torch.bfloat16).open_checkpoint(tiny_path)
    ((context, entry),) = half.clip.encode("a (cat:1.2)")
    latent = torch.randn(1, 4, 8, 8)
    out = half.model.predict(latent, torch.tensor([500.0]), half.model.inputs(entry, context, latent))
    pictures = half.vae.decode(out)
    assert {context.dtype, out.dtype, pictures.dtype, half.vae.encode(pictures).dtype} == {torch.float32}
    whole = library.open_checkpoint(tiny_path).model
    torch.testing.assert_close(
        out, whole.predict(latent, torch.tensor([500.0]), {"context": context}), rtol=0.1, atol=0.1
    )


def test_incomplete_and_wrong_files(library, put, state):
    del state["model.diffusion_model.out.2.bias"]
    checkpoint = library.checkpoint(put("checkpoints", "a.safetensors", state))
    with pytest.raises(ModelFileError, match=r"1 tensors are missing \(conv_out\.bias"), checkpoint.model.lease():
        pass
    with pytest.raises(ModelFileError, match="no checkpoint of a known family"):
        library.checkpoint(put("checkpoints", "b.safetensors", {"lora_unet_x.lora_up.weight": torch.ones(1)}))


def test_pickled_checkpoint(library, tiny, state, tmp_path):
    folder = tmp_path / "models" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save({"state_dict": state, "epoch": 1}, folder / "a.ckpt")
    checkpoint = library.checkpoint("a.ckpt")
    assert torch.equal(checkpoint.clip.encode("a")[0][0], tiny.clip.encode("a")[0][0])


def test_inspection(tiny_path, put, library):
    info = inspect_model(tiny_path, digest=True)
    assert (info.kind, info.family, info.holds) == ("checkpoint", "sd1", ("model", "clip_l", "vae"))
    assert info.dtype.startswith("float32")
    assert info.metadata["limner.native_size"] == "64"
    assert len(info.sha256) == 64
    lora = {"lora_unet_x.lora_up.weight": torch.ones(1), "lora_unet_x.lora_down.weight": torch.ones(1)}
    put("loras", "a.safetensors", lora)
    info = inspect_model(library.folders.find("loras", "a.safetensors"))
    assert (info.kind, info.family, info.sha256) == ("adapter", "lora", "")


def test_the_built_in_model_loads(library):
    path = builtin_checkpoint()
    assert path is not None
    assert builtin_models()["checkpoints"][BUILTIN_CHECKPOINT] == path
    checkpoint = library.open_checkpoint(path)
    assert (checkpoint.family.name, checkpoint.model.native_size) == ("sd1", BUILTIN_SIZE)
    ((context, entry),) = checkpoint.clip.encode("a red apple")
    latent = torch.randn(1, 4, 16, 16)
    out = checkpoint.model.predict(latent, torch.tensor([500.0]), checkpoint.model.inputs(entry, context, latent))
    assert checkpoint.vae.decode(out).shape == (1, 128, 128, 3)
