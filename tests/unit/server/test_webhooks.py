"""Webhooks: secrets, signatures, what is told, whom nobody tells."""

import base64
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.resolver import DefaultResolver
from standardwebhooks.webhooks import Webhook
from tests.objects.receiver import Receiver, receiving

from limner.engine.events import Failure, NodePlace
from limner.graph.errors import GraphError, SettingsError
from limner.jobs.courier import ErrandError
from limner.jobs.outbox import ErrandState, KeptErrand
from limner.jobs.records import Errand, Job, JobState, Submission
from limner.server.delivery_plan import DeliveryPlan
from limner.server.errands.webhook import PAUSES, Webhooks
from limner.server.service import ServerSettings, Service
from limner.server.webhook_secret import kept_secret, read_secret, secret_of, signature
from limner.storage.folders import Folders

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OUTPUTS = {"2": {"images": [{"filename": "a b.png", "subfolder": "x", "type": "output"}]}}


class OneJob:
    """An Outbox with the errands of one job."""

    def __init__(self, *errands: KeptErrand) -> None:
        self._errands = list(errands)

    def of_job(self, job: str) -> list[KeptErrand]:
        return self._errands


def ended(state: JobState = JobState.SUCCEEDED, owner: str = "default", **more: Any) -> Job:
    submission = Submission(id="job", document={}, targets=(), owner=owner, created=1_700_000_000_000)
    return Job(submission=submission, state=state, started=1_700_000_001_000, ended=1_700_000_002_500, **more)


def kept(url: str, job: Job | None = None, *, secrets: dict[str, str] | None = None, **body: Any) -> KeptErrand:
    job = job or ended(outputs=OUTPUTS)
    errand = Errand(kind="webhook", body={"url": url, **body}, secrets=secrets or {}, stage=1)
    return KeptErrand(
        id=7, job="job", owner=job.submission.owner, errand=errand, state=ErrandState.DUE, record=job, due=1
    )


@pytest.fixture
def webhooks(tmp_path) -> Callable[..., Webhooks]:
    folders = Folders.under(tmp_path)
    folders.create()
    (folders.output / "x").mkdir()
    (folders.output / "x" / "a b.png").write_bytes(b"picture")

    def make(*others: KeptErrand, private: bool = True) -> Webhooks:
        settings = ServerSettings(public_url="https://pictures.example.org")
        service = Service(dispatcher=None, folders=folders, lists=None, settings=settings)
        plan = DeliveryPlan(outbox=OneJob(*others), secret=SECRET, private=private)
        return Webhooks(service, plan)

    return make


def test_signatures_are_those_of_the_reference_library():
    now = int(time.time())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now)}
    headers["webhook-signature"] = signature(SECRET, "msg_1", now, b'{"a": 1}')
    assert Webhook(SECRET).verify(b'{"a": 1}', headers) == {"a": 1}


