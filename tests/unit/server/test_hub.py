"""Holding back, keeping, and forgetting."""

import asyncio
import json

from limner.dialects.comfy.frames import message
from limner.engine.events import Interrupted, NodePlace, NodeStarted, Queued, Started, Succeeded
from limner.jobs.records import Job, JobState, Submission
from limner.server import hub as hub_module
from limner.server.hub import Hub


class Ear:
    """A session that only remembers."""

    def __init__(self, client, owner="default", sees_all=False):
        self.client, self.owner, self.sees_all = client, owner, sees_all
        self.described, self.remaining, self.heard = False, None, []
        self.stuck = []

    def offer(self, frame, job=""):
        self.heard.append(json.loads(frame.body))
        self.last = job, frame

    def unheard(self):
        return self.stuck

    def types(self):
        return [told["type"] for told in self.heard]


def job(name="j", client="a", owner="default"):
    submission = Submission(id=name, document={}, targets=(), client=client, owner=owner)
    return Job(submission=submission, state=JobState.RUNNING)


async def quiet():
    await asyncio.sleep(0.01)


async def test_events_wait_for_the_answer_even_if_two_requests_name_one_job():
    hub, ear = Hub(lambda _: 1), Ear("a")
    hub.start()
    hub.attach(ear)
    hub.hold("j")
    hub.hold("j")
    hub.hear(job(), Queued(job="j", time=0))
    hub.hear(job(), Started(job="j", time=1))
    await quiet()
    hub.release("j")
    assert ear.types() == ["status"]
    hub.release("j")
    assert ear.types() == ["status", "status", "execution_start"]


async def test_what_a_client_missed_is_told_once_and_forgotten_after_a_while(monkeypatch):
    monkeypatch.setattr(hub_module, "LATE", 0.0)
    hub = Hub(lambda _: 0)
    hub.start()
    for event in (Queued(job="j", time=0), Started(job="j", time=1), Succeeded(job="j", time=2)):
        hub.hear(job(), event)
    await quiet()
    first, second = Ear("a"), Ear("a")
    hub.attach(first)
    assert first.types() == ["status", "execution_start", "execution_success", "executing"]
    hub.attach(second)
    assert second.types() == ["status"]
    hub.detach(first)
    hub.detach(second)
    monkeypatch.setattr(hub_module, "LINGER", 0.1)
    hub.hear(job("k"), Succeeded(job="k", time=3))
    await asyncio.sleep(0.3)
    late = Ear("a")
    hub.attach(late)
    assert late.types() == ["status"]
    hub.detach(late)
    assert hub._recipients == {}
    assert hub._stories == {}


async def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(hub_module, "KEPT_MESSAGES", 10)
    hub = Hub(lambda _: 0)
    hub.start()
    for time in range(100):
        hub.hear(job(), Started(job="j", time=time))
    await quiet()
    ear = Ear("a")
    hub.attach(ear)
    times = [told["data"]["timestamp"] for told in ear.heard if told["type"] == "execution_start"]
    assert times == list(range(90, 100))


async def test_others_learn_the_length_of_the_queue_once_a_while():
    hub, other = Hub(lambda _: 3), Ear("b")
    hub.start()
    hub.attach(other)
    for _ in range(50):
        hub.hear(job(), Queued(job="j", time=0))
    await asyncio.sleep(hub_module.GATHER * 2)
    assert other.types() == ["status"]
    hub._remaining = lambda _: 4
    for _ in range(50):
        hub.hear(job(), Queued(job="j", time=0))
    await asyncio.sleep(hub_module.GATHER * 2)
    assert other.types() == ["status", "status"]


async def test_a_job_that_ran_after_all_is_told():
    hub, ear = Hub(lambda _: 0), Ear("a")
    hub.start()
    hub.attach(ear)
    hub.quieten(["j", "k"])
    hub.hear(job("j"), Started(job="j", time=1))
    hub.hear(job("k"), Interrupted(job="k", time=2))
    await quiet()
    hub.unquieten(["j"])
    hub.hear(job("j"), Interrupted(job="j", time=3))
    await quiet()
    told = [message["data"].get("prompt_id") for message in ear.heard if message["type"] != "status"]
    assert told == ["j", "j", "j"]


async def test_what_a_socket_did_not_get_out_goes_to_the_next_one():
    hub, broken = Hub(lambda _: 0), Ear("a")
    hub.start()
    hub.attach(broken)
    hub.hear(job(), Started(job="j", time=1))
    await quiet()
    broken.stuck = [broken.last]
    hub.detach(broken)
    late = Ear("a")
    hub.attach(late)
    assert late.types() == ["status", "execution_start"]


