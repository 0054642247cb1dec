"""Lists are read again when, and only when, a folder changed."""

import os
import time

import pytest

from limner.graph.errors import UnknownNameError
from limner.server.lists import INPUT_PICTURES, FolderLists


@pytest.fixture
def aged(folders):
    """Makes all folders look as if they had not changed for an hour."""

    def age():
        then = time.time() - 3600
        for path in [folders.data, *folders.data.rglob("*")]:
            if path.is_dir():
                os.utime(path, (then, then))

    return age


def test_an_unchanged_list_is_the_same_object(folders, aged):
    lists = FolderLists(folders)
    (folders.input / "a.png").write_bytes(b"")
    aged()
    first = lists(INPUT_PICTURES)
    assert first == ("a.png",)
    assert lists(INPUT_PICTURES) is first
    (folders.input / "b.png").write_bytes(b"")
    assert lists(INPUT_PICTURES) == ("a.png", "b.png")
    (folders.input / "a.png").unlink()
    assert lists(INPUT_PICTURES) == ("b.png",)


def test_folders_deep_below_are_watched(folders, aged):
    deep = folders.model_roots[0] / "loras" / "x" / "y"
    deep.mkdir(parents=True)
    lists = FolderLists(folders)
    aged()
    assert lists("loras") == ()
    (deep / "a.safetensors").write_bytes(b"")
    assert lists("loras") == ("x/y/a.safetensors",)


def test_a_folder_that_appears_is_noticed(folders, aged):
    lists = FolderLists(folders)
    aged()
    assert lists("controlnet") == ()
    (folders.model_roots[0] / "controlnet").mkdir()
    (folders.model_roots[0] / "controlnet" / "a.pth").write_bytes(b"")
    assert lists("controlnet") == ("a.pth",)


def test_an_unknown_list(folders):
    with pytest.raises(UnknownNameError):
        FolderLists(folders)("nothing")
