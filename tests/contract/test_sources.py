"""Every source and every program that discovery finds keeps its side of the bargain."""

import pytest

from limner.graph.discovery import discover
from limner.hub import programs
from limner.hub.catalogue import find_file, read_catalogue
from limner.hub.kinds import check_kind
from limner.hub.names import fit_name
from limner.hub.program import Program
from limner.hub.resolving import all_sources
from limner.hub.sources.huggingface import read_place

ODD = ("", " ", "..", "/etc/passwd", "file:///etc/passwd", "\x00", "a" * 5000, "http", "s3:", "hf://", "civitai:x")


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.name)
def test_a_source_says_what_it_understands_and_nothing_else(source):
    assert source.forms
    assert not any(source.understands(text) for text in ODD)


def test_sources_have_an_order():
    ranks = [source.rank for source in all_sources()]
    assert len(set(ranks)) == len(ranks)


PROGRAMS = discover(programs, Program, lambda program: program.name)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_does_not_claim_an_empty_folder(program, tmp_path):
    assert program.title
    assert program.look(tmp_path) is None
    assert program.look(tmp_path / "none") is None


@pytest.mark.parametrize("entry", read_catalogue(), ids=lambda entry: entry.name)
def test_an_entry_of_the_catalogue_can_be_resolved(entry):
    assert entry.licence
    assert 0 < entry.gb < 200
    for file in entry.files:
        place = read_place(f"hf://{file.place}")
        assert place is not None
        assert place.path == "/".join(file.place.split("/")[2:])
        assert check_kind(file.kind) == file.kind
        assert fit_name(file.name) == file.name
        assert find_file(file.name, file.kind) is not None
        assert len(file.sha256) in (0, 64)
