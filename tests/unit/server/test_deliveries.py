"""What follows jobs, at the doors: what may be asked for, where it stands, having it done again."""

import asyncio
import base64
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from tests.objects.receiver import Receiver, receiving

from limner.accounts.accounts import FILE, Accounts
from limner.accounts.records import USUAL, Scope
from limner.jobs.outbox import ErrandState, Outbox
from limner.jobs.records import Errand
from limner.server.deliveries import DELIVERIES
from limner.server.delivery_plan import UPLOAD, WEBHOOK, DeliveryPlan
from limner.server.webhook_secret import secret_of
from limner.storage.object_stores import ObjectStores, read_address

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
PACE = 0.001


@pytest.fixture
def planned(tmp_path) -> Callable[..., Callable[[Outbox], DeliveryPlan]]:
    """How servers of these tests deliver: into folders."""

    def plan(*names: str, **more: Any) -> Callable[[Outbox], DeliveryPlan]:
        stores = {name: read_address(f"{(tmp_path / 'stores' / (name or 'own')).as_uri()}?name={{job}}-{{filename}}")
                  for name in names}  # fmt: skip
        return lambda outbox: DeliveryPlan(
            outbox=outbox, stores=ObjectStores(stores), secret=SECRET, private=True, pace=PACE, **more
        )

    return plan


@dataclass
class Delivering:
    """A server that delivers, and the calls that tests make."""

    serving: Any
    key: str = ""

    async def submit(self, document: Any, **extra: Any) -> str:
        return (await self.ask("POST", "/prompt", json={"prompt": document, "extra_data": extra}))["prompt_id"]

    async def get(self, path: str, status: int = 200) -> Any:
        return await self.ask("GET", path, status)

    async def retry(self, number: Any, status: int = 200) -> Any:
        return await self.ask("POST", f"/deliveries/{number}/retry", status)

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        async with self.serving.client.request(method, path, headers=headers, **more) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def settled(self, job: str, count: int = 1) -> list[dict[str, Any]]:
        async with asyncio.timeout(20):
            while True:
                known = (await self.get(f"/deliveries?job={job}"))["deliveries"]
                if len(known) == count and all(entry["state"] in ("done", "given_up") for entry in known):
                    return known
                await asyncio.sleep(0.005)


@pytest.fixture
def picture(document):
    return document("EmptyImage", "SaveImage")


async def test_a_default_store_has_the_files_of_every_job(start, planned, picture, tmp_path):
    delivering = Delivering(await start(deliveries=planned("")))
    job = await delivering.submit(picture)
    (entry,) = await delivering.settled(job)
    assert (entry["kind"], entry["state"], entry["attempts"]) == (UPLOAD, "done", 0)
    (file,) = entry["result"]
    saved = delivering.serving.folders.output / file["filename"]
    assert (tmp_path / "stores" / "own" / f"{job}-{file['filename']}").read_bytes() == saved.read_bytes()
    assert await delivering.get(f"/deliveries/{entry['id']}") == entry


async def test_a_named_store_replaces_the_default(start, planned, picture, tmp_path):
    delivering = Delivering(await start(deliveries=planned("", "other")))
    job = await delivering.submit(picture, store="other")
    (entry,) = await delivering.settled(job)
    assert entry["store"] == "other"
    assert len(list((tmp_path / "stores" / "other").iterdir())) == 1
    assert not (tmp_path / "stores" / "own").exists()


async def test_without_a_wish_and_settings_nothing_follows(start, planned, picture):
    delivering = Delivering(await start(deliveries=planned()))
    await delivering.serving.finished(await delivering.submit(picture))
    assert await delivering.get("/deliveries") == {"deliveries": []}


async def test_settings_and_requests_each_have_their_webhooks(start, planned, picture):
    with receiving() as mine, receiving() as theirs:
        delivering = Delivering(await start(deliveries=planned(webhooks=(theirs.url,))))
        await delivering.settled(await delivering.submit(picture, webhook=mine.url), 2)
        twice = await delivering.submit(picture, webhook=theirs.url)
        await delivering.settled(twice)
    assert len(mine.got) == 1
    assert len(theirs.got) == 2


async def test_waiting_for_uploads_ends_with_them(start, planned, picture):
    delivering = Delivering(await start(deliveries=planned("")))
    deliveries = delivering.serving.client.app[DELIVERIES]
    job = await delivering.submit(picture)
    (kept,) = await deliveries.settled(job, UPLOAD, 20)
    assert (kept.state, len(kept.result)) == (ErrandState.DONE, 1)
    assert await deliveries.settled(job, WEBHOOK, 20) == []
    assert await deliveries.settled("unknown", UPLOAD, 20) == []


async def test_waiting_for_uploads_ends_with_its_time(start, planned, document):
    delivering = Delivering(await start(deliveries=planned("")))
    deliveries = delivering.serving.client.app[DELIVERIES]
    job = await delivering.submit({**document("CapSleep"), **_output()})
    await delivering.serving.running(1)
    (kept,) = await deliveries.settled(job, UPLOAD, 0.05)
    assert kept.state is ErrandState.HELD
    refused = await delivering.retry(kept.id, 409)
    assert "has not ended" in refused["error"]["message"]
    delivering.serving.worker.gate.set()


