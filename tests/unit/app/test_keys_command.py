"""``limner keys`` as a person uses it."""

import json
import time

import pytest

from limner.accounts.accounts import FILE, Accounts
from limner.accounts.records import Quota, Scope
from limner.app.command import main
from limner.app.key_options import read_moment, read_quota, read_scopes
from limner.graph.errors import SettingsError


@pytest.fixture
def keys(tmp_path, capsys):
    """Runs the command; gives the status and what it printed."""

    def run(action, *options):
        status = main(["keys", action, "--data", str(tmp_path), *options])
        return status, capsys.readouterr()

    return run


def test_a_key_from_its_making_to_its_end(keys, tmp_path):
    status, said = keys("create", "--user", "anna", "--note", "laptop", "--jobs", "2", "--storage", "1G")
    text = said.out.strip()
    assert (status, text[:3]) == (0, "lk_")
    assert "only time" in said.err
    server = Accounts(tmp_path / FILE)
    assert server.authenticate(text).user == "anna"
    assert server.user("anna").quota == Quota(jobs=2, storage=1 << 30)
    listed = keys("list")[1].out
    assert "laptop" in listed
    assert "0 jobs (of 2), 0 today, 0 s of the device today, 0 bytes of files (of 1G)" in listed
    assert text not in listed
    assert keys("revoke", text[3:13])[0] == 0
    assert server.authenticate(text) is None
    status, said = keys("revoke", text[3:13])
    assert status == 1
    assert "no key that is good" in said.err
    server.close()


def test_an_empty_list_says_where_it_looked(keys, tmp_path):
    status, said = keys("list")
    assert (status, said.out) == (0, "")
    assert str(tmp_path) in said.err


def test_for_programs(keys):
    made = json.loads(keys("create", "--user", "bot", "--scopes", "admin", "--expires", "30d", "--json")[1].out)
    assert made["scopes"] == ["admin"]
    assert 29 * 86400 < made["expires"] / 1000 - time.time() <= 30 * 86400
    told = json.loads(keys("list", "--json")[1].out)
    assert [(key["id"], key["state"], key["scopes"]) for key in told["keys"]] == [(made["id"], "good", ["admin"])]
    assert told["users"][0]["taken"] == {"jobs": 0, "jobs_today": 0, "seconds_today": 0.0, "storage": 0}


def test_limits_of_a_user_change(keys, tmp_path):
    keys("create", "--user", "anna", "--jobs", "2")
    status, said = keys("limit", "--user", "anna", "--jobs", "none", "--seconds-per-day", "90.5")
    assert (status, "0 s of the device today (of 90.5)" in said.out) == (0, True)
    accounts = Accounts(tmp_path / FILE)
    assert accounts.user("anna").quota == Quota(seconds_per_day=90.5)
    accounts.close()
    status, said = keys("limit", "--user", "ben", "--jobs", "1")
    assert status == 1
    assert "no user named 'ben'" in said.err


@pytest.mark.parametrize(
    "option", [("--scopes", "root"), ("--expires", "yesterday"), ("--jobs", "-1"), ("--storage", "big")]
)
def test_what_cannot_be_meant_is_told(keys, option):
    status, said = keys("create", "--user", "anna", *option)
    assert status == 1
    assert option[0] in said.err


def test_scopes_moments_and_limits():
    assert read_scopes("submit, read_own") == {Scope.SUBMIT, Scope.READ_OWN}
    assert read_moment(None) == 0
    assert read_moment("2999-01-31") == 32474736000000
    assert read_quota(Quota(jobs=1), {"jobs_per_day": "5"}) == Quota(jobs=1, jobs_per_day=5)
    for text in ("2001-01-01", "0h", "soon", ""):
        with pytest.raises(SettingsError, match="--expires"):
            read_moment(text)
