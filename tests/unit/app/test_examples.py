"""The workflows of examples/: whole but for files that nobody has brought yet."""

import pytest
from tests.e2e.conftest import ROOT

from limner.app.command import main

MISSING = {
    "flux": {"flux1-dev.safetensors", "t5xxl_fp16.safetensors", "clip_l.safetensors", "ae.safetensors"},
    "qwen-image": {
        "qwen_image_fp8_e4m3fn.safetensors",
        "qwen_2.5_vl_7b_fp8_scaled.safetensors",
        "qwen_image_vae.safetensors",
    },
}


@pytest.mark.parametrize("name", sorted(MISSING))
def test_whole_graphs_of_large_families_lack_their_files_only(name, tmp_path, capsys):
    workflow, data = str(ROOT / "examples" / f"{name}.json"), str(tmp_path)
    assert main(["validate", workflow, "--data", data]) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("  node ")]
    assert len(told) == len(MISSING[name])
    assert all(any(f"'{file}' not in" in line for line in told) for file in MISSING[name])
    assert main(["validate", workflow, "--data", data, "--substitute"]) == 0


def test_where_well_known_files_are_had_is_said(tmp_path, capsys):
    main(["validate", str(ROOT / "examples" / "qwen-image.json"), "--data", str(tmp_path)])
    told = capsys.readouterr().err
    assert "limner pull hf://Comfy-Org/Qwen-Image_ComfyUI/split_files/vae/qwen_image_vae.safetensors" in told
    assert "--substitute" in told
