"""Networks, with and without adapters, through the eyes of sampling."""

import gc

import pytest
import torch
from safetensors.torch import save_file

from limner.models.load.model_file import ModelFile
from limner.models.parts.size_vector import base_vector, refiner_vector

ORIGINAL = "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q"
DIFFUSERS = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
TARGET = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight"


def predicted(model, clip, count=1):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(1, 4, 8, 8, generator=generator).repeat(count, 1, 1, 1)
    ((context, entry),) = clip.encode("a")
    inputs = model.inputs(entry, context, x)
    batched = {name: tensor.repeat(count, *[1] * (tensor.ndim - 1)) for name, tensor in inputs.items()}
    return model.predict(x, torch.full((count,), 500.0), batched)


@pytest.fixture
def write_lora(tmp_path):
    folder = tmp_path / "models" / "loras"
    folder.mkdir(parents=True)

    def write(name, module, seed=0, **further):
        generator = torch.Generator().manual_seed(seed)
        tensors = {
            f"{module}.lora_down.weight": torch.randn(2, 32, generator=generator),
            f"{module}.lora_up.weight": torch.randn(32, 2, generator=generator),
            f"{module}.alpha": torch.tensor(1.0),
            **further,
        }
        save_file(tensors, folder / f"{name}.safetensors")
        return f"{name}.safetensors"

    return write


def test_predicts(tiny):
    out = predicted(tiny.model, tiny.clip)
    assert out.shape == (1, 4, 8, 8)
    assert out.dtype is torch.float32
    torch.testing.assert_close(predicted(tiny.model, tiny.clip, 3)[2:], out, rtol=1e-4, atol=1e-5)
    out += 1  # results belong to the caller


def test_native_size_comes_from_the_file(tiny):
    assert tiny.model.native_size == 64


def test_two_openings_share_one_network(library, tiny):
    with tiny.model.network.lease() as first, library.checkpoint("tiny.safetensors").model.network.lease() as second:
        assert first is second


def test_options_do_not_leak(tiny):
    changed = tiny.model.with_options(a=1)
    assert (dict(changed.options), dict(tiny.model.options)) == ({"a": 1}, {})
    assert changed.key == tiny.model.key
    assert dict(changed.clone().with_options(b=2).options) == {"a": 1, "b": 2}


def test_adapter_changes_the_model_and_not_the_shared_weights(library, tiny, write_lora):
    plain = predicted(tiny.model, tiny.clip)
    adapter = library.adapter(write_lora("a", ORIGINAL))
    model = tiny.model.with_adapter(adapter, 0.5)
    assert model.key != tiny.model.key
    assert model.key == tiny.model.with_adapter(adapter, 0.5).key != tiny.model.with_adapter(adapter, 0.6).key
    with model.lease(), tiny.model.lease(), tiny.model.network.lease() as network:
        before = network.get_parameter(TARGET).clone()
        for _ in range(2):  # two jobs that take turns
            assert not torch.equal(predicted(model, tiny.clip), plain)
            assert torch.equal(predicted(tiny.model, tiny.clip), plain)
        assert torch.equal(network.get_parameter(TARGET), before)
        with model.network.lease() as adapted:
            change = adapter.changes[ORIGINAL].amount((32, 32)) * 0.5
            assert torch.equal(adapted.get_parameter(TARGET), before + change)
            assert adapted.conv_in.weight is network.conv_in.weight


def test_names_of_several_trainers_mean_the_same(library, tiny, write_lora):
    results = [
        predicted(tiny.model.with_adapter(library.adapter(write_lora(name, module)), 1.0), tiny.clip)
        for name, module in (
            ("a", ORIGINAL),
            ("b", DIFFUSERS),
            ("c", "unet." + TARGET.removesuffix(".weight")),
            ("d", "diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q"),
        )
    ]
    assert all(torch.equal(result, results[0]) for result in results)


