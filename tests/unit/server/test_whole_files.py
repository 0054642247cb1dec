"""Files are written whole or not at all, also when the disk is full."""

import errno
import os

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
