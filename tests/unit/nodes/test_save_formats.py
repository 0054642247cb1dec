"""Smaller files keep the workflow where readers look for it."""

import numpy as np
import pytest
import torch
from PIL import Image

from limner.dialects.recall.recall import recall_file
from limner.nodes.save_formats import save_image_as

PROMPT = {"1": {"class_type": "SaveImageAs", "inputs": {"quality": 90}}}
WORKFLOW = {"nodes": [{"id": 1, "type": "SaveImageAs", "pos": [0, 0]}], "links": []}


@pytest.mark.parametrize(("form", "suffix"), [("png", "png"), ("jpeg", "jpg"), ("webp", "webp")])
def test_files_carry_what_was_run(folders, form, suffix):
    images = torch.rand(2, 16, 24, 4)
    told = save_image_as(
        images=images, format=form, quality=100, prompt=PROMPT, extra_pnginfo={"workflow": WORKFLOW}, folders=folders
    )
    assert [entry["filename"] for entry in told.ui["images"]] == [f"ComfyUI_0000{n}_.{suffix}" for n in (1, 2)]
    path = folders.output / f"ComfyUI_00002_.{suffix}"
    found = recall_file(path)
    assert (found.kind, found.prompt, found.workflow) == ("workflow", PROMPT, WORKFLOW)
    with Image.open(path) as picture:
        assert picture.size == (24, 16) and picture.mode == ("RGB" if form == "jpeg" else "RGBA")
        exact = np.asarray(picture)[..., :3], (images[1] * 255).to(torch.uint8).numpy()[..., :3]
    assert form == "jpeg" or np.array_equal(exact[0][exact[0] > 0], exact[1][exact[0] > 0])


def test_what_has_no_room_in_a_jpeg_file_is_left_out(folders):
    large = {"workflow": {"nodes": ["x" * 70_000]}}
    save_image_as(images=torch.rand(1, 8, 8, 3), format="jpeg", prompt=PROMPT, extra_pnginfo=large, folders=folders)
    assert recall_file(folders.output / "ComfyUI_00001_.jpg").prompt == PROMPT
    save_image_as(images=torch.rand(1, 8, 8, 3), format="jpeg", extra_pnginfo=large, folders=folders)
    assert recall_file(folders.output / "ComfyUI_00002_.jpg").kind == "nothing"
