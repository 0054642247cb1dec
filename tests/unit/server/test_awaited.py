"""Those who wait for jobs hear of all that happens, and are let go when the job or the server ends."""

import pytest

from limner.engine.events import Started, Succeeded
from limner.graph.errors import WorkerLostError
from limner.jobs.records import Job, Submission
from limner.server.awaited import Awaited

JOB = Job(submission=Submission(id="a", document={}, targets=()))


async def heard(watch, silence=10.0):
    return [news and news[1] async for news in watch.news(silence)]


async def test_all_watches_of_a_job_hear_it_to_its_end_and_are_forgotten():
    awaited = Awaited()
    awaited.start()
    events = [Started(job="a", time=1), Succeeded(job="a", time=2)]
    with awaited.watching("a") as first, awaited.watching("a") as second:
        for event in [*events, Started(job="b", time=3)]:
            awaited.hear(JOB, event)
        assert await heard(first) == await heard(second) == events
    assert awaited._watches == {}


async def test_silence_is_told():
    awaited = Awaited()
    awaited.start()
    with awaited.watching("a") as watch:
        news = watch.news(0.001)
        assert await anext(news) is None
        awaited.hear(JOB, Succeeded(job="a", time=1))
        assert [one and one[1] async for one in news] == [Succeeded(job="a", time=1)]


async def test_who_waits_when_the_server_stops_or_comes_later_is_sent_away():
    awaited = Awaited()
    awaited.start()
    with awaited.watching("a") as early:
        awaited.close()
        with pytest.raises(WorkerLostError):
            await heard(early)
    with awaited.watching("a") as late, pytest.raises(WorkerLostError):
        await heard(late)
