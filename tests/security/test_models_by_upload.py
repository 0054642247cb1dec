"""T4: no way of uploading puts a pickle where loaders of models, of node packs too, look for files."""

import os

import pytest
from aiohttp import FormData

from limner.storage.folders import MODEL_SUFFIXES, SAVED


def form(name, **fields):
    parts = FormData()
    parts.add_field("image", b"\x80\x04N.", filename=name)
    for key, value in fields.items():
        parts.add_field(key, value)
    return parts


@pytest.mark.parametrize("kind", sorted(SAVED))
@pytest.mark.parametrize("suffix", sorted(MODEL_SUFFIXES - {".safetensors", ".sft"}))
async def test_pickles_do_not_get_into_folders_of_models(serving, kind, suffix):
    for folder in (SAVED[kind], f"{SAVED[kind]}/below", f"./{SAVED[kind]}"):
        for name in (f"a{suffix}", f"a{suffix.upper()}"):
            answer = await serving.client.post("/upload/image", data=form(name, type="output", subfolder=folder))
            assert answer.status == 400
    assert not list(serving.folders.output.rglob("a.*"))
    assert serving.folders.list(kind) == []


async def test_other_places_and_formats_are_free(serving):
    for name, fields in (
        ("a.ckpt", {}),
        ("a.pkl", {"type": "output", "subfolder": "elsewhere"}),
        ("a.safetensors", {"type": "output", "subfolder": "loras"}),
        ("a.png", {"type": "output", "subfolder": "loras"}),
    ):
        assert (await serving.client.post("/upload/image", data=form(name, **fields))).status == 200


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="There are no pipes in folders here.")
async def test_a_pipe_among_models_holds_nobody_up(serving):
    """Whoever opens one waits for ever, and soon every thread of the server would."""
    folder = serving.folders.place("loras")
    folder.mkdir(parents=True, exist_ok=True)
    os.mkfifo(folder / "pipe.safetensors")
    (folder / "device.safetensors").symlink_to("/dev/zero")
    (folder / "real.safetensors").write_bytes(b"x")
    assert serving.folders.list("loras") == ["real.safetensors"]
    answer = await serving.client.get("/limner/models")
    assert {"pipe.safetensors", "device.safetensors"}.isdisjoint(
        entry["name"] for entry in (await answer.json())["models"]
    )
