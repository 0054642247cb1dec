"""Uploads and webhooks of a whole server: what they lead to is killed, down or faulty, and nothing is lost."""

import itertools
import random
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from tests.e2e.conftest import LiveServer
from tests.objects.faults import FAULTS, faulty
from tests.objects.receiver import Receiver, receiving
from tests.objects.server import ObjectServer

from limner.app.command import main

SECRET = "whsec_" + "TGltbmVyIHRlbGxzIGhvdyBqb2JzIGVuZA=="
QUICK = "0.05"
"""Factor of the pauses between tries: seconds become twentieths."""

colors = itertools.count(1)


@contextmanager
def serving(data: Path, monkeypatch: Any, *options: str, pace: str = QUICK) -> Iterator[LiveServer]:
    environment = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "LIMNER_WEBHOOK_SECRET": SECRET,
        "LIMNER_DELIVERY_PACE": pace,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    server = LiveServer(data, *options)
    try:
        yield server
    finally:
        server.close()


def picture() -> dict[str, Any]:
    """A workflow whose picture is like no other."""
    size = {"width": 32, "height": 32, "batch_size": 1, "color": next(colors)}
    return {
        "1": {"class_type": "EmptyImage", "inputs": size},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "picture"}},
    }


def deliveries(server: LiveServer, **query: str) -> list[dict[str, Any]]:
    return server.call(f"/deliveries?{urllib.parse.urlencode({'limit': '1000', **query})}")["deliveries"]


def all_done(server: LiveServer, count: int, seconds: float = 60.0) -> list[dict[str, Any]]:
    """The deliveries once so many are done."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        known = deliveries(server)
        if len(known) == count and all(entry["state"] == "done" for entry in known):
            return known
        time.sleep(0.05)
    raise TimeoutError([entry for entry in deliveries(server) if entry["state"] != "done"][:5])


def fetched(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


def check_objects(server: LiveServer, objects: ObjectServer, jobs: list[str], uploads: list[dict[str, Any]]) -> None:
    """Every job's picture is one object, whole, and its address opens."""
    assert sorted(entry["job"] for entry in uploads) == sorted(jobs)
    files = [file for entry in uploads for file in entry["result"]]
    assert sorted(file["key"] for file in files) == objects.names()
    assert len(set(objects.names())) == len(jobs)
    for file in files:
        saved = (server.data / "output" / file["filename"]).read_bytes()
        assert objects.content(file["key"]) == saved
    with ThreadPoolExecutor(4) as pool:
        contents = list(pool.map(fetched, [file["url"] for file in files]))
    assert [len(content) for content in contents] == [file["size"] for file in files]
    assert len(set(contents)) == len(jobs)  # none stands for another