async def test_a_socket_beside_a_stalled_one_is_told_what_that_one_was_not(monkeypatch):
    monkeypatch.setattr(hub_module, "LATE", 0.0)
    hub, stalled = Hub(lambda _: 0), Ear("a")
    hub.start()
    hub.attach(stalled)
    hub.hear(job(), Started(job="j", time=1))
    await quiet()
    stalled.stuck = [stalled.last]
    fresh = Ear("a")
    hub.attach(fresh)
    hub.hear(job(), Succeeded(job="j", time=2))
    await quiet()
    assert fresh.types() == ["status", "execution_start", "execution_success", "status", "executing"]


async def test_what_a_broken_socket_left_is_forgotten_after_a_while(monkeypatch):
    monkeypatch.setattr(hub_module, "LINGER", 0.1)
    hub, broken = Hub(lambda _: 0), Ear("a")
    hub.start()
    hub.attach(broken)
    hub.hear(job(), Succeeded(job="j", time=1))
    await asyncio.sleep(0.3)
    broken.stuck = [broken.last]
    hub.detach(broken)
    await asyncio.sleep(0.3)
    assert hub._recipients == {}


async def test_a_socket_learns_of_every_running_job_of_its_client():
    hub = Hub(lambda _: 0)
    hub.start()
    first = Ear("a")
    hub.attach(first)
    hub.hear(job("j"), NodeStarted(job="j", time=1, place=NodePlace.of("3")))
    await quiet()
    hub.detach(first)
    hub.hear(job("k"), NodeStarted(job="k", time=1, place=NodePlace.of("5")))
    await quiet()
    second = Ear("a")
    hub.attach(second)
    told = [message["data"] for message in second.heard if message["type"] == "executing"]
    assert told == [{"node": "3"}, {"node": "5", "display_node": "5", "prompt_id": "k"}]


async def test_a_further_socket_of_an_id_is_told_all_of_a_job_that_was_just_accepted():
    """One program's socket is open when another one, with the same id, opens its own after asking."""
    hub, other = Hub(lambda _: 0), Ear("a")
    hub.start()
    hub.attach(other)
    for event in (Queued(job="j", time=0), Started(job="j", time=1), Succeeded(job="j", time=2)):
        hub.hear(job(), event)
    await quiet()
    late, third = Ear("a"), Ear("b")
    hub.attach(late)
    hub.attach(third)
    assert late.types() == ["status", "execution_start", "execution_success", "executing"]
    assert third.types() == ["status"]
    assert [kind for kind in other.types() if kind != "status"] == late.types()[1:]


async def test_where_owners_are_parted_each_hears_of_their_own_jobs_only():
    lengths = {"anna": 2, "ben": 5}
    hub = Hub(lambda owner: lengths[owner], parted=True)
    hub.start()
    own, same_id, overseer = Ear("a", "anna"), Ear("a", "ben"), Ear("c", "ben", sees_all=True)
    for ear in (own, same_id, overseer):
        hub.attach(ear)
    for event in (Queued(job="j", time=0), Started(job="j", time=1), Succeeded(job="j", time=2)):
        hub.hear(job(owner="anna"), event)
    await asyncio.sleep(hub_module.GATHER * 2)
    assert own.types()[0] == "status"
    assert "execution_success" in own.types()
    assert same_id.types() == overseer.types() == ["status"]
    assert own.heard[0]["data"]["status"]["exec_info"]["queue_remaining"] == 2
    assert same_id.heard[0]["data"]["status"]["exec_info"]["queue_remaining"] == 5


async def test_what_belongs_to_nobody_known_is_told_to_those_who_see_everything():
    hub = Hub(lambda _: 0, parted=True)
    hub.start()
    own, same_id, overseer = Ear("a", "anna"), Ear("a", "ben"), Ear("c", "ben", sees_all=True)
    for ear in (own, same_id, overseer):
        hub.attach(ear)
    hub.tell_all(message("pack", {}), foreign=True)
    assert [ear.types()[1:] for ear in (own, same_id, overseer)] == [[], [], ["pack"]]
    assert sorted(hub.owners_of("a")) == ["anna", "ben"]
    assert hub.tell([("anna", "a"), ("anna", "c")], message("logs", {})) == {("anna", "a")}
    assert [ear.types()[-1] for ear in (own, same_id)] == ["logs", "status"]
    late = Ear("a", "ben")
    hub.hear(job(owner="anna"), Started(job="j", time=1))
    await quiet()
    hub.detach(own)
    hub.attach(late)
    assert late.types() == ["status"]
