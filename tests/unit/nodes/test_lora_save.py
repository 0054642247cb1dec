"""What LoraSave writes is found by LoraLoader, and makes the one model of the other."""

import pytest
import torch
from tests.unit.nodes.conftest import RecordingProgress

from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.nodes.attention_weights import clip_attention_multiply, unet_self_attention_multiply
from limner.nodes.loaders import lora_loader
from limner.nodes.lora_save import lora_save
from limner.nodes.merging import clip_merge_subtract, model_merge_subtract
from limner.storage.builtin import builtin_models
from limner.storage.folders import Folders

QUERY = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight"
TEXT_QUERY = "text.encoder.layers.0.self_attn.q_proj.weight"


@pytest.fixture
def folders(tmp_path):
    folders = Folders.under(tmp_path, builtin=builtin_models())
    folders.create()
    return folders


def _weight(network, name):
    with network.lease() as loaded:
        return dict(loaded.named_parameters())[name].clone()


def test_a_lora_of_two_models(folders):
    library = ModelLibrary(folders)
    mini = library.checkpoint("limner-mini.safetensors")
    changed = unet_self_attention_multiply(model=mini.model, q=1.5)
    clip = clip_attention_multiply(clip=mini.clip, q=2.0)
    progress = RecordingProgress()
    lora_save(
        rank=1000,
        lora_type="standard",
        model_diff=model_merge_subtract(model1=changed, model2=mini.model),
        text_encoder_diff=clip_merge_subtract(clip1=clip, clip2=mini.clip),
        prompt={"1": {}},
        folders=folders,
        progress=progress,
    )
    [path] = (folders.output / "loras").glob("*.safetensors")
    file = ModelFile.open(path)
    assert file.metadata["prompt"] == '{"1": {}}'
    assert all(name.startswith(("diffusion_model.", "text_encoders.clip_l.transformer.")) for name in file.tensors)
    assert all(".q" in name or ".to_q" in name for name in file.tensors)
    model, text = lora_loader(model=mini.model, clip=mini.clip, lora_name=path.name, library=library)
    torch.testing.assert_close(_weight(model.network, QUERY), _weight(changed.network, QUERY), atol=2e-3, rtol=2e-3)
    wanted = _weight(clip.branches[0].network, TEXT_QUERY)
    torch.testing.assert_close(_weight(text.branches[0].network, TEXT_QUERY), wanted, atol=2e-3, rtol=2e-3)


def test_equal_models_leave_nothing_to_save(folders, caplog):
    mini = ModelLibrary(folders).checkpoint("limner-mini.safetensors")
    nothing = model_merge_subtract(model1=mini.model, model2=mini.model)
    lora_save(lora_type="full_diff", model_diff=nothing, folders=folders, progress=RecordingProgress())
    assert not list(folders.output.rglob("*.safetensors"))
    assert "nothing is saved" in caplog.text