def store_killed(tmp_path: Path, monkeypatch: Any, count: int) -> None:
    """The store is killed in the middle of many jobs, Limner too, and both come back."""
    objects = ObjectServer(tmp_path / "objects")
    faults = random.Random(7).choices(["", *FAULTS], [8, 1, 0.2, 1, 1], k=count)
    try:
        with faulty(objects.port, faults) as proxy:
            store = f"s3://{objects.bucket}/made?region=us-east-1&endpoint={proxy.endpoint}&timeout=2"
            options = ("--store", store, "--concurrency", "2")
            with serving(tmp_path / "data", monkeypatch, *options) as server:
                jobs = [server.submit(picture()) for _ in range(count // 2)]
                objects.kill()
                jobs += [server.submit(picture()) for _ in range(count - len(jobs))]
                server.wait(jobs[-1])
                waiting = [entry for entry in deliveries(server) if entry["state"] != "done"]
                server.kill()
            assert waiting
            with serving(tmp_path / "data", monkeypatch, *options) as server:
                objects.start()
                check_objects(server, objects, jobs, all_done(server, count, seconds=300))
    finally:
        objects.kill()


def test_a_store_that_is_killed_has_every_object_once_when_it_is_back(tmp_path, monkeypatch):
    store_killed(tmp_path, monkeypatch, 10)


@pytest.mark.slow
def test_200_jobs_and_a_store_that_is_killed(tmp_path, monkeypatch):
    store_killed(tmp_path, monkeypatch, 200)


def receiver_down(tmp_path: Path, monkeypatch: Any, *, count: int, seconds: float, pace: str) -> None:
    """Nobody listens for a while; after that every event is told, once, and signed."""
    receiver = Receiver(500, 503)
    options = ("--webhook", receiver.url, "--public-url", "https://pictures.example.org")
    with serving(tmp_path / "data", monkeypatch, *options, pace=pace) as server:
        jobs = [server.submit(picture()) for _ in range(count)]
        down = time.monotonic()
        server.wait(jobs[-1])
        while time.monotonic() - down < seconds or any(not entry["attempts"] for entry in deliveries(server)):
            time.sleep(0.05)
        receiver.up()
        try:
            all_done(server, count, seconds=240)
        finally:
            receiver.down()
    assert sorted(message.job for message in receiver.got) == sorted(jobs)
    assert len(receiver.refused) == 2
    for message in (*receiver.got, *receiver.refused):
        told = Webhook(SECRET).verify(message.body, message.headers)
        assert told["type"] == "job.succeeded"
        assert told["data"]["outputs"][0]["url"].startswith("https://pictures.example.org/view?filename=picture_")
    identifiers = [message.headers["webhook-id"] for message in receiver.got]
    assert len(set(identifiers)) == count
    assert {message.headers["webhook-id"] for message in receiver.refused} <= set(identifiers)


def test_a_receiver_that_was_down_hears_of_every_job(tmp_path, monkeypatch):
    receiver_down(tmp_path, monkeypatch, count=10, seconds=1.0, pace=QUICK)


@pytest.mark.slow
def test_a_receiver_that_was_down_for_a_minute_hears_of_every_job(tmp_path, monkeypatch):
    receiver_down(tmp_path, monkeypatch, count=50, seconds=60.0, pace="1")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[LiveServer]:
    """A server whose requests may bring stores and be told in its own network."""
    data = tmp_path_factory.mktemp("served") / "data"
    options = ("--allow-request-stores", "--allow-private-webhooks")
    with pytest.MonkeyPatch.context() as patch, serving(data, patch, *options) as running:
        yield running


def done(server: LiveServer, job: str, count: int, seconds: float = 30.0) -> dict[str, dict[str, Any]]:
    """The deliveries of a job by kind, once all are done."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        known = deliveries(server, job=job)
        if len(known) == count and all(entry["state"] == "done" for entry in known):
            return {entry["kind"]: entry for entry in known}
        time.sleep(0.02)
    raise TimeoutError(deliveries(server, job=job))


def test_a_prompt_says_who_is_told_and_where_its_files_go(server, tmp_path):
    """A webhook comes after the upload and has its addresses; keys are nowhere to be seen."""
    objects = ObjectServer(tmp_path / "objects")
    own = "whsec_" + "YSBzZWNyZXQgb2YgdGhlIHJlcXVlc3QncyBvd24="
    query = f"region=us-east-1&endpoint={objects.endpoint}&name={{job}}/{{stem}}{{suffix}}"
    store = {
        "url": f"s3://{objects.bucket}/asked?{query}",
        "access_key_id": "somebody",
        "secret_access_key": "hidden-from-all",
    }
    try:
        with receiving() as receiver:
            extra = {"store": store, "webhook": {"url": receiver.url, "secret": own}}
            job = server.submit(picture(), extra_data=extra)
            known = done(server, job, 2)
            files, names = known["upload"]["result"], objects.names()
    finally:
        objects.kill()
    (message,) = receiver.got
    told = Webhook(own).verify(message.body, message.headers)
    assert told["data"]["uploads"] == files
    assert names == [f"asked/{job}/{files[0]['filename']}"]
    shown = f"{server.call(f'/history/{job}')} {server.call(f'/api/jobs/{job}')} {known}".encode()
    saved = (server.data / "output" / files[0]["filename"]).read_bytes()
    for hidden in (b"hidden-from-all", own.encode()):
        assert not any(hidden in content for content in (shown, saved))


def test_a_failed_job_is_told_and_told_again_when_asked(server):
    (server.data / "input" / "broken.png").write_bytes(b"no picture")
    failing = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "broken.png"}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    with receiving() as receiver:
        job = server.submit(failing, extra_data={"webhook": receiver.url})
        number = done(server, job, 1)["webhook"]["id"]
        assert server.call(f"/deliveries/{number}/retry", {})["state"] in ("due", "done")
        deadline = time.monotonic() + 20
        while len(receiver.got) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
    first, again = receiver.got
    assert first.document == again.document
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert Webhook(SECRET).verify(first.body, first.headers) == first.document
    data = first.document["data"]
    assert (first.document["type"], data["id"], data["status"]) == ("job.failed", job, "failed")
    assert data["error"]["node"] == "1"
    assert "broken.png" in data["error"]["message"]


def test_the_command_line_lists_and_retries(server, capsys):
    with receiving() as receiver:
        job = server.submit(picture(), extra_data={"webhook": receiver.url})
        number = done(server, job, 1)["webhook"]["id"]
        assert main(["deliveries", "list", "--server", server.url, "--job", job]) == 0
        assert f"{number}  done      webhook  {receiver.url}  job {job}" in capsys.readouterr().out
        assert main(["deliveries", "retry", "--server", server.url, str(number)]) == 0
        assert main(["deliveries", "secret", "--server", server.url]) == 0
        assert SECRET in capsys.readouterr().out
        assert main(["deliveries", "retry", "--server", server.url, "999999"]) != 0
        assert "no delivery '999999'" in capsys.readouterr().err
