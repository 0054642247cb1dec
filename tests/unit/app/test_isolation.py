"""Which packs run in processes of their own, and what starts these."""

import sys

import pytest

from comfy_host.packs import Pack
from limner.app.isolation import pack_command, parted_packs
from limner.app.pack_environment import environment_of
from limner.app.settings import Settings, read_settings


@pytest.mark.parametrize(("chosen", "apart"), [((), []), (("*",), ["one", "two"]), (("two", "nobody"), ["two"])])
def test_packs_are_parted_by_name(tmp_path, chosen, apart):
    for name in ("one", "two"):
        (tmp_path / "custom_nodes" / name).mkdir(parents=True)
    settings = Settings(data=str(tmp_path), isolate_packs=chosen)
    shared, isolated = parted_packs(settings, settings.folders())
    assert sorted(pack.name for pack in isolated) == apart
    assert sorted(pack.name for pack in [*shared, *isolated]) == ["one", "two"]


def test_the_environment_names_packs_by_commas(monkeypatch):
    monkeypatch.setenv("LIMNER_ISOLATE_PACKS", "one,two")
    assert read_settings({}).isolate_packs == ("one", "two")


def test_a_pack_runs_with_its_own_python_if_it_has_one(tmp_path):
    settings = Settings(data=str(tmp_path))
    folders, pack = settings.folders(), Pack("one", tmp_path / "custom_nodes" / "one")
    assert pack_command(settings, folders, pack, tmp_path, "1")[0] == sys.executable
    python = environment_of(folders, "one") / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert pack_command(settings, folders, pack, tmp_path, "1")[0] == str(python)
