"""Queue, interrupt, history, free."""


async def test_interrupt_stops_what_runs(serving, document, follow):
    socket = await serving.socket("a")
    reply = await serving.post({"prompt": document("CapSleep", "PreviewImage"), "client_id": "a"})
    async for message in socket:
        if message.json()["type"] == "executing":
            break
    answer = await serving.client.post("/interrupt")
    assert (answer.status, await answer.read()) == (200, b"")
    messages = await follow(socket)
    assert [message["type"] for message in messages] == ["execution_interrupted", "status", "executing"]
    entry = await serving.finished(reply["prompt_id"])
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["messages"][-1][1]["node_type"] == "CapSleep"
    assert (entry["outputs"], entry["meta"]) == ({}, {})


async def test_interrupt_by_id_spares_what_waits(serving, document):
    running = [await serving.post({"prompt": document("CapSleep", "PreviewImage")}) for _ in range(2)]
    await serving.running(2)
    waiting = await serving.post({"prompt": document("EmptyImage", "PreviewImage")})
    for body in ({"prompt_id": waiting["prompt_id"]}, {"prompt_id": "unknown"}):
        assert (await serving.client.post("/interrupt", json=body)).status == 200
    assert (await serving.client.post("/interrupt", json={"prompt_id": running[0]["prompt_id"]})).status == 200
    await serving.finished(running[0]["prompt_id"])
    assert (await serving.finished(waiting["prompt_id"]))["status"]["completed"]
    serving.worker.gate.set()
    assert (await serving.finished(running[1]["prompt_id"]))["status"]["completed"]


async def test_clear_empties_the_queue_only(serving, document):
    for _ in range(5):
        await serving.post({"prompt": document("CapSleep", "PreviewImage")})
    await serving.running(2)
    assert (await serving.client.post("/queue", json={"clear": True})).status == 200
    queue = await (await serving.client.get("/queue")).json()
    assert queue["queue_pending"] == []
    assert len(queue["queue_running"]) == 2
    serving.worker.gate.set()


async def test_history_windows(serving, document):
    jobs = []
    for number in range(5):
        prompt = document("EmptyImage", "SaveImage", SaveImage={"filename_prefix": f"p{number}"})
        jobs.append((await serving.post({"prompt": prompt}))["prompt_id"])
        await serving.finished(jobs[-1])

    async def names(query):
        return list(await (await serving.client.get(f"/history{query}")).json())

    assert await names("") == jobs
    assert await names("?max_items=2") == jobs[3:]
    assert await names("?offset=3") == jobs[3:]
    assert await names("?max_items=2&offset=1") == jobs[1:3]
    assert await names("?offset=9") == []
    assert await names("?max_items=0") == []
    assert await names(f"?prompt_id={jobs[2]}") == [jobs[2]]
    assert (await serving.client.get("/history?max_items=x")).status == 400
    assert await names("/unknown") == []

    await serving.client.post("/history", json={"delete": [jobs[0], "unknown"]})
    assert await names("") == jobs[1:]
    await serving.client.post("/history", json={"clear": True})
    assert await names("") == []


async def test_a_running_job_is_not_in_the_history(serving, document):
    reply = await serving.post({"prompt": document("CapSleep", "PreviewImage")})
    assert await (await serving.client.get(f"/history/{reply['prompt_id']}")).json() == {}
    serving.worker.gate.set()


async def test_free(serving):
    for body in ({}, {"unload_models": True}, {"free_memory": True}):
        assert (await serving.client.post("/free", json=body)).status == 200
    assert serving.worker.released == [(True, False), (True, True)]


async def test_malformed_bodies_are_no_server_errors(serving):
    for path in ("/queue", "/history", "/free"):
        for body in (b"", b"nope", b"[]", b"1", b'{"delete": 1}', b"null"):
            answer = await serving.client.post(path, data=body)
            assert answer.status in (200, 400), (path, body)
            assert answer.status == 200 or (await answer.json())["error"]["message"]


async def test_interrupt_takes_any_body(serving):
    for body in (b"", b"nope", b"[]", b"null", b'{"prompt_id": {}}', b'{"prompt_id": null}'):
        assert (await serving.client.post("/interrupt", data=body)).status == 200, body
