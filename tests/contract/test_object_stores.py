"""What every store of objects does: one suite over a folder and S3's protocol, against a real server, with faults."""

import hashlib
import os
import urllib.error
import urllib.request

import pytest
from tests.objects.faults import faulty
from tests.objects.server import ObjectServer

from limner.graph.errors import StorageError
from limner.storage.object_digest import WHOLE
from limner.storage.object_stores import read_address

KEYS = {
    "s3": {"access_key_id": "key", "secret_access_key": "secret"},
    "cos": {"secret_id": "key", "secret_key": "secret"},
    "file": {},
}
KEY = "made/mine/2026-01-02/job 1/ü (1)+a@b=c.png"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = ObjectServer(tmp_path_factory.mktemp("objects"))
    yield server
    server.kill()


@pytest.fixture(params=sorted(KEYS))
def opened(request, server, tmp_path):
    """Opens a store of each scheme that can be tried here, with further options."""

    def opener(**options):
        if request.param == "file":
            url = f"{(tmp_path / 'kept').as_uri()}?"
            options = {name: value for name, value in options.items() if name in ("public_url", "sign")}
        else:
            url = f"{request.param}://{server.bucket}/made?"
            # This server takes no parameters that it does not know; COS's signature is tested by itself.
            signed = {"sign": "no"} if request.param == "cos" else {}
            options = {"region": "us-east-1", "endpoint": server.endpoint} | signed | options
        address = read_address(url + "&".join(f"{k}={v}" for k, v in options.items()), KEYS[request.param])
        return address.place, address.open()

    return opener


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"picture" * 100)
    return path


def key_in(place):
    """Every test has objects of its own; a folder's keys begin with the folder."""
    return place.key(f"{hashlib.sha1(os.urandom(8)).hexdigest()}/{KEY}")


