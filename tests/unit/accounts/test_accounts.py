"""Users and keys in their file: made, looked up, taken back by another program, limited."""

import sqlite3
import stat
import threading
import time

import pytest

from limner.accounts import accounts as module
from limner.accounts.accounts import Accounts
from limner.accounts.key_text import KeyText, new_key
from limner.accounts.records import USUAL, Quota, Scope
from limner.graph.errors import DocumentError, StorageError, UnknownNameError


@pytest.fixture
def opened(tmp_path):
    """Opens the accounts of one folder, as often as a test wants."""
    known = []

    def again():
        known.append(Accounts(tmp_path / "accounts.sqlite"))
        return known[-1]

    yield again
    for accounts in known:
        accounts.close()


def test_a_key_opens_and_another_one_does_not(opened):
    accounts = opened()
    key = accounts.create("anna", note="for the page")
    grant = accounts.authenticate(str(key))
    assert (grant.user, grant.key, grant.scopes) == ("anna", key.id, USUAL)
    assert accounts.authenticate(str(KeyText(key.id, new_key().secret))) is None
    assert accounts.authenticate(str(new_key())) is None
    assert accounts.authenticate("Bearer nonsense") is None
    assert opened().authenticate(str(key)) == grant


def test_scopes_bring_others_along(opened):
    accounts = opened()
    admin = accounts.authenticate(str(accounts.create("root", frozenset({Scope.ADMIN}))))
    reader = accounts.authenticate(str(accounts.create("eye", frozenset({Scope.READ_ALL}))))
    assert admin.scopes == frozenset(Scope)
    assert reader.scopes == {Scope.READ_ALL, Scope.READ_OWN}


def test_the_file_holds_no_secret_and_is_for_its_owner_only(opened, tmp_path):
    key = opened().create("anna")
    files = list(tmp_path.iterdir())
    assert all(key.secret.encode() not in file.read_bytes() for file in files)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


def test_a_key_that_another_program_takes_back_is_refused_at_once(opened):
    server, command = opened(), opened()
    key = command.create("anna")
    assert server.authenticate(str(key)) is not None
    assert server.holds(key.id)
    assert command.holds(key.id)
    assert command.revoke(key.id)
    assert not server.holds(key.id)
    assert not server.holds("0123456789")
    assert server.authenticate(str(key)) is None
    assert not command.revoke(key.id)
    assert not command.revoke("0123456789")
    assert [entry.revoked > 0 for entry in server.all_keys()] == [True]


def test_a_key_is_taken_back_by_its_text_too(opened):
    accounts = opened()
    key = accounts.create("anna")
    assert accounts.revoke(str(key))
    assert accounts.authenticate(str(key)) is None


def test_keys_end(opened):
    accounts = opened()
    soon = time.time_ns() // 1_000_000 + 150
    key = accounts.create("anna", expires=soon)
    assert accounts.authenticate(str(key)) is not None
    assert accounts.has_good_key()
    while time.time_ns() // 1_000_000 <= soon:
        threading.Event().wait(0.02)
    assert accounts.authenticate(str(key)) is None
    assert not accounts.has_good_key()


def test_use_is_noted_once_a_while(opened, monkeypatch):
    accounts = opened()
    key = accounts.create("anna")
    for _ in range(50):
        accounts.authenticate(str(key))
    accounts._notes.submit(lambda: None).result()
    first = accounts.all_keys()[0].used
    assert time.time_ns() // 1_000_000 - first < 60_000
    monkeypatch.setattr(module, "USED_EVERY", 0)
    while accounts.all_keys()[0].used == first:
        accounts.authenticate(str(key))
        accounts._notes.submit(lambda: None).result()


def test_looking_a_key_up_takes_microseconds(opened):
    accounts = opened()
    text = str(accounts.create("anna"))
    accounts.authenticate(text)
    accounts._notes.submit(lambda: None).result()
    began = time.perf_counter()
    for _ in range(1000):
        accounts.authenticate(text)
    assert time.perf_counter() - began < 0.5


def test_many_threads_ask_and_make_at_once(opened):
    accounts, made, failures = opened(), [], []

    def work(number):
        try:
            key = accounts.create(f"user{number}")
            made.append(accounts.authenticate(str(key)).user)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert sorted(made) == sorted(f"user{number}" for number in range(20))


@pytest.mark.parametrize("name", ["", "Anna", "a/b", "../x", "-a", "con", "com1", "é", "a" * 65, "__system"])
def test_names_that_no_user_has(opened, name):
    with pytest.raises(DocumentError, match="cannot be a user's name"):
        opened().create(name)


def test_limits_are_kept(opened):
    accounts, other = opened(), opened()
    accounts.create("anna")
    assert accounts.user("anna").quota == Quota()
    other.limit("anna", Quota(jobs=3, storage=1000))
    assert accounts.user("anna").quota == Quota(jobs=3, storage=1000)
    assert [user.name for user in accounts.all_users()] == ["anna"]
    assert accounts.user("ben") is None
    with pytest.raises(UnknownNameError, match="Create a key"):
        accounts.limit("ben", Quota())


def test_secrets_stay_the_same(opened):
    first = opened().secret("addresses")
    assert len(first) == 32
    assert opened().secret("addresses") == first != opened().secret("another")


def test_other_files_are_refused(tmp_path):
    with sqlite3.connect(tmp_path / "foreign") as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    (tmp_path / "damaged").write_bytes(b"no database at all" * 100)
    (tmp_path / "folder").mkdir()
    for name in ("foreign", "damaged", "folder"):
        with pytest.raises(StorageError):
            Accounts(tmp_path / name)
