"""Addresses that open one file for some time."""

import time

import pytest

from limner.accounts.signing import Signer

FILE = {"filename": "a b.png", "subfolder": "s", "type": "output"}


@pytest.fixture
def signer():
    return Signer(b"s" * 32)


def test_what_was_signed_opens(signer):
    signed = FILE | signer.signed(FILE, "anna")
    assert signer.owner_of(signed) == "anna"
    assert signer.owner_of({**signed, "preview": "webp;90"}) == "anna"
    assert 86390 < int(signed["expires"]) - time.time() < 86401


@pytest.mark.parametrize(
    "change",
    [
        {"filename": "b.png"},
        {"subfolder": ""},
        {"type": "input"},
        {"owner": "ben"},
        {"owner": ""},
        {"expires": "99999999999"},
        {"expires": "9" * 400},
        {"expires": "x"},
        {"signature": ""},
        {"signature": "é"},
    ],
)
def test_what_was_changed_does_not(signer, change):
    assert signer.owner_of(FILE | signer.signed(FILE, "anna") | change) is None


def test_parts_do_not_run_into_each_other(signer):
    signed = signer.signed({"filename": "ab", "subfolder": "c"}, "anna")
    assert signer.owner_of({"filename": "a", "subfolder": "bc"} | signed) is None


def test_an_old_one_does_not_open(signer):
    assert signer.owner_of(FILE | signer.signed(FILE, "anna", seconds=-1)) is None


def test_another_server_signs_otherwise(signer):
    assert Signer(b"t" * 32).owner_of(FILE | signer.signed(FILE, "anna")) is None