def fetched(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read()


def test_a_file_that_was_brought_can_be_fetched_at_its_address(opened, picture):
    place, store = opened()
    key = key_in(place)
    stored = store.put(key, picture, "image/png")
    assert (stored.key, stored.size) == (key, 700)
    assert stored.etag == hashlib.md5(picture.read_bytes()).hexdigest()
    assert fetched(store.address(key)) == picture.read_bytes()


def test_the_same_file_twice_is_one_object(opened, picture):
    place, store = opened()
    key = key_in(place)
    assert store.put(key, picture, "image/png") == store.put(key, picture, "image/png")


def test_another_file_under_the_same_key_takes_its_place(opened, picture):
    place, store = opened()
    key = key_in(place)
    store.put(key, picture, "image/png")
    picture.write_bytes(b"other")
    store.put(key, picture, "image/png")
    assert fetched(store.address(key)) == b"other"


def test_an_empty_file_is_an_object(opened, picture):
    place, store = opened()
    picture.write_bytes(b"")
    key = key_in(place)
    assert store.put(key, picture, "image/png").size == 0
    assert fetched(store.address(key)) == b""


def test_a_large_file_comes_in_parts(opened, tmp_path):
    place, store = opened()
    path, key = tmp_path / "film.mp4", key_in(place)
    path.write_bytes(os.urandom(WHOLE + 1234))
    first = store.put(key, path, "video/mp4")
    assert store.put(key, path, "video/mp4") == first
    assert fetched(store.address(key)) == path.read_bytes()


def test_a_public_address_is_not_signed(opened, picture):
    place, store = opened(public_url="https://cdn.example.org/p", sign="no")
    key = key_in(place)
    store.put(key, picture, "image/png")
    address = store.address(key)
    assert address.startswith("https://cdn.example.org/p/")
    assert "?" not in address
    assert address.endswith("/job%201/%C3%BC%20%281%29%2Ba%40b%3Dc.png")


def test_a_missing_file_is_told_from_a_missing_bucket(opened, tmp_path):
    place, store = opened()
    with pytest.raises(FileNotFoundError):
        store.put(place.key("x"), tmp_path / "none.png", "image/png")


def test_a_missing_bucket_is_said(server, picture):
    url = f"s3://nobody/x?region=us-east-1&endpoint={server.endpoint}"
    store = read_address(url, KEYS["s3"]).open()
    with pytest.raises(StorageError, match="NoSuchBucket"):
        store.put("x/a.png", picture, "image/png")


def test_nobody_listening_is_said(picture):
    store = read_address("s3://b/x?region=us-east-1&endpoint=http://127.0.0.1:1", KEYS["s3"]).open()
    with pytest.raises(StorageError, match="s3://b cannot take"):
        store.put("x/a.png", picture, "image/png")


@pytest.mark.parametrize("fault", ["refuse", "half", "lose"])
def test_one_fault_is_got_over_and_leaves_one_whole_object(server, picture, fault):
    with faulty(server.port, [fault]) as proxy:
        url = f"s3://{server.bucket}/{fault}?region=us-east-1&endpoint={proxy.endpoint}&timeout=1"
        store = read_address(url, KEYS["s3"]).open()
        stored = store.put(f"{fault}/a.png", picture, "image/png")
        assert proxy.met[fault] == 1
        assert stored.size == 700
        assert proxy.stored[f"/{server.bucket}/{fault}/a.png"] == 1  # a second one would be a second version
    assert server.content(f"{fault}/a.png") == picture.read_bytes()


def test_a_large_file_comes_through_faults_in_its_parts(server, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(WHOLE + 4321))
    with faulty(server.port, ["refuse", "", "half", "lose", "refuse"]) as proxy:
        store = read_address(f"s3://{server.bucket}/f?region=us-east-1&endpoint={proxy.endpoint}", KEYS["s3"]).open()
        assert store.put("f/film.mp4", film, "video/mp4").size == WHOLE + 4321
        assert proxy.met["half"] == proxy.met["lose"] == 1
    assert server.content("f/film.mp4") == film.read_bytes()


def test_a_service_without_conditions_is_asked_first(server, picture):
    with faulty(server.port, conditions=False) as proxy:
        url = f"s3://{server.bucket}/old?region=us-east-1&endpoint={proxy.endpoint}"
        store = read_address(url, KEYS["s3"]).open()
        stored = [store.put("old/a.png", picture, "image/png") for _ in range(2)]
        assert stored[0] == stored[1]
        assert proxy.stored[f"/{server.bucket}/old/a.png"] == 1


def test_a_service_that_hangs_is_left_and_asked_again_later(server, picture):
    with faulty(server.port, ["hang"]) as proxy:
        url = f"s3://{server.bucket}/h?region=us-east-1&endpoint={proxy.endpoint}&timeout=0.5"
        store = read_address(url, KEYS["s3"]).open()
        with pytest.raises(StorageError, match="cannot take"):
            store.put("h/a.png", picture, "image/png")
        assert store.put("h/a.png", picture, "image/png").size == 700
    assert server.content("h/a.png") == picture.read_bytes()


def test_faults_without_end_are_told_in_words(server, picture):
    with faulty(server.port, ["refuse"] * 10) as proxy:
        store = read_address(f"s3://{server.bucket}/x?region=us-east-1&endpoint={proxy.endpoint}", KEYS["s3"]).open()
        with pytest.raises(StorageError, match="SlowDown") as told:
            store.put("x/never.png", picture, "image/png")
    assert "secret" not in str(told.value)
    assert len(str(told.value)) < 600
    assert not any(key.endswith("never.png") for key in server.names())


def test_what_arrived_damaged_is_not_taken_for_the_file(server, picture, monkeypatch):
    """A service that says another digest and has another size."""
    import obstore

    place = read_address(f"s3://{server.bucket}/d?region=us-east-1&endpoint={server.endpoint}", KEYS["s3"])
    store, sent = place.open(), obstore.put

    def damaged(where, key, body, **how):
        return sent(where, key, body[:-1], **how)

    monkeypatch.setattr(obstore, "put", damaged)
    with pytest.raises(StorageError, match="not what was sent"):
        store.put("d/a.png", picture, "image/png")
