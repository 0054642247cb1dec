"""``/limner/jobs`` and ``/limner/queue``: lists, order, hold, pause, retry, clearing, and what sockets are told."""

import asyncio

import pytest

from limner.server.queue_news import FEATURE


def _said(title, **more):
    return {"extra_data": {"limner": {"title": title, **more}}}


@pytest.fixture
def ask(serving, document):
    """Asks for a job; gives its id."""

    async def submit(*kinds, title="", **more):
        body = {"prompt": document(*kinds), **_said(title, **more)}
        answer = await serving.client.post("/prompt", json=body)
        assert answer.status == 200, await answer.text()
        return (await answer.json())["prompt_id"]

    return submit


@pytest.fixture
def post(serving):
    async def send(path, **body):
        answer = await serving.client.post(f"/limner/{path}", json=body)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    return send


@pytest.fixture
def listed(serving):
    async def read(**query):
        answer = await serving.client.get("/limner/jobs", params=query)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    return read


def ids(page):
    return [job["id"] for job in page["jobs"]]


async def test_a_finished_job_is_listed_with_its_files_and_its_nodes(serving, ask, listed):
    job = await ask("EmptyImage", "SaveImage", title="A quiet lake", group="g", document="d", cell=[1, 2])
    await serving.finished(job)
    (row,) = (await listed(state="succeeded", group="g"))["jobs"]
    assert (row["id"], row["state"], row["title"], row["document"]) == (job, "succeeded", "A quiet lake", "d")
    assert (row["cell"], row["nodes"], row["error"], row["output_count"]) == ([1, 2], 2, None, 1)
    assert row["outputs"][0]["type"] == "output"
    assert row["created"] <= row["started"] <= row["ended"]
    details = await (await serving.client.get(f"/limner/jobs/{job}")).json()
    assert [(step["node"], step["type"], step["state"]) for step in details["timeline"]] == [
        ("1", "EmptyImage", "ran"),
        ("2", "SaveImage", "ran"),
    ]
    assert details["prompt"]["1"]["class_type"] == "EmptyImage"
    again = await ask("EmptyImage", "SaveImage")
    await serving.finished(again)
    details = await (await serving.client.get(f"/limner/jobs/{again}")).json()
    assert {step["state"] for step in details["timeline"]} == {"cached"}
    assert ids(await listed(q="QUIET lake")) == [job]
    assert ids(await listed(q="loud")) == []
    assert (await serving.client.get("/limner/jobs/nobodys")).status == 404


async def test_pages_follow_each_other_and_wrong_queries_are_refused(serving, ask, listed):
    jobs = [await ask("EmptyImage", "SaveImage", title=str(number)) for number in range(3)]
    for job in jobs:
        await serving.finished(job)
    first = await listed(limit="2")
    assert (ids(first), first["total"]) == (jobs[:0:-1], 3)
    rest = await listed(limit="2", before=first["next"])
    assert (ids(rest), rest["next"]) == (jobs[:1], None)
    for query in ({"state": "odd"}, {"before": "x"}, {"limit": "-1"}):
        assert (await serving.client.get("/limner/jobs", params=query)).status == 400
    for path in ("move", "hold", "cancel", "delete", "retry"):
        assert (await serving.client.post(f"/limner/jobs/{path}", json={})).status == 400
    assert (await serving.client.post("/limner/jobs/move", json={"all": True, "before": 1})).status == 400


async def test_waiting_jobs_are_moved_held_released_and_the_queue_is_paused(serving, ask, listed, post):
    await post("queue/pause")
    one, two, three = [await ask("EmptyImage", "SaveImage", title=name) for name in ("one", "two", "three")]
    assert ids(await listed(state="waiting")) == [one, two, three]
    await post("jobs/move", ids=[three], first=True)
    await post("jobs/move", ids=[one])
    assert ids(await listed(state="waiting")) == [three, two, one]
    await post("jobs/move", ids=[one, two], before=three)
    page = await listed(state="waiting,held")
    assert [(job["id"], job["position"]) for job in page["jobs"]] == [(one, 1), (two, 2), (three, 3)]
    assert await post("jobs/hold", ids=[one]) == {"ids": [one]}
    state = await (await serving.client.get("/limner/queue")).json()
    assert state == {"paused": True, "waiting": 2, "held": 1, "running": 0, "finished": 0}
    await post("queue/resume")
    await serving.finished(two)
    await serving.finished(three)
    assert (await listed())["jobs"][-1]["state"] == "held"
    await post("jobs/release", ids=[one])
    await serving.finished(one)
    assert await post("jobs/delete", all=True, until=1) == {"deleted": 0}
    assert await post("jobs/delete", ids=[one]) == {"deleted": 1}
    assert await post("jobs/delete", all=True) == {"deleted": 2}
    assert ids(await listed()) == []


async def test_a_failed_job_says_why_and_is_tried_again(serving, ask, listed, post):
    job = await ask("CapError", "SaveImage", title="bad", group="g")
    await serving.finished(job)
    (row,) = (await listed(state="failed,lost"))["jobs"]
    assert row["error"] == {"node": "1", "node_type": "CapError", "message": "boom", "code": "RuntimeError"}
    said = await post("jobs/retry", group="g")
    new = said["ids"][job]
    await serving.finished(new)
    assert {entry["title"] for entry in (await listed(group="g"))["jobs"]} == {"bad"}
    assert ids(await listed(state="lost")) == []


async def test_what_waits_is_cancelled_by_group_and_what_runs_by_id(serving, ask, listed, post):
    running = [await ask("CapSleep", "SaveImage") for _ in range(2)]
    await serving.running(2)
    waiting = [await ask("EmptyImage", "SaveImage", group="g") for _ in range(2)]
    await post("jobs/hold", group="g")
    assert sorted((await post("jobs/cancel", group="g"))["ids"]) == sorted(waiting)
    assert ids(await listed(group="g")) == []
    await post("jobs/cancel", ids=running)
    for job in running:
        await serving.finished(job)
    assert {job["state"] for job in (await listed())["jobs"]} == {"interrupted"}


async def test_estimates_come_from_what_nodes_took_before(serving, ask, document):
    prompt = document("EmptyImage", "SaveImage")
    answer = await serving.client.post("/limner/estimate", json={"prompt": prompt})
    assert await answer.json() == {"seconds": None, "known": 0.0, "nodes": {}}
    await serving.finished(await ask("EmptyImage", "SaveImage"))
    known = await (await serving.client.post("/limner/estimate", json={"prompt": prompt})).json()
    assert known["known"] == 1.0
    assert known["seconds"] >= 0
    assert (await serving.client.post("/limner/estimate", json={})).status == 400
    assert (await serving.client.post("/limner/estimate", json={"prompt": {"a": 1}})).status == 400


async def test_sockets_that_understand_it_are_told_when_the_queue_changes(serving, ask, post):
    async with serving.client.ws_connect("/ws?clientId=page") as page, serving.client.ws_connect("/ws") as plain:
        await page.send_json({"type": "feature_flags", "data": {FEATURE: True}})
        async with asyncio.timeout(10):
            while (await page.receive_json())["type"] != "feature_flags":
                pass
            await post("queue/pause")
            while (said := await page.receive_json())["type"] != FEATURE:
                pass
            assert said["data"] == {"paused": True}
            await post("queue/resume")
            await serving.finished(await ask("EmptyImage", "SaveImage"))
            while (said := await page.receive_json())["type"] != FEATURE:
                pass
        assert said["data"] == {"paused": False}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                while (await plain.receive_json())["type"] != FEATURE:
                    pass
