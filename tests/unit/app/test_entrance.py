"""When keys are asked for, and when a server refuses to start."""

import pytest

from limner.accounts.accounts import FILE, Accounts
from limner.app.entrance import hosts_of, keys_line, open_entrance, wants_accounts
from limner.app.settings import Settings
from limner.graph.errors import SettingsError
from limner.storage.folders import Folders

FAR = ["0.0.0.0", "0.0.0.0,::", "127.0.0.1,192.168.1.2", "example.org"]


@pytest.fixture
def folders(tmp_path):
    return Folders.under(tmp_path)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.1, ::1"])
def test_loopback_asks_for_no_key(host, folders):
    assert open_entrance(Settings(host=host), folders) is None
    assert not (folders.data / FILE).exists()


@pytest.mark.parametrize("host", FAR)
def test_other_addresses_need_a_key_that_somebody_has(host, folders):
    with pytest.raises(SettingsError, match=r"limner keys create --user NAME"):
        open_entrance(Settings(host=host), folders)
    accounts = Accounts(folders.data / FILE)
    key = accounts.create("anna")
    opened = open_entrance(Settings(host=host), folders)
    assert opened.authenticate(str(key)).user == "anna"
    opened.close()
    accounts.revoke(key.id)
    accounts.close()
    with pytest.raises(SettingsError, match="nobody has a key"):
        open_entrance(Settings(host=host), folders)


@pytest.mark.parametrize("host", FAR)
def test_going_without_is_said_twice(host):
    assert not wants_accounts(Settings(host=host, allow_remote=True))
    assert not wants_accounts(Settings(host=host, allow_remote=True, accounts="off"))
    assert wants_accounts(Settings(host=host, allow_remote=True, accounts="on"))
    with pytest.raises(SettingsError, match="--allow-remote"):
        wants_accounts(Settings(host=host, accounts="off"))


def test_accounts_on_loopback_may_begin_without_a_key(folders):
    settings = Settings(accounts="on")
    opened = open_entrance(settings, folders)
    assert "there is none yet" in keys_line(opened, settings)
    opened.create("anna")
    assert keys_line(opened, settings) == "  keys are asked for"
    opened.close()


def test_an_open_server_says_so():
    assert "whoever reaches this" in keys_line(None, Settings(host="0.0.0.0", allow_remote=True))
    assert keys_line(None, Settings()) == ""


def test_several_addresses():
    assert hosts_of(Settings(host="127.0.0.1, ::1,")) == ["127.0.0.1", "::1"]
