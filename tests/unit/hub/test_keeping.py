"""Model files that are here: looked at, compared, united, thrown away."""

import json
import os

import pytest
from tests.unit.hub.models import gguf, safetensors

from limner.graph.errors import UnknownNameError
from limner.hub.digests import digests_of
from limner.hub.duplicates import find_twins, unite
from limner.hub.examination import describe, scan, unfinished, verify
from limner.hub.holdings import Holdings
from limner.hub.links import link
from limner.hub.records import FILE, Origin, Records
from limner.hub.refusal import PullError
from limner.hub.trash import empty_trash, remove, trashed
from limner.storage.folders import Folders

MODEL = safetensors(1, size=50_000)


@pytest.fixture
def holdings(folders):
    return Holdings(folders, Records(folders.data))


def put(folders, kind, name, data):
    path = folders.place(kind) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_scan_says_what_is_amiss(holdings, folders):
    put(folders, "loras", "good.safetensors", MODEL)
    put(folders, "loras", "cut.safetensors", MODEL[:-100])
    put(folders, "checkpoints", "a lora.safetensors", MODEL)
    put(folders, "loras", "renamed.pt", MODEL)
    put(folders, "loras", "begun.safetensors.part", b"")
    problems = {found.held.name: found.problem for found in scan(holdings)}
    assert problems["good.safetensors"] == ""
    assert "cut off" in problems["cut.safetensors"]
    assert problems["renamed.pt"] == "holds what .safetensors files hold, which does not hinder loading it"
    assert problems["a lora.safetensors"] == "seems to belong into loras"
    assert [path.name for path in unfinished(holdings)] == ["begun.safetensors.part"]


def test_verifying_records_then_compares(holdings, folders):
    path = put(folders, "loras", "a.safetensors", MODEL)
    held = holdings.find("a.safetensors")
    assert verify(holdings, held).state == "recorded"
    assert verify(holdings, held).state == "whole"
    os.utime(path, ns=(1, 1))
    assert verify(holdings, held).state == "whole"
    path.write_bytes(safetensors(2, size=50_000))
    verdict = verify(holdings, held)
    assert verdict.state == "changed"
    assert digests_of(path).sha256 in verdict.message
    path.write_bytes(MODEL[:-1])
    assert verify(holdings, held).state == "damaged"


def test_a_digest_counts_only_for_the_file_that_was_read(holdings, folders):
    path = put(folders, "loras", "a.safetensors", MODEL)
    first = holdings.digests(path)
    assert holdings.records.with_sha256(first.sha256)[0].path == path
    path.write_bytes(safetensors(2, size=60_000))
    assert holdings.records.digests_of(path) is None
    assert holdings.records.with_sha256(first.sha256) == []
    assert holdings.digests(path) != first


def test_files_that_are_here_twice_are_united(holdings, folders):
    first = put(folders, "checkpoints", "a.safetensors", MODEL)
    second = put(folders, "loras", "sub/b.safetensors", MODEL)
    put(folders, "loras", "c.safetensors", safetensors(2, size=50_000))
    [twins] = find_twins(holdings)
    assert twins.gain == len(MODEL)
    unite(holdings, twins)
    assert second.read_bytes() == MODEL
    assert first.samefile(second) or first.stat().st_nlink == 1  # a clone is not told from a copy
    if first.samefile(second):
        assert find_twins(holdings) == []


def test_other_programs_files_are_left_alone(tmp_path, folders):
    foreign = tmp_path / "theirs"
    foreign.mkdir()
    (foreign / "b.safetensors").write_bytes(MODEL)
    both = Folders.under(folders.data, extra={"loras": (foreign,)})
    holdings = Holdings(both, Records(both.data))
    mine = put(both, "checkpoints", "a.safetensors", MODEL)
    [twins] = find_twins(holdings)
    assert [held.is_own for held in twins.files] == [False, True]
    unite(holdings, twins)
    assert (foreign / "b.safetensors").read_bytes() == mine.read_bytes() == MODEL
    with pytest.raises(PullError, match="another program's folder"):
        remove(holdings, holdings.find("b.safetensors"), force=False)
    assert remove(holdings, holdings.find("b.safetensors"), force=True) is None
    assert mine.read_bytes() == MODEL


def test_links_to_another_disk_are_symbolic(tmp_path, monkeypatch):
    source = tmp_path / "a.safetensors"
    source.write_bytes(MODEL)

    def other_disk(*_):
        raise OSError(18, "cross-device link")

    monkeypatch.setattr("limner.hub.links._clone", other_disk)
    assert link(source, tmp_path / "hard.safetensors") == "hard link"
    monkeypatch.setattr("os.link", other_disk)
    assert link(source, tmp_path / "sub" / "soft.safetensors") == "symbolic link"
    assert (tmp_path / "sub" / "soft.safetensors").read_bytes() == MODEL


def test_removed_files_wait_in_the_trash(holdings, folders):
    put(folders, "loras", "sub/a.safetensors", MODEL)
    place = remove(holdings, holdings.find("sub/a.safetensors"), force=False)
    assert place is not None
    assert place.read_bytes() == MODEL
    assert folders.list("loras") == []
    assert trashed(folders) == [place]
    assert empty_trash(folders) == len(MODEL)
    assert trashed(folders) == []
    put(folders, "loras", "b.safetensors", MODEL)
    assert remove(holdings, holdings.find("loras/b.safetensors"), force=True) is None


def test_names_that_several_files_have_are_to_be_told_apart(holdings, folders):
    put(folders, "loras", "a.safetensors", MODEL)
    put(folders, "checkpoints", "a.safetensors", MODEL)
    with pytest.raises(UnknownNameError, match=r"checkpoints/a\.safetensors, loras/a\.safetensors"):
        holdings.find("a.safetensors")
    assert holdings.find("loras/a.safetensors").kind == "loras"
    with pytest.raises(UnknownNameError, match=r"Nearest: a\.safetensors"):
        holdings.find("b.safetensors")


def test_what_a_file_says_of_itself(holdings, folders):
    path = put(folders, "loras", "a.safetensors", MODEL)
    holdings.records.note(path, holdings.digests(path), Origin("hf://org/name", "https://x/a", '"1"', "mit"))
    facts = describe(holdings, holdings.find("a.safetensors"))
    assert (facts["tensors"], facts["seems"], facts["licence"]) == (1, "loras", "mit")
    assert facts["types"] == {"float32": 1}
    put(folders, "text_encoders", "b.gguf", gguf())
    described = json.dumps(facts)
    assert "hf://org/name" in described


def test_a_damaged_index_is_put_aside(folders):
    folders.data.mkdir(parents=True, exist_ok=True)
    (folders.data / FILE).write_bytes(b"this is no database at all" * 100)
    path = put(folders, "loras", "a.safetensors", MODEL)
    records = Records(folders.data)
    records.note(path, digests_of(path))
    assert records.digests_of(path) is not None
    assert list(folders.data.glob(f"{FILE}.damaged-*"))


def test_everything_that_is_known_is_told_at_once(folders):
    paths = [put(folders, "loras", f"{name}.safetensors", MODEL) for name in "ab"]
    records = Records(folders.data)
    for path in paths:
        records.note(path, digests_of(path))
    paths[1].unlink()
    assert {record.path: record.is_current for record in records.everything()} == {paths[0]: True, paths[1]: False}
