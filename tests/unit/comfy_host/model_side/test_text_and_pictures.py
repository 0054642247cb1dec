"""Text encoders, autoencoders, files, tiles and progress as packs use them."""

import comfy.clip_vision
import comfy.lora
import comfy.model_management
import comfy.ops
import comfy.sd
import comfy.utils
import pytest
import torch
from PIL import Image

from limner.graph.errors import InterruptedRun, ModelFileError
from limner.models.autoencoder import Autoencoder


@pytest.fixture
def clip(studio):
    return studio.bridge.to_host(studio.checkpoint.clip)


@pytest.fixture
def vae(studio):
    return studio.bridge.to_host(studio.checkpoint.vae)


def test_tokens_encode_to_what_our_node_gives(studio, clip):
    text = "a (red:1.3) apple, " + "many words " * 60
    tokens = clip.tokenize(text)
    assert list(tokens) == ["l"]
    assert {len(chunk) for chunk in tokens["l"]} == {77}
    states, pooled = clip.encode_from_tokens(tokens, return_pooled=True)
    ((expected, options),) = studio.checkpoint.clip.encode(text)
    assert torch.equal(states, expected)
    assert torch.equal(pooled, options["pooled_output"])
    assert torch.equal(clip.encode_from_tokens(tokens, return_dict=True)["cond"], expected)
    ((scheduled, added),) = clip.encode_from_tokens_scheduled(tokens, add_dict={"width": 8})
    assert torch.equal(scheduled, expected)
    assert added["width"] == 8
    assert torch.equal(clip.cond_stage_model.clip_l.encode_token_weights(tokens["l"])[0], expected)


def test_words_are_numbered(clip):
    (chunk,) = clip.tokenize("red apples", return_word_ids=True)["l"]
    assert [word for _, _, word in chunk[:4]] == [0, 1, 2, 0]


def test_layers_and_clones(studio, clip):
    other = clip.clone()
    other.clip_layer(-2)
    expected = studio.checkpoint.clip.with_last_layer(-2).encode("red")[0][0]
    assert torch.equal(other.encode("red"), expected)
    assert studio.bridge.to_native(other).last_layer == -2
    assert studio.bridge.to_native(clip).last_layer is None


def test_patches_reach_the_text_encoder(studio, clip):
    names = comfy.lora.model_lora_keys_clip(clip.cond_stage_model)
    layer = "lora_te_text_model_encoder_layers_0_mlp_fc1"
    tensors = {f"{layer}.lora_up.weight": torch.randn(1024, 2), f"{layer}.lora_down.weight": torch.randn(2, 256)}
    patches = comfy.lora.load_lora(tensors, names)
    assert list(patches) == ["clip_l.transformer.text_model.encoder.layers.0.mlp.fc1.weight"]
    changed = clip.clone()
    assert changed.add_patches(patches, 0.5)
    assert not torch.equal(changed.encode("red"), clip.encode("red"))
    native = studio.bridge.to_native(changed)
    assert torch.equal(native.encode("red")[0][0], changed.encode("red"))


def test_pictures_go_through_the_autoencoder(studio, vae):
    pictures = torch.rand(2, 70, 64, 3)
    latents = vae.encode(pictures)
    assert torch.equal(latents, studio.checkpoint.vae.encode(pictures))
    assert torch.equal(vae.decode(latents), studio.checkpoint.vae.decode(latents))
    assert vae.decode_tiled(latents, tile_x=8, tile_y=8, overlap=2).shape == (2, 64, 64, 3)
    assert vae.first_stage_model.decode(latents).shape == (2, 3, 64, 64)
    assert (vae.downscale_ratio, vae.latent_channels) == (8, 4)
    assert isinstance(studio.bridge.to_native(vae), Autoencoder)


def test_an_autoencoder_of_a_packs_own_kind(studio, vae):
    class Pink(comfy.sd.VAE):
        def decode(self, samples_in, vae_options=None):
            return torch.ones(1, 8, 8, 3)

    pink = Pink(studio.checkpoint.vae)
    native = studio.bridge.to_native(pink)
    assert native.decode(torch.zeros(1, 4, 1, 1)).shape == (1, 8, 8, 3)
    assert studio.bridge.to_host(native) is pink