def test_adapters_add_up_and_cancel(library, tiny, write_lora):
    adapter = library.adapter(write_lora("a", ORIGINAL))
    twice = tiny.model.with_adapter(adapter, 0.5).with_adapter(adapter, 0.5)
    torch.testing.assert_close(
        predicted(twice, tiny.clip), predicted(tiny.model.with_adapter(adapter, 1.0), tiny.clip), rtol=1e-4, atol=1e-5
    )
    assert tiny.model.with_adapter(adapter, 0).key == tiny.model.key
    none = tiny.model.with_adapter(adapter, 1.0).with_adapter(adapter, -1.0)
    torch.testing.assert_close(predicted(none, tiny.clip), predicted(tiny.model, tiny.clip), rtol=1e-4, atol=1e-5)


def test_unknown_layers_are_told_in_one_line(library, tiny, write_lora, caplog):
    unknown = {f"lora_unet_x{n}.{part}.weight": torch.ones(2, 2) for n in range(5) for part in ("lora_down", "lora_up")}
    adapter = library.adapter(write_lora("a", "lora_te_text_model_x", **unknown))
    assert tiny.model.with_adapter(adapter, 1.0) == tiny.model
    (message,) = caplog.messages
    assert "none of its 5 layers" in message
    assert "text_model" not in message


def test_memory_is_accounted_and_given_back(library, tiny, write_lora):
    adapter = library.adapter(write_lora("a", ORIGINAL))
    predicted(tiny.model.with_adapter(adapter, 1.0), tiny.clip)
    sizes = {entry["what"]: entry["bytes"] for entry in library.status()["entries"]}
    assert sizes["tiny.safetensors (sd1) with a.safetensors"] == 32 * 32 * 4
    assert library.release() == sum(sizes.values())
    gc.collect()
    assert library.status()["bytes"] == 0
    assert predicted(tiny.model, tiny.clip).isfinite().all()


def test_inpainting_networks_see_mask_and_picture(library, state, tmp_path):
    name = "model.diffusion_model.input_blocks.0.0.weight"
    path = tmp_path / "inpaint.safetensors"
    save_file({**state, name: torch.cat([state[name], torch.randn(32, 5, 3, 3)], dim=1)}, path)
    checkpoint = library.open_checkpoint(path)
    latent, context = torch.zeros(1, 4, 8, 8), torch.zeros(1, 77, 64)
    without = checkpoint.model.inputs({}, context, latent)["concat"]
    assert without.shape == (1, 5, 8, 8)
    assert torch.all(without[:, 0] == 1)
    entry = {"concat_mask": torch.zeros(1, 1, 64, 64), "concat_latent_image": torch.ones(1, 4, 8, 8)}
    given = checkpoint.model.inputs(entry, context, latent)["concat"]
    assert torch.all(given[:, 0] == 0)
    torch.testing.assert_close(given[:, 1:], torch.full((1, 4, 8, 8), 0.18215))
    assert ModelFile.open(path).layout.shape(name) == (32, 9, 3, 3)
    assert predicted(checkpoint.model, checkpoint.clip).shape == (1, 4, 8, 8)


def test_sizes_in_the_vector():
    latent = torch.zeros(1, 4, 64, 96)
    assert base_vector({}, latent)["sizes"].tolist() == [[512, 768, 0, 0, 512, 768]]
    entry = {"width": 1, "height": 2, "crop_w": 3, "crop_h": 4, "target_width": 5, "target_height": 6}
    assert base_vector(entry, latent)["sizes"].tolist() == [[2, 1, 4, 3, 6, 5]]
    assert base_vector({"pooled_output": torch.ones(1, 1280)}, latent)["pooled"].sum() == 1280
    assert refiner_vector({}, latent)["sizes"].tolist() == [[512, 768, 0, 0, 6]]
    assert refiner_vector({"prompt_type": "negative"}, latent)["sizes"].tolist() == [[512, 768, 0, 0, 2.5]]
    assert refiner_vector({"aesthetic_score": 4.0}, latent)["sizes"][0, 4] == 4
