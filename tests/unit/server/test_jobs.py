"""``/api/jobs``: the strict shapes, pages, filters, refusals, and cancelling."""

import pytest


async def _finished(serving, document, *kinds, **more):
    answer = await serving.client.post("/prompt", json={"prompt": document(*kinds), **more})
    assert answer.status == 200, await answer.text()
    job = (await answer.json())["prompt_id"]
    await serving.finished(job)
    return job


async def test_a_finished_job_has_exactly_the_known_keys(serving, document):
    workflow = {"id": "w-1", "nodes": []}
    extra = {"extra_pnginfo": {"workflow": workflow}, "api_key_comfy_org": "SECRET"}
    job = await _finished(serving, document, "EmptyImage", "SaveImage", extra_data=extra)
    body = await (await serving.client.get("/api/jobs")).json()
    assert body["pagination"] == {"offset": 0, "limit": None, "total": 1, "has_more": False}
    (entry,) = body["jobs"]
    assert entry["id"] == job
    assert entry["status"] == "completed"
    assert entry["workflow_id"] == "w-1"
    assert entry["create_time"] <= entry["execution_start_time"] <= entry["execution_end_time"]
    assert entry["outputs_count"] == entry["previewable_outputs_count"] == 1
    shown = entry["preview_output"]
    assert (shown["nodeId"], shown["mediaType"], shown["type"]) == ("2", "images", "output")
    assert None not in entry.values()
    details = await (await serving.client.get(f"/api/jobs/{job}")).json()
    assert details["workflow"]["extra_data"]["extra_pnginfo"]["workflow"] == workflow
    assert details["workflow"]["prompt"]["1"]["class_type"] == "EmptyImage"
    assert details["execution_status"]["status_str"] == "success"
    assert details["outputs"]["2"]["images"][0]["filename"] == shown["filename"]
    assert "SECRET" not in str(details)


async def test_states_have_the_names_of_the_list(serving, document):
    slow = (await (await serving.client.post("/prompt", json={"prompt": document("CapSleep", "SaveImage")})).json())[
        "prompt_id"
    ]
    failed = await _finished(serving, document, "CapError", "SaveImage")
    async with serving.client.get("/api/jobs", params={"status": "in_progress,pending"}) as answer:
        assert [entry["id"] for entry in (await answer.json())["jobs"]] == [slow]
    async with serving.client.get("/api/jobs", params={"status": "failed"}) as answer:
        (entry,) = (await answer.json())["jobs"]
    assert entry["id"] == failed
    error = entry["execution_error"]
    assert (error["node_id"], error["node_type"], error["exception_type"]) == ("1", "CapError", "RuntimeError")
    assert isinstance(error["traceback"], list)
    details = await (await serving.client.get(f"/api/jobs/{slow}")).json()
    assert "execution_status" not in details
    assert await (await serving.client.post(f"/api/jobs/{slow}/cancel")).json() == {"cancelled": True}
    await serving.finished(slow)
    assert await (await serving.client.post(f"/api/jobs/{slow}/cancel")).json() == {"cancelled": False}
    async with serving.client.get("/api/jobs", params={"status": "cancelled"}) as answer:
        assert [entry["id"] for entry in (await answer.json())["jobs"]] == [slow]


async def test_a_waiting_job_that_is_cancelled_leaves_no_trace(serving, document):
    ids = []
    for _ in range(4):
        answer = await serving.client.post("/prompt", json={"prompt": document("CapSleep", "SaveImage")})
        ids.append((await answer.json())["prompt_id"])
    await serving.running(2)
    answer = await serving.client.post("/api/jobs/cancel", json={"job_ids": ids})
    assert await answer.json() == {"cancelled": True}
    for job in ids[:2]:
        await serving.finished(job)
    for job in ids[2:]:
        gone = await serving.client.get(f"/api/jobs/{job}")
        assert (gone.status, await gone.json()) == (404, {"error": "Job not found"})


async def test_pages_and_orders(serving, document):
    ids = [await _finished(serving, document, "EmptyImage", "SaveImage") for _ in range(5)]
    seen = []
    for offset in (0, 2, 4):
        answer = await serving.client.get("/api/jobs", params={"limit": 2, "offset": offset})
        page = await answer.json()
        assert page["pagination"] == {"offset": offset, "limit": 2, "total": 5, "has_more": offset < 4}
        seen += [entry["id"] for entry in page["jobs"]]
    assert seen == ids[::-1]
    answer = await serving.client.get("/api/jobs", params={"sort_order": "asc", "sort_by": "execution_duration"})
    assert {entry["id"] for entry in (await answer.json())["jobs"]} == set(ids)
    answer = await serving.client.get("/api/jobs", params={"workflow_id": "nothing"})
    assert (await answer.json())["jobs"] == []


@pytest.mark.parametrize(
    "query", ["status=odd", "sort_by=name", "sort_order=up", "limit=0", "limit=x", "offset=x", "limit=-3"]
)
async def test_what_cannot_be_asked_is_refused_with_a_text(serving, query):
    answer = await serving.client.get(f"/api/jobs?{query}")
    assert answer.status == 400
    assert isinstance((await answer.json())["error"], str)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "Request body must be valid JSON"),
        (b"[]", "job_ids must be a list"),
        (b'{"job_ids": "x"}', "job_ids must be a list"),
        (b'{"job_ids": ["x", 3]}', "job_ids contains invalid id(s)"),
    ],
)
async def test_cancelling_several_is_strict(serving, body, error):
    answer = await serving.client.post("/api/jobs/cancel", data=body)
    assert answer.status == 400
    assert (await answer.json())["error"] == error


async def test_the_prefix_is_literal(serving):
    assert (await serving.client.get("/api/jobs")).status == 200
    assert (await serving.client.get("/api/api/jobs")).status == 200
    assert (await serving.client.get("/jobs")).status == 404
    unknown = "00000000-0000-4000-8000-000000000000"
    answer = await serving.client.post(f"/api/jobs/{unknown}/cancel")
    assert await answer.json() == {"cancelled": False}