async def test_what_was_given_up_is_done_again(start, planned, picture):
    with receiving(410) as receiver:
        delivering = Delivering(await start(deliveries=planned()))
        job = await delivering.submit(picture, webhook=receiver.url)
        (entry,) = await delivering.settled(job)
        assert (entry["state"], entry["attempts"]) == ("given_up", 1)
        assert "status 410" in entry["reason"]
        assert [one["id"] for one in (await delivering.get("/deliveries?state=given_up"))["deliveries"]] == [
            entry["id"]
        ]
        again = await delivering.retry(entry["id"])
        assert (again["attempts"], again["reason"]) == (0, None) or again["state"] == "done"
        assert (await delivering.settled(job))[0]["state"] == "done"
    assert receiver.got[0].headers["webhook-id"] == receiver.refused[0].headers["webhook-id"]


async def test_files_that_are_gone_are_given_up_with_their_name(start, planned, picture):
    serving = await start(deliveries=planned())
    delivering = Delivering(serving)
    serving.service.deliveries.stores.addresses["late"] = read_address("file:///dev/null/none")
    job = await delivering.submit(picture, store="late")
    async with asyncio.timeout(20):
        while not (entry := (await delivering.get(f"/deliveries?job={job}"))["deliveries"][0])["attempts"]:
            await asyncio.sleep(0.005)
    assert "cannot be written" in entry["reason"]
    for file in serving.folders.output.iterdir():
        file.unlink()
    (entry,) = await delivering.settled(job)
    assert entry["state"] == "given_up"
    assert "no longer here" in entry["reason"]


async def test_everybody_sees_and_retries_only_their_own(start, planned, picture, folders):
    accounts = Accounts(folders.data / FILE)
    serving = await start(deliveries=planned(), accounts=accounts)
    mine, theirs, admin = (
        Delivering(serving, str(accounts.create(user, scopes)))
        for user, scopes in (("me", USUAL), ("you", USUAL), ("boss", frozenset(Scope)))
    )
    with receiving() as receiver:
        job = await mine.submit(picture, webhook=receiver.url)
        (entry,) = await mine.settled(job)
        assert await theirs.get("/deliveries") == {"deliveries": []}
        assert await theirs.get(f"/deliveries?job={job}") == {"deliveries": []}
        await theirs.get(f"/deliveries/{entry['id']}", 404)
        await theirs.retry(entry["id"], 404)
        assert (await admin.get("/deliveries"))["deliveries"] == [entry]
        assert len(receiver.got) == 1
        await admin.retry(entry["id"])
        await mine.settled(job)
    assert len(receiver.got) == 2
    secrets = [(await one.get("/deliveries/secret"))["secret"] for one in (mine, theirs, admin)]
    assert len({*secrets, SECRET}) == 4
    for message in receiver.got:
        told = Webhook(secrets[0]).verify(message.body, message.headers)
        address = urllib.parse.urlsplit(told["data"]["outputs"][0]["url"])
        async with serving.client.get(f"{address.path}?{address.query}") as answer:  # signed: no key is needed
            assert answer.status == 200
    await serving.client.close()
    accounts.close()


async def test_receivers_of_the_server_verify_with_its_secret_and_their_addresses_are_not_told(
    start, planned, picture, folders
):
    accounts = Accounts(folders.data / FILE)
    with receiving() as receiver:
        own = f"{receiver.url}/services/KEY?token=KEY"
        serving = await start(deliveries=planned(webhooks=(own,)), accounts=accounts)
        mine = Delivering(serving, str(accounts.create("me", USUAL)))
        asked = receiver.url.replace("://", "://name:KEY@") + "/mine?token=KEY"
        told = await mine.settled(await mine.submit(picture, webhook=asked), count=2)
    by_address = {entry["url"]: entry for entry in told}
    assert set(by_address) == {receiver.url.removesuffix("/hook"), f"{receiver.url}/mine"}
    assert "KEY" not in str(told)
    assert len(receiver.got) == 2
    signed = {by_address[f"{receiver.url}/mine"]["id"]: secret_of("me", SECRET)}
    for message in receiver.got:
        number = int(message.headers["webhook-id"].split("_")[1])
        Webhook(signed.get(number, SECRET)).verify(message.body, message.headers)
    await serving.client.close()
    accounts.close()


async def test_the_secret_is_told_to_whom_it_belongs(start, planned):
    delivering = Delivering(await start(deliveries=planned()))
    assert await delivering.get("/deliveries/secret") == {"secret": SECRET}


@pytest.mark.parametrize("number", ["0", "99", "x", "-1", "1e3", "9" * 30, "%00", "²"])
async def test_unknown_numbers_are_not_found(start, planned, number):
    delivering = Delivering(await start(deliveries=planned()))
    await delivering.get(f"/deliveries/{number}", 404)
    await delivering.retry(number, 404)


