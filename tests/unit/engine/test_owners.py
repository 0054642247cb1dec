"""What is remembered for one owner only, and what everybody shares."""

from typing import Annotated

import pytest

from limner.engine.run import RunRequest
from limner.graph.declare import NodeResult, Service
from limner.graph.errors import StorageError
from limner.storage.folders import ONLY_OWNER, OWNERS, Folders


@pytest.fixture
def house(lab, tmp_path):
    """A laboratory with nodes that load and save, over folders of several owners."""
    lab.services[Folders] = Folders.under(tmp_path)

    @lab.define()
    def load(*, name: str, folders: Annotated[Folders, Service()]) -> str:
        lab.calls["load"] += 1
        return f"{folders.input.parent.name} {name}"

    @lab.define()
    def compute(*, value: str) -> str:
        lab.calls["compute"] += 1
        return value.upper()

    @lab.define(output=True)
    def save(*, value: str) -> None:
        lab.calls["save"] += 1
        return NodeResult(ui={"shown": [value]})

    return lab


def test_what_no_file_is_in_is_computed_once_for_all(house, make):
    nodes = {"2": make("compute", value="same"), "3": make("save", value="@2")}
    recalled = [house.run(nodes, owner=owner).recalled for owner in (ONLY_OWNER, "anna", "ben", "anna", ONLY_OWNER)]
    assert recalled == [(), ("2",), ("2",), ("2", "3"), ("2", "3")]
    assert house.calls == {"compute": 1, "save": 3}


def test_what_comes_of_files_is_remembered_for_its_owner(house, make):
    nodes = {"1": make("load", name="a.png"), "2": make("compute", value="@1"), "3": make("save", value="@2")}
    recalled = [house.run(nodes, owner=owner).recalled for owner in ("anna", "ben", "anna")]
    assert recalled == [(), (), ("1", "2", "3")]
    assert house.calls == {"load": 2, "compute": 2, "save": 2}


def test_a_request_says_whose_files_it_is_about():
    assert RunRequest.__struct_fields__[-1] == "owner"


def test_owners_folders(tmp_path):
    folders = Folders.under(tmp_path, output=tmp_path / "elsewhere")
    assert folders.of_owner(ONLY_OWNER) is folders
    own = folders.of_owner("anna")
    assert own.output == tmp_path / OWNERS / "anna" / "output"
    assert (own.data, own.model_roots) == (folders.data, folders.model_roots)
    folders.add({"new": [tmp_path]})
    assert "new" in own.kinds()
    for name in ("../ben", "", "/etc"):
        with pytest.raises(StorageError):
            folders.of_owner(name)
