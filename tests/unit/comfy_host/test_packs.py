"""Which packs there are, and what is remembered of them."""

import os

import pytest

from comfy_host.packs import Pack, PackRecord, find_packs


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "custom_nodes"
    for name in ("one", "two.disabled", "__pycache__", ".git", "dotted.name"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("")
    for name in ("single.py", "other.py.disabled", "notes.txt"):
        (folder / name).write_text("")
    return folder


def test_folders_and_python_files_are_packs(root):
    assert {pack.name for pack in find_packs([root])} == {"one", "dotted.name", "single"}
    assert {pack.name for pack in find_packs([root], switched_off=True)} == {"two", "other"}
    assert find_packs([root / "nowhere"]) == []


def test_modules_have_the_names_that_packs_expect(root):
    packs = {pack.name: pack for pack in find_packs([root])}
    assert packs["dotted.name"].module.endswith("custom_nodes/dotted_x_name")
    assert packs["single"].module == str(root / "single")
    assert packs["one"].shown_module == "custom_nodes.one"


def test_a_pack_stays_off_until_its_files_change(root, tmp_path):
    record, pack = PackRecord(tmp_path / "notes"), Pack("one", root / "one")
    assert record.reason(pack) is None
    record.switch_off(pack, "It hangs.")
    assert record.reason(pack) == "It hangs."
    os.utime(pack.entry, ns=(1, 1))
    assert record.reason(pack) is None


def test_a_pack_that_is_enabled_is_loaded_again(root, tmp_path):
    record, pack = PackRecord(tmp_path / "notes"), Pack("one", root / "one")
    record.switch_off(pack, "It hangs.")
    assert record.switch_on("one")
    assert record.reason(pack) is None
    assert not record.switch_on("one")


def test_the_pack_that_was_being_imported_is_blamed(root, tmp_path):
    packs = find_packs([root])
    guilty = next(pack for pack in packs if pack.name == "one")
    record = PackRecord(tmp_path / "notes")
    record.begin(guilty)
    after = PackRecord(tmp_path / "notes")
    assert after.blame(packs) == guilty
    assert "ended the whole process" in (after.reason(guilty) or "")
    assert after.blame(packs) is None


def test_an_import_that_ended_blames_nobody(root, tmp_path):
    record = PackRecord(tmp_path / "notes")
    record.begin(Pack("one", root / "one"))
    record.end()
    assert record.blame(find_packs([root])) is None


def test_damaged_notes_are_no_reason_to_fail(tmp_path):
    (tmp_path / "off.json").write_text("[")
    (tmp_path / "importing.json").write_text("7")
    record = PackRecord(tmp_path)
    assert record.switched_off() == {}
    assert record.blame([]) is None
