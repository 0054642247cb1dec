"""New files appear whole or not at all, and never replace others."""

import errno
import os
import threading

import pytest

from limner.graph.errors import StorageError
from limner.media import files
from limner.media.files import write_new


def leftovers(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_new_file_is_written_with_its_folders(tmp_path):
    assert write_new(tmp_path / "a" / "b.png", b"bytes")
    assert (tmp_path / "a" / "b.png").read_bytes() == b"bytes"
    assert leftovers(tmp_path / "a") == ["b.png"]


def test_an_existing_file_is_left_alone(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    assert not write_new(path, b"new")
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == ["a.png"]


def test_one_of_many_writers_gets_the_name(tmp_path):
    won: list[bool] = []
    threads = [
        threading.Thread(target=lambda n=n: won.append(write_new(tmp_path / "a", bytes([n]) * 999))) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 1
    assert len(set((tmp_path / "a").read_bytes())) == 1
    assert leftovers(tmp_path) == ["a"]


def test_file_systems_without_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert write_new(tmp_path / "a", b"first")
    assert not write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert leftovers(tmp_path) == ["a"]


def test_a_full_disk_is_explained_and_leaves_nothing(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(StorageError, match=r"disk is full. Free some space"):
        write_new(tmp_path / "a.png", b"bytes")
    assert leftovers(tmp_path) == []


def test_a_folder_that_is_a_file_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be saved"):
        write_new(tmp_path / "file" / "a.png", b"bytes")
