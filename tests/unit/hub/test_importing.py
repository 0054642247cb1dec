"""Folders of other programs, recognised and written into extra_model_paths.yaml, with nothing copied."""

import contextlib
import json
import sqlite3

import pytest
import yaml

from limner.app.extra_paths import read_extra_paths
from limner.hub.importing import import_installation, recognise
from limner.hub.refusal import PullError
from limner.storage.folders import Folders


def files(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


@pytest.fixture
def comfyui(tmp_path):
    return files(
        tmp_path / "ComfyUI", "models/checkpoints/a.safetensors", "models/loras/sub/b.safetensors",
        "models/unet/c.safetensors", "models/clip/d.safetensors", "main.py", "custom_nodes/x/__init__.py",
    )  # fmt: skip


@pytest.fixture
def a1111(tmp_path):
    return files(
        tmp_path / "webui", "models/Stable-diffusion/a.ckpt", "models/Lora/b.safetensors", "models/ESRGAN/c.pth",
        "embeddings/d.pt", "extensions/sd-webui-controlnet/models/e.safetensors",
    )  # fmt: skip


def listed(file, data):
    folders = Folders.under(data, extra=read_extra_paths(file))
    return {kind: names for kind in folders.kinds() if (names := folders.list(kind))}


@pytest.mark.parametrize("inside", ["", "models"])
def test_comfyui(comfyui, tmp_path, inside):
    file = tmp_path / "data" / "extra_model_paths.yaml"
    done = import_installation(comfyui / inside, file, tmp_path / "data")
    assert (done.program, done.root) == ("ComfyUI", comfyui)
    assert listed(file, tmp_path / "data") == {
        "checkpoints": ["a.safetensors"],
        "loras": ["sub/b.safetensors"],
        "diffusion_models": ["c.safetensors"],
        "text_encoders": ["d.safetensors"],
    }
    assert "custom_nodes" not in file.read_text()


def test_a1111(a1111, tmp_path):
    file = tmp_path / "paths.yaml"
    done = import_installation(a1111, file, tmp_path / "data")
    assert done.program.startswith("AUTOMATIC1111")
    assert listed(file, tmp_path / "data") == {
        "checkpoints": ["a.ckpt"],
        "loras": ["b.safetensors"],
        "upscale_models": ["c.pth"],
        "embeddings": ["d.pt"],
        "controlnet": ["e.safetensors"],
    }


def invoke(root, rows):
    files(root, "invokeai.yaml", "databases/x")
    with contextlib.closing(sqlite3.connect(root / "databases" / "invokeai.db")) as connection, connection:
        connection.execute("CREATE TABLE models (id TEXT, config TEXT)")
        connection.executemany("INSERT INTO models VALUES (?, ?)", [(row["key"], json.dumps(row)) for row in rows])
    (root / "invokeai.yaml").write_text("schema_version: 4.0.2\n")
    return root


def row(key, kind, path, base="sd-1", form="checkpoint"):
    return {"key": key, "name": key, "type": kind, "base": base, "format": form, "path": str(path)}


def test_invokeai_by_its_database(tmp_path):
    outside = files(tmp_path / "Downloads", "big.safetensors", "private.safetensors") / "big.safetensors"
    rows = [
        row("1", "main", "k1/a.safetensors"),
        row("2", "lora", "k2/b.safetensors", form="lycoris"),
        row("3", "main", "k3/pipeline", form="diffusers"),
        row("4", "main", "k4/flux.safetensors", base="flux"),
        row("5", "main", outside),
        row("6", "llava_onevision", "k6/x"),
        row("7", "vae", "k7/gone.safetensors"),
    ]
    root = invoke(tmp_path / "invokeai", rows)
    files(root / "models", *(f"k{n}/{name}" for n, name in ((1, "a.safetensors"), (2, "b.safetensors"))))
    files(root / "models", "k3/pipeline/model_index.json", "k4/flux.safetensors", "k6/x")
    before = (root / "databases" / "invokeai.db").read_bytes()
    file = tmp_path / "data" / "extra_model_paths.yaml"
    done = import_installation(root, file, tmp_path / "data")
    found = listed(file, tmp_path / "data")
    assert found["checkpoints"] == ["a.safetensors", "big.safetensors"]
    assert found["loras"] == ["b.safetensors"]
    assert found["diffusion_models"] == ["flux.safetensors"]
    assert done.folders["diffusers"] == (root / "models" / "k3",)
    assert len(done.notes) == 2
    assert (root / "databases" / "invokeai.db").read_bytes() == before


def test_invokeai_by_its_folders(tmp_path):
    root = files(
        tmp_path / "invokeai", "invokeai.yaml", "models/sd-1/main/a.safetensors", "models/sdxl/lora/b.safetensors"
    )
    file = tmp_path / "paths.yaml"
    import_installation(root, file, tmp_path / "data")
    assert listed(file, tmp_path / "data") == {"checkpoints": ["a.safetensors"], "loras": ["b.safetensors"]}


def test_what_was_written_before_stays_to_the_letter(comfyui, a1111, tmp_path):
    file = tmp_path / "extra_model_paths.yaml"
    mine = "# my own folders\ncomfyui:\n  base_path: /somewhere   # yes\n  loras: more\n"
    file.write_text(mine)
    import_installation(comfyui, file, tmp_path)
    import_installation(a1111, file, tmp_path)
    once = file.read_text()
    files(comfyui, "models/vae/v.safetensors")
    import_installation(comfyui, file, tmp_path)
    import_installation(a1111, file, tmp_path)
    twice = file.read_text()
    assert twice.startswith(mine)
    assert list(yaml.safe_load(twice)) == ["comfyui", "comfyui_2", "a1111"]
    assert twice.replace("  vae: models/vae\n", "") == once


def test_what_is_nobodys(tmp_path):
    with pytest.raises(PullError, match="no folder of InvokeAI, AUTOMATIC1111"):
        recognise(tmp_path)
    (tmp_path / "bad.yaml").write_text("[")
    files(tmp_path / "c", "models/checkpoints/a.safetensors", "models/loras/b.safetensors")
    with pytest.raises(PullError, match="no YAML"):
        import_installation(tmp_path / "c", tmp_path / "bad.yaml", tmp_path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(PullError, match="There is no folder"):
        recognise(tmp_path / "nowhere")
