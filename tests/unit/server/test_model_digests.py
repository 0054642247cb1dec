"""Digests of the model files that are used."""

import hashlib
import json
import struct
import time

import pytest

from limner.hub.records import Records
from limner.server import model_digests
from limner.server.model_digests import ModelDigests


@pytest.fixture
def digests(tmp_path):
    digests = ModelDigests(tmp_path / "data")
    yield digests
    digests.close()


def tensor_file(path, tensors, **metadata):
    header = json.dumps({"__metadata__": metadata}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + tensors)
    return path


def until(ask):
    deadline = time.monotonic() + 20
    while (found := ask()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return found


def test_small_files_are_read_at_once_and_remembered(tmp_path, digests):
    path = tmp_path / "small.ckpt"
    path.write_bytes(b"weights")
    expected = hashlib.sha256(b"weights").hexdigest()
    assert digests.sha256(path) == expected
    assert Records(tmp_path / "data").digests_of(path).sha256 == expected
    path.write_bytes(b"other weights")
    assert digests.sha256(path) == hashlib.sha256(b"other weights").hexdigest()


def test_large_files_are_read_in_the_background(tmp_path, digests, monkeypatch):
    monkeypatch.setattr(model_digests, "SMALL", 3)
    path = tmp_path / "large.ckpt"
    path.write_bytes(b"weights")
    assert digests.sha256(path, wanted=False) is None
    assert until(lambda: digests.sha256(path)) == hashlib.sha256(b"weights").hexdigest()


def test_what_a_header_says_does_not_count(tmp_path, digests, monkeypatch):
    one = tensor_file(tmp_path / "one.safetensors", b"1234", name="one")
    two = tensor_file(tmp_path / "two.safetensors", b"1234", name="another")
    expected = hashlib.sha256(b"1234").hexdigest()
    assert digests.tensors(one) == digests.tensors(two) == expected
    old = tmp_path / "old.pt"
    old.write_bytes(b"pickled")
    assert digests.tensors(old) == hashlib.sha256(b"pickled").hexdigest()
    monkeypatch.setattr(model_digests, "SMALL", 3)
    third = tensor_file(tmp_path / "three.safetensors", b"1234", name="third")
    assert until(lambda: digests.tensors(third)) == expected


def test_files_that_are_not_there_have_none(tmp_path, digests):
    assert digests.sha256(tmp_path / "none") is None
    assert digests.tensors(tmp_path / "none") is None


def test_nothing_is_read_after_the_end(tmp_path, digests, monkeypatch):
    monkeypatch.setattr(model_digests, "SMALL", 3)
    path = tmp_path / "large.ckpt"
    path.write_bytes(b"weights")
    digests.close()
    assert digests.sha256(path) is None
    assert digests.tensors(path) is None
