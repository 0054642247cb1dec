"""What a file is, by its tensors' names or by the folder that it lies in."""

import pytest

from limner.hub.kinds import kind_of_path
from limner.storage.tensor_marks import kind_of_tensors


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["image_proj.proj.weight", "ip_adapter.1.to_k_ip.weight"], "ipadapter"),
        (["ip_adapter.0.to_q_lora.down.weight", "image_proj.proj.0.weight"], "ipadapter"),
        (["double_blocks.0.processor.ip_adapter_double_stream_k_proj.bias", "ip_adapter_proj_model.a"], "ipadapter"),
        (["high_embedding_linear.0.weight", "mid_projection.bias"], "model_patches"),
        (["controlnet_blocks.0.x_rms.weight", "img_in.weight"], "model_patches"),
        (["initial_conv.weight", "res_blocks.0.conv1.weight"], "latent_upscale_models"),
        (["redux_up.weight", "redux_down.weight"], "style_models"),
        (["lora_unet_x.lora_down.weight"], "loras"),
        (["double_blocks.0.img_attn.qkv.weight"], "diffusion_models"),
        (["something.else"], ""),
    ],
)
def test_names_of_tensors(names, kind):
    assert kind_of_tensors(names) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("IP-Adapter/sdxl.safetensors", "ipadapter"),
        ("ip_adapter/image_encoder/model.safetensors", "clip_vision"),
        ("a/b.safetensors", ""),
    ],
)
def test_folders(path, kind):
    assert kind_of_path(path) == kind
