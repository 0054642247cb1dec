"""Apps as files: versions, names, and what happens when files are not what they should be."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from limner.dialects.apps.records import App, Declaration
from limner.graph.errors import DocumentError, StorageError, UnknownNameError
from limner.server.apps.store import AppStore

WORKFLOW = {"1": {"class_type": "SaveImage", "inputs": {}}}
NOTHING = Declaration()


@pytest.fixture
def store(tmp_path):
    return AppStore(tmp_path / "apps", threading.Lock())


def other(number):
    return {"1": {"class_type": "SaveImage", "inputs": {"n": number}}}


def test_versions_count_and_the_last_one_is_meant(store):
    assert store.save("cats", WORKFLOW, NOTHING).version == 1
    assert store.save("cats", other(2), Declaration(title="Cats")).version == 2
    assert store.load("cats").declaration.title == "Cats"
    assert store.load("cats", 1).workflow == WORKFLOW
    assert (store.names(), store.versions("cats")) == (["cats"], [1, 2])


def test_the_same_app_saved_again_stays_the_version_that_it_is(store):
    first = store.save("cats", WORKFLOW, NOTHING)
    assert store.save("cats", WORKFLOW, NOTHING) == first


def test_several_at_once_get_versions_of_their_own(store):
    with ThreadPoolExecutor(8) as threads:
        saved = list(threads.map(lambda number: store.save("cats", other(number), NOTHING), range(20)))
    assert sorted(app.version for app in saved) == list(range(1, 21))


def test_removing_a_version_and_all_of_them(store, tmp_path):
    for number in range(3):
        store.save("cats", other(number), NOTHING)
    assert store.remove("cats", 2) == [2]
    assert store.remove("cats") == [1, 3]
    assert not (tmp_path / "apps" / "cats").exists()
    for version in (0, 2):
        with pytest.raises(UnknownNameError):
            store.remove("cats", version)


@pytest.mark.parametrize("name", ["", "..", "a/b", "Cats", "a b", "-a", "x" * 49, "con", "ä", "a.json"])
def test_names_that_no_app_has(store, name):
    with pytest.raises(DocumentError, match="cannot be an app's name"):
        store.save(name, WORKFLOW, NOTHING)
    with pytest.raises(UnknownNameError):
        store.load(name)


def test_files_that_somebody_broke_are_told_and_left_out_of_lists(store, tmp_path):
    store.save("cats", WORKFLOW, NOTHING)
    store.save("dogs", WORKFLOW, NOTHING)
    (tmp_path / "apps" / "cats" / "1.json").write_text("{")
    (tmp_path / "apps" / "dogs" / "notes.txt").write_text("mine")
    assert [app.name for app in store.all()] == ["dogs"]
    with pytest.raises(StorageError, match="'cats', version 1"):
        store.load("cats")


def test_the_address_counts_and_not_what_a_file_says_of_itself(store, tmp_path):
    store.save("cats", WORKFLOW, NOTHING)
    text = (tmp_path / "apps" / "cats" / "1.json").read_text().replace('"cats"', '"../../x"')
    (tmp_path / "apps" / "cats" / "1.json").write_text(text)
    assert isinstance(store.load("cats"), App)
    assert store.load("cats").name == "cats"


def test_a_version_that_is_not_there_names_those_that_are(store):
    store.save("cats", WORKFLOW, NOTHING)
    with pytest.raises(UnknownNameError, match="version of the app 'cats' named '9'"):
        store.load("cats", 9)
