import pytest
import torch
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.adapters.lora import LowRank, split_name
from limner.models.adapters.registry import load_kinds, read_adapter
from limner.models.load.model_file import ModelFile


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lora_unet_mid.lora_down.weight", ("lora_unet_mid", "down")),
        ("lora_unet_mid.lora_up.weight", ("lora_unet_mid", "up")),
        ("lora_unet_mid.lora_mid.weight", ("lora_unet_mid", "mid")),
        ("lora_unet_mid.alpha", ("lora_unet_mid", "alpha")),
        ("unet.a.attn1.to_q.lora_A.weight", ("unet.a.attn1.to_q", "down")),
        ("unet.a.attn1.to_q.lora_B.default.weight", ("unet.a.attn1.to_q", "up")),
        ("unet.a.attn1.to_q.lora.down.weight", ("unet.a.attn1.to_q", "down")),
        ("unet.a.attn1.processor.to_q_lora.up.weight", ("unet.a.attn1.to_q", "up")),
        ("unet.a.attn1.processor.to_out_lora.up.weight", ("unet.a.attn1.to_out.0", "up")),
        ("text_encoder.a.q_proj.lora_linear_layer.up.weight", ("text_encoder.a.q_proj", "up")),
        ("model.diffusion_model.out.0.weight", None),
    ],
)
def test_names(name, expected):
    assert split_name(name) == expected


def test_linear():
    up, down = torch.randn(6, 2), torch.randn(2, 5)
    torch.testing.assert_close(LowRank(up, down, alpha=1.0).amount((6, 5)), up @ down / 2)
    torch.testing.assert_close(LowRank(up, down).amount((6, 5)), up @ down)
    assert LowRank(up.half(), down.half()).amount((6, 5)).dtype is torch.float32


def test_linear_change_of_a_pointwise_convolution():
    up, down = torch.randn(6, 2, 1, 1), torch.randn(2, 5, 1, 1)
    assert LowRank(up, down).amount((6, 5, 1, 1)).shape == (6, 5, 1, 1)
    assert LowRank(up, down).amount((6, 5)).shape == (6, 5)


def test_convolution_is_the_two_convolutions_in_a_row():
    x = torch.randn(1, 5, 7, 7)
    up, down, mid = torch.randn(6, 2, 1, 1), torch.randn(2, 5, 3, 3), torch.randn(2, 2, 3, 3)
    convolve = torch.nn.functional.conv2d
    expected = convolve(convolve(x, down), up)
    torch.testing.assert_close(convolve(x, LowRank(up, down).amount((6, 5, 3, 3))), expected, rtol=1e-4, atol=1e-4)
    narrow = torch.randn(2, 5, 1, 1)
    expected = convolve(convolve(convolve(x, narrow), mid), up)
    change = LowRank(up, narrow, mid).amount((6, 5, 3, 3))
    torch.testing.assert_close(convolve(x, change), expected, rtol=1e-4, atol=1e-4)


def test_wrong_family():
    with pytest.raises(NumericsError, match="another"):
        LowRank(torch.randn(6, 2), torch.randn(2, 5)).amount((6, 7))


def test_reading(tmp_path):
    path = tmp_path / "a.safetensors"
    tensors = {"lora_unet_x.lora_down.weight": torch.ones(2, 3), "lora_unet_x.lora_up.weight": torch.ones(4, 2)}
    save_file({**tensors, "lora_unet_x.alpha": torch.tensor(1.0), "lora_unet_y.alpha": torch.tensor(1.0)}, path)
    adapter = read_adapter("a", ModelFile.open(path), load_kinds())
    assert set(adapter.changes) == {"lora_unet_x"}
    assert torch.equal(adapter.changes["lora_unet_x"].amount((4, 3)), torch.ones(4, 3))


def test_no_adapter(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"weight": torch.ones(1)}, path)
    with pytest.raises(ModelFileError, match="no adapter"):
        read_adapter("a", ModelFile.open(path), load_kinds())