@pytest.mark.parametrize("query", ["state=late", "limit=0", "limit=-1", "limit=1001", "limit=x", "limit=²"])
async def test_questions_that_make_no_sense_are_refused(start, planned, query):
    delivering = Delivering(await start(deliveries=planned()))
    refused = await delivering.get(f"/deliveries?{query}", 400)
    assert refused["error"]["type"] == "invalid_request"


async def test_a_server_that_delivers_nothing_says_so(start, picture):
    delivering = Delivering(await start())
    assert await delivering.get("/deliveries") == {"deliveries": []}
    await delivering.get("/deliveries/1", 404)
    await delivering.get("/deliveries/secret", 404)
    await delivering.retry(1, 404)
    refused = await _refused(delivering, picture, webhook="https://example.org")
    assert "delivers nothing" in refused


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({"store": "nowhere"}, "no store named 'nowhere'"),
        ({"store": 5}, "'store' must be a text or an object"),
        ({"store": ["a"]}, "'store' must be a text or an object"),
        ({"store": {}}, "is no place for objects"),
        ({"store": {"url": "file:///etc", "x": "y"}}, "x"),
        ({"store": "file:///etc"}, "for the server's own stores"),
        ({"store": "s3://bucket/x?region=r"}, "needs its keys: access_key_id, secret_access_key"),
        ({"store": {"url": "s3://b", "access_key_id": "k"}}, "needs its keys"),
        ({"store": {"url": "s3://b", "acess_key_id": "k"}}, "access_key_id"),
        ({"webhook": "example.org"}, "no address on the web"),
        ({"webhook": {"url": "https://example.org", "secret": "x"}}, "24 to 64 random bytes"),
        ({"webhook": 7}, "'webhook' must be a text or an object"),
        ({"webhook": {}}, "no address on the web"),
    ],
)
async def test_wishes_that_cannot_be_met_are_refused_before_the_queue(start, planned, picture, extra, reason):
    delivering = Delivering(await start(deliveries=planned("known", request_stores=True)))
    assert reason in await _refused(delivering, picture, **extra)
    assert delivering.serving.dispatcher.counts().remaining == 0


async def test_requests_bring_no_stores_unless_they_may(start, planned, picture):
    delivering = Delivering(await start(deliveries=planned()))
    keys = {"access_key_id": "k", "secret_access_key": "s"}
    assert "--allow-request-stores" in await _refused(delivering, picture, store={"url": "s3://b", **keys})


def test_stores_of_requests_lie_outside_of_this_network():
    plan = DeliveryPlan(outbox=None, secret=SECRET, request_stores=True)
    keys = {"access_key_id": "k", "secret_access_key": "s"}
    with pytest.raises(Exception, match="cannot be used"):
        plan.upload({"url": "s3://b?endpoint=http://169.254.169.254", **keys})
    with pytest.raises(Exception, match="cannot be used"):  # The host is 127.1.1.1 then.
        plan.upload({"url": "s3://127?endpoint=https://1.1.1&style=host", **keys})
    asked = plan.upload({"url": "s3://b?endpoint=https://s3.example.org", **keys})
    assert asked == Errand(kind=UPLOAD, body={"url": "s3://b?endpoint=https://s3.example.org"}, secrets=keys)
    assert "s3.example.org" in str(asked.body)


async def test_a_name_that_leads_into_this_network_is_no_store(start, planned, picture):
    with receiving() as receiver:
        plan = planned(request_stores=True)
        serving = await start(deliveries=lambda outbox: _public(plan(outbox)))
        delivering = Delivering(serving)
        keys = {"access_key_id": "k", "secret_access_key": "s"}
        url = f"s3://b?endpoint=http://localhost:{receiver.port}&timeout=1"
        (entry,) = await delivering.settled(await delivering.submit(picture, store={"url": url, **keys}))
    assert entry["state"] == "given_up"
    assert "own network" in entry["reason"]
    assert receiver.got == receiver.refused == []


async def test_a_receiver_that_is_down_is_told_when_it_is_up(start, planned, picture):
    receiver = Receiver()
    delivering = Delivering(await start(deliveries=planned(webhooks=(receiver.url,))))
    jobs = [await delivering.submit(picture) for _ in range(5)]
    async with asyncio.timeout(20):
        while any(not entry["attempts"] for entry in (await delivering.get("/deliveries"))["deliveries"]):
            await asyncio.sleep(0.005)
    receiver.up()
    for job in jobs:
        await delivering.settled(job)
    receiver.down()
    assert sorted(message.job for message in receiver.got) == sorted(jobs)


def _output() -> dict[str, Any]:
    return {"9": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "pre"}}}


def _public(plan: DeliveryPlan) -> DeliveryPlan:
    return DeliveryPlan(
        outbox=plan.outbox, stores=plan.stores, secret=plan.secret, request_stores=True, private=False, pace=PACE
    )


async def _refused(delivering: Delivering, document: Any, **extra: Any) -> str:
    body = {"prompt": document, "extra_data": extra}
    async with delivering.serving.client.post("/prompt", json=body) as answer:
        assert answer.status == 400, await answer.text()
        error = (await answer.json())["error"]
        return f"{error['message']} {error['details']}"
