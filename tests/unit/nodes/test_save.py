"""Saved files are where clients look for them, with the workflow inside."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from limner.graph.errors import StorageError
from limner.nodes.save import mask_preview, preview_image, save_image, save_image_websocket, save_latent

PROMPT = {"1": {"class_type": "SaveImage", "inputs": {}}}


def test_pictures_go_on_in_number_and_carry_documents(folders):
    images = torch.rand(2, 48, 64, 3)
    first = save_image(images=images, prompt=PROMPT, extra_pnginfo={"workflow": {"nodes": []}}, folders=folders)
    again = save_image(images=images[:1], folders=folders)

    assert first.ui["images"] == [
        {"filename": "ComfyUI_00001_.png", "subfolder": "", "type": "output"},
        {"filename": "ComfyUI_00002_.png", "subfolder": "", "type": "output"},
    ]
    assert again.ui["images"][0]["filename"] == "ComfyUI_00003_.png"
    with Image.open(folders.output / "ComfyUI_00002_.png") as picture:
        assert json.loads(picture.text["prompt"]) == PROMPT
        assert json.loads(picture.text["workflow"]) == {"nodes": []}
        assert np.array_equal(np.asarray(picture), (images[1] * 255).to(torch.uint8).numpy())
    with Image.open(folders.output / "ComfyUI_00003_.png") as picture:
        assert picture.text == {}


def test_tokens_and_subfolders(folders):
    images = torch.zeros(2, 48, 64, 3)
    told = save_image(images=images, filename_prefix="sub/pre_%width%x%height%_b%batch_num%", folders=folders)
    names = [entry["filename"] for entry in told.ui["images"]]
    assert names == ["pre_64x48_b0_00001_.png", "pre_64x48_b1_00002_.png"]
    assert {entry["subfolder"] for entry in told.ui["images"]} == {"sub"}
    assert (folders.output / "sub" / names[1]).is_file()


@pytest.mark.parametrize("prefix", ["../evil", "/tmp/evil", "a/../../evil", "..\\evil", "..", "C:\\evil", "a\0b"])
def test_prefixes_that_leave_the_folder_are_refused(folders, prefix):
    with pytest.raises(StorageError, match=r"^\*\*\*\* ERROR: Saving image outside the output folder is not allowed\."):
        save_image(images=torch.zeros(1, 8, 8, 3), filename_prefix=prefix, folders=folders)
    assert [entry.name for entry in folders.output.iterdir()] == []


def test_transparency_is_kept(folders):
    told = save_image(images=torch.full((1, 8, 8, 4), 0.5), folders=folders)
    with Image.open(folders.output / told.ui["images"][0]["filename"]) as picture:
        assert picture.mode == "RGBA"


def test_previews_go_to_the_folder_that_is_emptied(folders):
    for told in (
        preview_image(images=torch.zeros(1, 8, 8, 3), prompt=PROMPT, folders=folders),
        mask_preview(mask=torch.ones(8, 8), folders=folders),
    ):
        entry = told.ui["images"][0]
        assert entry["type"] == "temp"
        assert entry["filename"].startswith("ComfyUI_temp_")
        assert entry["filename"].endswith("_00001_.png")
        assert (folders.temp / entry["filename"]).is_file()


def test_latents_are_saved_with_the_prompt(folders):
    told = save_latent(samples={"samples": torch.ones(1, 4, 2, 2)}, prompt=PROMPT, folders=folders)
    entry = told.ui["latents"][0]
    assert entry == {"filename": "ComfyUI_00001_.latent", "subfolder": "latents", "type": "output"}
    with safe_open(folders.output / "latents" / entry["filename"], "pt") as file:
        assert json.loads(file.metadata()["prompt"]) == PROMPT


def test_pictures_are_sent_in_full_size_and_not_saved(folders, progress):
    images = torch.rand(2, 16, 24, 3)
    assert save_image_websocket(images=images, progress=progress).ui is None
    assert [(value, total) for value, total, _ in progress.reports] == [(0, 2), (1, 2)]
    preview = progress.reports[1][2]
    assert (preview.final, preview.media_type) == (True, "image/png")
    assert Image.open(io.BytesIO(preview.image)).size == (24, 16)
    assert np.isnan(save_image_websocket.fingerprint(images=None))
