"""Files are written whole or not at all, also when the disk is full."""

import errno
import os
from pathlib import Path

import pytest

from limner.server.whole_files import put_in_place, write_whole


@pytest.fixture
def full_disk(monkeypatch):
    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)


def test_what_was_there_stays(tmp_path, full_disk):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "a", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"old")]


def test_without_links_nothing_is_overwritten_either(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    for name in ("new", "b"):
        (tmp_path / name).write_bytes(name.encode())
    with pytest.raises(FileExistsError):
        put_in_place(tmp_path / "new", tmp_path / "b", overwrite=False)
    put_in_place(tmp_path / "new", tmp_path / "c", overwrite=False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b": b"b", "c": b"new"}


def test_a_file_of_another_file_system_is_copied_beside_its_place_first(tmp_path, monkeypatch):
    def far(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    direct = Path.replace
    monkeypatch.setattr(os, "link", far)
    monkeypatch.setattr(Path, "replace", lambda file, target: (far if file.name == "new" else direct)(file, target))
    for overwrite in (False, True):
        (tmp_path / "new").write_bytes(b"new")
        put_in_place(tmp_path / "new", tmp_path / "a", overwrite=overwrite)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"new"}


async def test_a_full_disk_costs_nothing_that_was_stored(serving, monkeypatch):
    for path in ("/settings/a", "/userdata/a.json"):
        assert (await serving.client.post(path, data=b"1")).status == 200

    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    for path in ("/settings/a", "/userdata/a.json", "/userdata/new.json"):
        answer = await serving.client.post(path, data=b"2")
        assert answer.status == 503
        assert "No space left" in (await answer.json())["error"]["message"]
    monkeypatch.undo()
    assert await (await serving.client.get("/settings")).json() == {"a": 1}
    assert await (await serving.client.get("/userdata?dir=.")).json() == ["a.json", "comfy.settings.json"]
    assert (await serving.client.post("/settings/a", data=b"3")).status == 200