def test_a_checkpoint_from_a_file_and_from_tensors(studio, tmp_path):
    from limner.storage.builtin import builtin_checkpoint

    path = builtin_checkpoint()
    model, _, vae, vision = comfy.sd.load_checkpoint_guess_config(str(path))
    assert vision is None
    saved = tmp_path / "saved.safetensors"
    comfy.sd.save_checkpoint(str(saved), model, None, vae)
    again = comfy.sd.load_state_dict_guess_config(comfy.utils.load_torch_file(str(saved)))
    weights = model.model_state_dict()
    assert all(torch.equal(weight, weights[name]) for name, weight in again[0].model_state_dict().items())
    assert again[1] is None
    assert comfy.sd.load_state_dict_guess_config({"nothing": torch.zeros(1)}) is None


def test_what_cannot_be_loaded_says_so():
    with pytest.raises(ModelFileError, match="style_model"):
        comfy.sd.load_style_model("x")
    with pytest.raises(ModelFileError, match="vision"):
        comfy.clip_vision.load("x")
    with pytest.raises(AttributeError, match=r"comfy\.sd\.nonsense"):
        comfy.sd.nonsense


def test_files_come_back(tmp_path):
    tensors = {"a": torch.arange(4.0), "b": torch.ones(2, 2)}
    path = str(tmp_path / "x.safetensors")
    comfy.utils.save_torch_file(tensors, path, metadata={"who": "me"})
    read, metadata = comfy.utils.load_torch_file(path, return_metadata=True)
    assert torch.equal(read["a"], tensors["a"])
    assert metadata["who"] == "me"
    assert comfy.utils.calculate_parameters(read) == 8
    moved = comfy.utils.state_dict_prefix_replace(dict(read), {"a": "c."}, filter_keys=True)
    assert list(moved) == ["c."]


def test_pickles_that_run_code_are_refused(tmp_path):
    import os

    path = tmp_path / "bad.pt"
    torch.save({"x": os.getcwd}, path)
    with pytest.raises(ModelFileError):
        comfy.utils.load_torch_file(str(path))


def test_tiles_join_to_the_whole():
    source = torch.rand(2, 3, 40, 50)
    made = comfy.utils.tiled_scale(source, lambda x: x.repeat_interleave(2, 2).repeat_interleave(2, 3), 16, 16, 4, 2)
    assert torch.allclose(made, source.repeat_interleave(2, 2).repeat_interleave(2, 3), atol=1e-5)
    assert comfy.utils.get_tiled_scale_steps(50, 40, 16, 16, 4) == 12


def test_masks_and_batches_are_fitted():
    mask = comfy.utils.reshape_mask(torch.ones(1, 16, 16), (3, 4, 8, 8))
    assert mask.shape == (3, 4, 8, 8)
    assert comfy.utils.repeat_to_batch_size(torch.arange(3), 5).tolist() == [0, 1, 2, 0, 1]
    assert comfy.utils.common_upscale(torch.rand(1, 3, 8, 8), 4, 6, "bislerp", "center").shape == (1, 3, 6, 4)


def test_progress_reaches_the_step(studio):
    studio.progress.preview_size = 32
    bar = comfy.utils.ProgressBar(3)
    bar.update(1)
    bar.update_absolute(3, preview=("JPEG", Image.new("RGB", (64, 32)), 16))
    assert [(value, total) for value, total, _ in studio.progress.reports] == [(1, 3), (3, 3)]
    assert studio.progress.reports[1][2].image.startswith(b"\xff\xd8")


def test_interruption(studio):
    comfy.model_management.throw_exception_if_processing_interrupted()
    studio.progress.stopped = True
    assert comfy.model_management.processing_interrupted()
    with pytest.raises(InterruptedRun):
        comfy.model_management.throw_exception_if_processing_interrupted()
    assert issubclass(comfy.model_management.InterruptProcessingException, InterruptedRun)


def test_devices_and_memory(studio):
    assert comfy.model_management.get_torch_device() == studio.library.device
    assert comfy.model_management.get_free_memory() > 0
    comfy.model_management.load_models_gpu([studio.wrapped()])
    assert studio.library.status()["bytes"] > 0
    comfy.model_management.unload_all_models()
    assert studio.library.status()["bytes"] == 0


@pytest.mark.parametrize("kind", [comfy.ops.disable_weight_init, comfy.ops.manual_cast])
def test_layers_compute_as_torchs(kind):
    layer = kind.Linear(4, 3)
    plain = torch.nn.Linear(4, 3)
    layer.load_state_dict(plain.state_dict())
    x = torch.rand(2, 4)
    assert torch.equal(layer(x), plain(x))
    if kind is comfy.ops.manual_cast:
        assert layer(x.double()).dtype == torch.float64
    assert kind.conv_nd(2, 3, 5, 3, padding=1)(torch.zeros(1, 3, 8, 8)).shape == (1, 5, 8, 8)
