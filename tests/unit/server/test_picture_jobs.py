"""Jobs that doors wait for: repeated requests join them, and clients that go away end them."""

import asyncio

import pytest
from aiohttp.test_utils import make_mocked_request

from limner.graph.errors import GraphError, StepError, WorkerLostError
from limner.graph.graph import Graph, Link, Node
from limner.server.picture_jobs import KEY, ended, picture_files, submitted
from limner.server.route import AWAITED


def drawing(source="EmptyImage", **inputs):
    saved = Node(type="SaveImage", inputs={"images": Link("1", 0), "filename_prefix": "kept"})
    size = {"width": 8, "height": 8, "batch_size": 1} if source == "EmptyImage" else {}
    return Graph({"1": Node(type=source, inputs=size | inputs), "picture 1": saved})


def asked(serving, **headers):
    return make_mocked_request("POST", "/", headers=headers, app=serving.client.server.app)


async def drawn(serving, graph, **headers):
    request = asked(serving, **headers)
    async with submitted(request, graph, "openai") as watch:
        return await ended(request, watch)


async def test_a_repeated_request_with_a_key_gets_the_same_job(serving):
    first = await drawn(serving, drawing(), **{KEY: "a"})
    again = await drawn(serving, drawing(), **{KEY: "a"})
    assert again.submission.id == first.submission.id
    assert len(serving.worker.requests) == 1
    other = await drawn(serving, drawing(width=9), **{KEY: "a"})
    bare = await drawn(serving, drawing())
    assert len({job.submission.id for job in (first, other, bare)}) == 3


async def test_of_equal_requests_at_once_one_makes_the_job(serving):
    jobs = await asyncio.gather(*(drawn(serving, drawing(), **{KEY: "a"}) for _ in range(8)))
    assert len({job.submission.id for job in jobs}) == 1
    assert len(serving.worker.requests) == 1
    assert not serving.client.server.app[AWAITED]._entries


async def test_pictures_that_are_gone_are_drawn_again(serving):
    first = await drawn(serving, drawing(), **{KEY: "a"})
    for _, path in picture_files(first, serving.folders):
        path.unlink()
    await drawn(serving, drawing(), **{KEY: "a"})
    assert len(serving.worker.requests) == 2


async def test_jobs_that_fail_and_graphs_that_cannot_run_say_so(serving):
    with pytest.raises(StepError, match="boom"):
        await drawn(serving, drawing("CapError"))
    with pytest.raises(GraphError, match="width"):
        await drawn(serving, drawing(width=0))


@pytest.mark.parametrize("headers", [{}, {KEY: "a"}])
async def test_a_client_that_goes_away_ends_its_job_unless_it_may_come_back(serving, headers):
    with pytest.raises(ConnectionResetError):
        async with submitted(asked(serving, **headers), drawing("CapSleep"), "openai"):
            await serving.running(1)
            raise ConnectionResetError
    if headers:
        assert serving.dispatcher.counts().running == 1
        serving.worker.gate.set()
        await drawn(serving, drawing("CapSleep"), **headers)
        assert len(serving.worker.requests) == 1
    else:
        assert len(serving.worker._cancelled) == 1


async def test_a_server_that_stops_does_not_wait_for_those_who_wait(serving):
    request = asked(serving)
    with pytest.raises(WorkerLostError):
        async with submitted(request, drawing("CapSleep"), "openai") as watch:
            serving.client.server.app[AWAITED].close()
            await ended(request, watch)
