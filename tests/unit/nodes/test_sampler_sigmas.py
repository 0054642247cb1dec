"""The noise levels of a part of a walk, and pictures saved with their settings."""

import torch
from PIL import Image

from limner.nodes.sampler_sigmas import sampler_sigmas
from limner.nodes.sampling_parts import basic_scheduler
from limner.nodes.save_settings import save_image_with_settings


def test_parts_of_a_walk_meet(model, sampling):
    told = {
        "model": model,
        "sampler_name": "euler",
        "scheduler": "karras",
        "steps": 6,
        "registry": sampling["registry"],
    }
    whole = sampler_sigmas(**told)
    first, rest = sampler_sigmas(**told, end_at_step=2), sampler_sigmas(**told, start_at_step=2)
    assert torch.equal(whole, basic_scheduler(model=model, scheduler="karras", steps=6, registry=sampling["registry"]))
    assert torch.equal(torch.cat([first[:-1], rest]), whole)
    assert float(first[-1]) > 0


def test_samplers_that_leave_a_level_out_have_as_many_steps(model, sampling):
    told = {"model": model, "scheduler": "karras", "steps": 6, "registry": sampling["registry"]}
    plain, other = (sampler_sigmas(**told, sampler_name=name) for name in ("euler", "dpm_2"))
    assert len(plain) == len(other)
    assert not torch.equal(plain, other)


def test_settings_stand_in_the_file_as_they_are(folders):
    image = torch.zeros(1, 8, 8, 3)
    told = {"images": image, "settings": "a cat\nSteps: 2", "filename_prefix": "x", "folders": folders}
    kept, shown = (save_image_with_settings(**told, keep=keep).ui["images"][0] for keep in (True, False))
    assert (kept["type"], shown["type"]) == ("output", "temp")
    for saved in (kept, shown):
        with Image.open(folders.of_type(saved["type"]) / saved["filename"]) as picture:
            assert picture.info["parameters"] == "a cat\nSteps: 2"
