"""The apps that every server has."""

import pytest

from limner.dialects.apps.builtin import builtin_apps

CHECKPOINTS = ("a.safetensors", "sdxl.safetensors", "studio/sdxl")


@pytest.mark.parametrize(
    ("default", "meant"),
    [("", "a.safetensors"), ("sdxl", "sdxl.safetensors"), ("studio/sdxl", "studio/sdxl"), ("none", "none")],
)
def test_their_model_is_the_default_one_with_or_without_the_end_of_its_name(default, meant):
    for app in builtin_apps(CHECKPOINTS, default).values():
        assert app.workflow["model"]["inputs"]["ckpt_name"] == meant
