import json

import pytest
import torch
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile


def component(folder, name="diffusion_pytorch_model.safetensors", configuration=None, **tensors):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(configuration or {"_class_name": folder.name}))
    if tensors:
        save_file({key.replace("__", "."): value for key, value in tensors.items()}, folder / name)
    return folder


@pytest.fixture
def pipeline(tmp_path):
    """A pipeline as diffusers saves it."""
    folder = tmp_path / "model"
    component(folder / "transformer", proj__weight=torch.ones(2))
    component(folder / "vae", decoder__weight=torch.ones(3))
    component(folder / "text_encoder", "model.safetensors", text_model__weight=torch.ones(4))
    component(folder / "text_encoder_2", "model.safetensors", shared__weight=torch.ones(5))
    component(folder / "safety_checker", "model.safetensors", x=torch.ones(6))
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text('{"prediction_type": "v_prediction"}')
    (folder / "tokenizer_2").mkdir()
    (folder / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    return folder


def test_a_pipeline_has_its_folders_as_prefixes(pipeline):
    file = ModelFile.open(pipeline)
    assert file.layout.shapes == {
        "transformer.proj.weight": (2,),
        "vae.decoder.weight": (3,),
        "text_encoder.text_model.weight": (4,),
        "text_encoder_2.shared.weight": (5,),
    }
    assert {name: len(tensor) for name, tensor in file.read().items()} == {
        name: shape[0] for name, shape in file.layout.shapes.items()
    }
    assert file.layout.configuration("transformer.")["_class_name"] == "transformer"
    assert file.layout.configuration("scheduler.") == {"prediction_type": "v_prediction"}
    assert file.layout.configuration("nothing.") == {}
    assert file.folder == pipeline
    assert len(file.files) == 4
    assert file.beside("tokenizer_2") == pipeline / "tokenizer_2"
    assert file.beside("tokenizer_3") is None


def test_a_pipeline_without_its_index(pipeline):
    (pipeline / "model_index.json").unlink()
    assert ModelFile.open(pipeline).layout.has("transformer.")


def test_a_component_alone_has_no_prefix(pipeline):
    file = ModelFile.open(pipeline / "text_encoder_2")
    assert set(file.tensors) == {"shared.weight"}
    assert file.layout.configuration() == {"_class_name": "text_encoder_2"}
    assert file.beside("tokenizer_3", "tokenizer_2") == pipeline / "tokenizer_2"


def test_a_file_knows_its_folder(pipeline):
    file = ModelFile.open(pipeline / "vae" / "diffusion_pytorch_model.safetensors")
    assert file.folder == pipeline / "vae"
    assert file.beside("config.json") == pipeline / "vae" / "config.json"


def test_sharded_components_and_variants(tmp_path):
    folder = component(tmp_path / "unet")
    names = [f"diffusion_pytorch_model.fp16-{n:05}-of-00002.safetensors" for n in (1, 2)]
    for n, name in enumerate(names):
        save_file({f"a.{n}": torch.ones(1)}, folder / name)
    index = json.dumps({"weight_map": {f"a.{n}": name for n, name in enumerate(names)}})
    (folder / "diffusion_pytorch_model.safetensors.index.fp16.json").write_text(index)
    assert set(ModelFile.open(folder).tensors) == {"a.0", "a.1"}


def test_the_full_variant_is_preferred(tmp_path):
    folder = component(tmp_path / "unet", a=torch.ones(1))
    save_file({"b": torch.ones(1)}, folder / "diffusion_pytorch_model.fp16.safetensors")
    save_file({"c": torch.ones(1)}, folder / "diffusion_pytorch_model.non_ema.safetensors")
    assert set(ModelFile.open(folder).tensors) == {"a"}


def test_pickled_components(tmp_path):
    folder = component(tmp_path / "vae")
    torch.save({"a": torch.ones(1)}, folder / "diffusion_pytorch_model.bin")
    assert set(ModelFile.open(folder).tensors) == {"a"}


def test_weights_of_another_name(tmp_path):
    folder = component(tmp_path / "controlnet", "control_v11p.safetensors", a=torch.ones(1))
    assert set(ModelFile.open(folder).tensors) == {"a"}


@pytest.mark.parametrize("inside", [(), ("empty",)])
def test_a_folder_without_weights(tmp_path, inside):
    folder = tmp_path / "nothing"
    folder.mkdir()
    for name in inside:
        (folder / name).mkdir()
    with pytest.raises(ModelFileError, match=r"nothing is a folder without weights"):
        ModelFile.open(folder)


def test_a_damaged_configuration_is_named(pipeline):
    (pipeline / "vae" / "config.json").write_text("{")
    with pytest.raises(ModelFileError, match=r"config\.json is no JSON"):
        ModelFile.open(pipeline)


def test_a_damaged_component_is_named(pipeline):
    (pipeline / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(b"<html></html>")
    with pytest.raises(ModelFileError, match=r"diffusion_pytorch_model\.safetensors is a web page"):
        ModelFile.open(pipeline)
