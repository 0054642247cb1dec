import pytest

from limner.app.results import kept_here, results_of, save_fetched
from limner.graph.errors import StorageError
from limner.storage.folders import Folders


def file(name, kind):
    return {"filename": name, "subfolder": "", "type": kind}


def test_what_was_saved_is_the_result_and_previews_are_not():
    told = [{"images": [file("a.png", "temp")]}, {"audio": [file("b.flac", "output")], "text": ["b"]}]
    assert [entry["filename"] for entry in results_of(told)] == ["b.flac"]


def test_previews_are_the_result_where_nothing_was_saved(tmp_path):
    told = [{"images": [file("a.png", "temp"), file("in.png", "input")], "animated": (True,)}]
    (shown,) = results_of(told)
    folders = Folders.under(tmp_path)
    folders.temp.mkdir(parents=True)
    (folders.temp / "a.png").write_bytes(b"picture")
    kept = kept_here(folders, shown)
    assert kept == str(folders.output / "a.png")
    assert (folders.output / "a.png").read_bytes() == b"picture"


def test_fetched_pictures_replace_no_file(tmp_path):
    image = {"filename": "ComfyUI_00001_.png", "subfolder": "a", "type": "output"}
    paths = [save_fetched(tmp_path, image, data) for data in (b"1", b"2", b"3")]
    assert save_fetched(tmp_path, image, b"1") == paths[0]
    assert [path.name for path in paths] == [f"ComfyUI_0000{number}_.png" for number in (1, 2, 3)]
    assert [path.read_bytes() for path in paths] == [b"1", b"2", b"3"]
    assert {path.parent for path in paths} == {tmp_path / "a"}


def test_a_server_cannot_name_files_elsewhere(tmp_path):
    with pytest.raises(StorageError, match="inside its folder"):
        save_fetched(tmp_path, {"filename": "x.png", "subfolder": "../b"}, b"")
