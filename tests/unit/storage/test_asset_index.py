"""The index of assets: what it remembers, what it forgives, what several threads may do to it."""

import threading

import pytest

from limner.graph.errors import StorageError
from limner.storage.asset_index import AssetIndex
from limner.storage.asset_records import Details, Sighting, Wanted
from limner.storage.asset_scan import Scanner, locate, look
from limner.storage.folders import Folders


@pytest.fixture
def index(tmp_path):
    index = AssetIndex(tmp_path / "assets.sqlite")
    yield index
    index.close()


def sighting(name, **fields):
    return Sighting(**{"place": "input", "name": name, "size": 3, "modified": 10**18} | fields)


def test_seeing_twice_is_one_asset_and_a_change_forgets_the_digest(index):
    assert index.see([sighting("a.png", digest="d" * 64), sighting("b.png")]) == 2
    assert index.see([sighting("a.png"), sighting("b.png")]) == 0
    assert len(index.with_digest("d" * 64)) == 1
    index.see([sighting("a.png", size=4)])
    assert index.with_digest("d" * 64) == []
    assert [seen.name for seen in index.undigested("input", 10)] == ["a.png", "b.png"]


def test_what_was_learnt_of_another_content_is_not_kept(index):
    index.see([sighting("a.png")])
    index.learn(sighting("a.png", size=99, digest="e" * 64), {})
    assert index.with_digest("e" * 64) == []
    index.learn(sighting("a.png", digest="e" * 64), {"width": 4})
    assert index.page(Wanted(digest="e" * 64)).assets[0].metadata == {"width": 4}


def test_several_assets_over_one_file_share_its_fate(index):
    first, new = index.register(sighting("a.png", digest="d" * 64), Details(tags=("x",)))
    second, minted = index.mint(first, Details(name="other"))
    assert (new, minted, first.file == second.file) == (True, True, True)
    assert index.mint(first, Details(name="other")) == (second, False)
    assert index.settle("input", set()) == 1
    assert all("missing" in asset.tags for asset in index.page(Wanted()).assets)
    assert index.settle("input", {"a.png"}) == 0
    assert not any("missing" in asset.tags for asset in index.page(Wanted()).assets)
    index.delete(first.id)
    assert [asset.id for asset in index.page(Wanted()).assets] == [second.id]


def test_a_damaged_file_is_put_aside(tmp_path, caplog):
    path = tmp_path / "assets.sqlite"
    path.write_bytes(b"this is no database" * 1000)
    index = AssetIndex(path)
    assert index.see([sighting("a.png")]) == 1
    index.close()
    assert len(list(tmp_path.glob("assets.sqlite.damaged-*"))) == 1
    assert "put aside" in caplog.text


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    index = AssetIndex(tmp_path / "file" / "assets.sqlite")
    with pytest.raises(StorageError, match="Check the disk"):
        index.see([sighting("a.png")])


def test_many_threads(index):
    def work(number):
        for step in range(20):
            asset, _ = index.register(sighting(f"{step}.png"), Details(tags=(f"t{number}",)))
            index.tag(asset.id, add=("all",))
            index.page(Wanted(limit=5))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert index.page(Wanted()).total == 20
    assert index.tag_counts("t") == {f"t{number}": 20 for number in range(6)}


def test_marks_in_names_are_not_patterns(index):
    index.see([sighting("a_b.png"), sighting("axb.png"), sighting("50%.png"), sighting("é.png")])
    assert [asset.name for asset in index.page(Wanted(name_contains="a_b")).assets] == ["a_b.png"]
    assert [asset.name for asset in index.page(Wanted(name_contains="%")).assets] == ["50%.png"]
    assert index.tag_counts("in*") == {}


def test_folders_are_read_as_workflows_name_files(tmp_path):
    folders = Folders.under(tmp_path)
    folders.create()
    lora = folders.model_roots[0] / "loras" / "sub" / "l.safetensors"
    lora.parent.mkdir(parents=True)
    lora.write_bytes(b"x")
    (lora.parent / "notes.txt").write_text("no model")
    (folders.input / ".hidden").write_text("")
    (folders.input / "a.png").write_bytes(b"abc")
    scanner = Scanner(folders)
    assert "models/custom_nodes" not in scanner.places("models")
    assert scanner.scan("models/loras").names == {"sub/l.safetensors"}
    assert scanner.scan("input").names == {"a.png"}
    assert locate(folders, "models/loras", "sub/l.safetensors") == lora
    assert locate(folders, "models/loras", "../../secret") is None
    assert locate(folders, "input", "../limner.sqlite") is None
    seen = look("input", "a.png", folders.input / "a.png", digest=True)
    assert (seen.size, len(seen.digest)) == (3, 64)
