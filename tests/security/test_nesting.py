"""T1, T11: nobody can make folders so deep that the server cannot list them, or cannot start again."""

import inspect
import sys
from pathlib import Path

import pytest
from aiohttp import FormData

from limner.app.serving import _empty
from limner.graph.errors import StorageError
from limner.storage.folders import DEEPEST, resolve


def test_a_name_has_a_bounded_number_of_parts():
    assert resolve(Path("/x"), "/".join("a" * DEEPEST)) == Path("/x", *"a" * DEEPEST)
    with pytest.raises(StorageError, match="parts"):
        resolve(Path("/x"), "/".join("a" * (DEEPEST + 1)))


@pytest.mark.parametrize("kind", ["input", "output", "temp"])
async def test_uploads_make_no_deep_folders(serving, kind):
    parts = FormData()
    parts.add_field("image", b"x", filename="a.png")
    parts.add_field("subfolder", "/".join(["a"] * 900))
    parts.add_field("type", kind)
    assert (await serving.client.post("/upload/image", data=parts)).status == 400
    assert not (serving.folders.of_type(kind) / "a").exists()
    assert (await serving.client.get(f"/internal/files/{kind}?recursive=true")).status == 200


async def test_files_of_people_make_no_deep_folders(serving):
    assert (await serving.client.post("/userdata/" + "%2F".join(["a"] * 900), data=b"x")).status == 403
    assert (await (await serving.client.get("/v2/userdata")).json()) == []


def test_the_server_starts_although_there_are_folders_in_folders_in_folders(tmp_path):
    place = tmp_path / "temp" / "/".join("a" * 300)
    place.mkdir(parents=True)
    (tmp_path / "kept").touch()
    (tmp_path / "temp" / "link").symlink_to(tmp_path)
    (place / "link").symlink_to(tmp_path)
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        _empty(tmp_path / "temp")
    finally:
        sys.setrecursionlimit(usual)
    assert list((tmp_path / "temp").iterdir()) == []
    assert (tmp_path / "kept").exists()
