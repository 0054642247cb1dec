"""Files of one kind where another is asked for."""

import pytest
import torch
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError
from limner.models.library import ModelLibrary
from limner.storage.folders import Folders

LORA = {f"lora_unet_x.{part}.weight": torch.zeros(1, 1) for part in ("lora_down", "lora_up")}
UPSCALER = {"conv_first.weight": torch.zeros(1, 3, 3, 3)}


@pytest.mark.parametrize(
    ("kind", "tensors", "told"),
    [
        ("checkpoints", LORA, r"a LoRA or its kin: put it into loras, and load it with LoraLoader"),
        ("loras", UPSCALER, r"an upscaler: put it into upscale_models"),
        ("vae", LORA, r"put it into loras"),
        ("checkpoints", {"nobody.knows": torch.zeros(1)}, r"If it is of another kind"),
    ],
)
def test_a_file_in_the_wrong_folder_is_told_where_it_belongs(tmp_path, kind, tensors, told):
    folders = Folders.under(tmp_path)
    (tmp_path / "models" / kind).mkdir(parents=True)
    save_file(tensors, tmp_path / "models" / kind / "a.safetensors")
    library = ModelLibrary(folders)
    load = {"checkpoints": library.checkpoint, "loras": library.adapter, "vae": library.autoencoder}[kind]
    with pytest.raises(ModelFileError, match=told):
        load("a.safetensors")
