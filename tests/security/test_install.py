"""T10: node packs are installed over HTTP only where that was asked for, never by any web page, and by no bomb."""

import zipfile

import pytest

from limner.app.node_packs import PackShelf
from limner.app.serving import serve
from limner.app.settings import Settings
from limner.graph.errors import LimnerError, SettingsError
from limner.storage.folders import Folders


@pytest.mark.parametrize("changes", [{"cors": "*"}, {"allowed_origins": ("https://a.org", "*")}])
def test_not_for_every_page(tmp_path, changes):
    with pytest.raises(SettingsError, match="any program"):
        serve(Settings(data=str(tmp_path), port=0, allow_node_install=True, **changes))


async def test_refused_unless_asked_for(serving):
    answer = await serving.client.post("/limner/nodes/install", json={"sources": ["https://127.0.0.1:1/a.zip"]})
    assert answer.status == 403


@pytest.fixture
def shelf(tmp_path):
    return PackShelf(Folders.under(tmp_path / "data"), may_install=True)


def archive(path, *names):
    with zipfile.ZipFile(path, "w") as packed:
        for name in names:
            packed.writestr(name, "x = 1\n")
    return str(path)


@pytest.mark.parametrize("name", ["../out.py", "a/../../out.py", "/out.py", "..\\out.py", "C:\\out.py"])
def test_names_in_archives_stay_inside(shelf, tmp_path, name):
    with pytest.raises(LimnerError):
        shelf.install(archive(tmp_path / "p.zip", name, "__init__.py"))
    assert not list(tmp_path.rglob("out.py"))
    assert not [path for path in (tmp_path / "data" / "custom_nodes").iterdir() if not path.name.startswith(".")]


def test_what_is_no_archive_is_refused(shelf, tmp_path):
    from limner.app.node_packs import _unpack

    (tmp_path / "p.zip").write_bytes(b"<html>not found</html>")
    with pytest.raises(SettingsError, match="no ZIP"):
        _unpack(tmp_path / "p.zip", tmp_path / "p")


def test_bombs_are_refused_before_they_are_unpacked(shelf, tmp_path, monkeypatch):
    monkeypatch.setattr("limner.app.node_packs.LARGEST_ARCHIVE", 1000)
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("__init__.py", " " * 100_000)
    with pytest.raises(SettingsError, match="unpacks to more"):
        shelf.install(str(tmp_path / "p.zip"))


@pytest.mark.parametrize(
    "source", ["ext::sh -c id", "--upload-pack=x", "file:", "ftp://x/y.zip", "git@", "data:,x", ""]
)
def test_odd_sources_run_nothing(shelf, source, monkeypatch):
    ran = []

    def note(command):
        ran.append(list(command))
        raise SettingsError("not now")

    monkeypatch.setattr("limner.app.node_packs.run_program", note)
    with pytest.raises(LimnerError):
        shelf.install(source)
    assert all(command[:4] == ["git", "clone", "--depth", "1"] and command[4] == "--" for command in ran)