def test_the_servers_secret_is_made_once_and_kept(tmp_path):
    file = tmp_path / "webhook.secret"
    made = kept_secret("", file)
    assert kept_secret("", file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(read_secret(made)) == 32
    assert kept_secret(SECRET, file) == SECRET


@pytest.mark.parametrize(
    "text", ["whsec_", "whsec_short", "whsec_???", "whsec_" + base64.b64encode(b"x" * 65).decode()]
)
def test_what_is_no_secret_is_refused(text, tmp_path):
    with pytest.raises(SettingsError, match="24 to 64 random bytes"):
        kept_secret(text, tmp_path / "webhook.secret")


def test_everybody_has_a_secret_of_their_own():
    assert secret_of("default", SECRET) == SECRET
    mine, yours = secret_of("me", SECRET), secret_of("you", SECRET)
    assert len({mine, yours, SECRET}) == 3
    assert secret_of("me", SECRET) == mine
    assert len(read_secret(mine)) == 32


def test_a_message_tells_how_a_job_ended(webhooks):
    upload = KeptErrand(
        id=6,
        job="job",
        owner="default",
        errand=Errand(kind="upload"),
        state=ErrandState.DONE,
        result=[{"key": "made/a b.png", "url": "https://cdn.example.org/a%20b.png"}],
    )
    with receiving() as receiver:
        assert webhooks(upload).carry(kept(receiver.url)) == {"status": 204}
    (message,) = receiver.got
    told = Webhook(SECRET).verify(message.body, message.headers)
    assert (told["type"], told["timestamp"]) == ("job.succeeded", "2023-11-14T22:13:22.500Z")
    data = told["data"]
    assert (data["id"], data["status"], data["dialect"], data["error"]) == ("job", "succeeded", "comfy", None)
    assert data["outputs"] == [
        {
            "node": "2",
            "filename": "a b.png",
            "subfolder": "x",
            "type": "output",
            "media_type": "image/png",
            "url": "https://pictures.example.org/view?filename=a+b.png&subfolder=x&type=output",
        }
    ]
    assert data["uploads"] == upload.result
    assert message.headers["content-type"] == "application/json"
    assert message.headers["webhook-id"] == "msg_7_1700000002500"


@pytest.mark.parametrize(("state", "kind"), [(JobState.FAILED, "job.failed"), (JobState.INTERRUPTED, "job.canceled")])
def test_other_ends_are_told_with_their_reason(webhooks, state, kind):
    failure = None
    if state is JobState.FAILED:
        failure = Failure(place=NodePlace.of("3"), node_type="KSampler", error_type="ValueError", message="boom")
    refused = KeptErrand(
        id=6,
        job="job",
        owner="default",
        errand=Errand(kind="upload"),
        state=ErrandState.GIVEN_UP,
        reason="the bucket is gone",
    )
    with receiving() as receiver:
        webhooks(refused).carry(kept(receiver.url, ended(state, failure=failure)))
    told = receiver.got[0].document
    assert told["type"] == kind
    assert told["data"]["upload_errors"] == ["the bucket is gone"]
    error = told["data"]["error"]
    assert error == (
        {"type": "ValueError", "message": "boom", "node": "3", "node_type": "KSampler"} if failure else None
    )


def test_a_request_may_bring_its_own_secret(webhooks):
    own = "whsec_" + base64.b64encode(b"own" * 10).decode()
    with receiving() as receiver:
        errand = kept(receiver.url, secrets={"secret": own}, signed="by request")
        webhooks().carry(errand)
        wiped = kept(receiver.url, signed="by request")
        with pytest.raises(ErrandError, match="wiped") as told:
            webhooks().carry(wiped)
    assert told.value.final
    (message,) = receiver.got
    assert Webhook(own).verify(message.body, message.headers)["type"] == "job.succeeded"


@pytest.mark.parametrize(("status", "final"), [(500, False), (404, False), (302, False), (410, True)])
def test_answers_that_are_no_yes(webhooks, status, final):
    elsewhere = "http://127.0.0.1:1/elsewhere"
    refused = pytest.raises(ErrandError, match=f"status {status}")
    with receiving(status, Location=elsewhere) as receiver, refused as told:
        webhooks().carry(kept(receiver.url))
    assert told.value.final is final


def test_a_receiver_may_ask_for_time(webhooks):
    with receiving(429, Retry_After="120") as receiver, pytest.raises(ErrandError) as told:
        webhooks().carry(kept(receiver.url))
    assert told.value.after == 120


def test_reasons_do_not_repeat_what_may_be_a_key(webhooks):
    with receiving(500) as receiver, pytest.raises(ErrandError) as told:
        webhooks().carry(kept(f"{receiver.url}?token=hidden"))
    assert "hidden" not in str(told.value)


def test_nobody_listening_is_worth_another_try(webhooks):
    with pytest.raises(ErrandError, match="could not be told") as told:
        webhooks().carry(kept(Receiver().url))
    assert not told.value.final


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "10.1.2.3", "[::ffff:127.0.0.1]"])
def test_addresses_of_this_network_are_not_told(webhooks, host):
    with pytest.raises(ErrandError, match="own network") as told:
        webhooks(private=False).carry(kept(f"http://{host}:1/hook"))
    assert told.value.final


def test_names_that_lead_into_this_network_are_not_told(webhooks, monkeypatch):
    async def inward(self: Any, host: str, port: int = 0, family: int = 0) -> list[Any]:
        entry = {"hostname": host, "host": "127.0.0.1", "port": port}
        return [entry | {"family": socket.AF_INET, "proto": 0, "flags": 0}]

    monkeypatch.setattr(DefaultResolver, "resolve", inward)
    with receiving() as receiver, pytest.raises(ErrandError, match="own network") as told:
        webhooks(private=False).carry(kept(f"http://innocent.example.org:{receiver.port}/hook"))
    assert told.value.final
    assert receiver.got == []


def test_what_the_settings_name_is_told_wherever_it_is(webhooks):
    with receiving() as receiver:
        webhooks(private=False).carry(kept(receiver.url, own=True))
    assert len(receiver.got) == 1


def test_tries_go_on_for_days():
    assert PAUSES[0] == 5
    assert sum(PAUSES) > 3 * 86_400
    assert list(PAUSES) == sorted(PAUSES)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("example.org/hook", "no address on the web"),
        ("ftp://example.org/hook", "no address on the web"),
        ("", "no address on the web"),
        ("http://127.0.0.1/hook", "nobody is told there"),
        ("https://[::1]/hook", "nobody is told there"),
        ({"url": "https://example.org", "secret": "abc"}, "24 to 64 random bytes"),
        ({"secret": SECRET}, "no address on the web"),
        ("https://" + "x" * 3000, "at most 2000 characters"),
        ("http://[::1", "cannot be used"),
    ],
)
def test_webhooks_that_requests_cannot_have_are_explained(asked, reason):
    with pytest.raises(GraphError) as told:
        DeliveryPlan(outbox=OneJob(), secret=SECRET).webhook(asked)
    assert reason in str(told.value)
    assert "--allow-private-sources" not in str(told.value)
