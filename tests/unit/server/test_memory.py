"""What workers hold."""


async def test_each_worker_and_the_main_memory(serving):
    await serving.client.get("/object_info")
    for path in ("/limner/memory", "/api/limner/memory"):
        told = await (await serving.client.get(path)).json()
        assert told["ram"]["total"] >= told["ram"]["free"] > 0
        (worker,) = told["workers"]
        assert worker["up"] is True
        assert worker["running"] == []
