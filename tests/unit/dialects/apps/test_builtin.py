"""The apps that every server has."""

import pytest

from limner.dialects.apps.builtin import builtin_apps
from limner.dialects.recipes.family_settings import BUILTIN

CHECKPOINTS = ("a.safetensors", "sdxl.safetensors", "studio/sdxl")


@pytest.mark.parametrize(
    ("default", "meant"),
    [("", "a.safetensors"), ("sdxl", "sdxl.safetensors"), ("studio/sdxl", "studio/sdxl"), ("none", "none")],
)
def test_their_model_is_the_default_one_with_or_without_the_end_of_its_name(default, meant):
    for app in builtin_apps(CHECKPOINTS, default).values():
        assert app.workflow["model"]["inputs"]["ckpt_name"] == meant


def test_they_begin_with_the_size_and_the_settings_of_their_model():
    apps = builtin_apps(CHECKPOINTS, "sdxl", lambda model: BUILTIN if model == "sdxl.safetensors" else None)
    for app in apps.values():
        walk = app.workflow["walk 1"]["inputs"]
        assert (walk["steps"], walk["cfg"]) == (BUILTIN.steps, BUILTIN.guidance)
    drawn = apps["text-to-image"].workflow
    sides = [drawn[node]["inputs"][side] for node in ("size", "sized 1") for side in ("width", "height")]
    assert sides == [BUILTIN.size] * 4
    assert builtin_apps(CHECKPOINTS, "")["text-to-image"].workflow["size"]["inputs"]["width"] == 1024
