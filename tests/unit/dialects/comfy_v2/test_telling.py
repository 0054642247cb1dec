"""What a stream tells, and when it is silent."""

import json

import msgspec
import pytest

from limner.dialects.comfy_v2.progress import Track, planned_nodes
from limner.dialects.comfy_v2.telling import Teller
from limner.engine.events import (
    Claimed,
    NodeFinished,
    NodeOutput,
    NodePlace,
    NodePreview,
    NodeProgress,
    NodeStarted,
    Recalled,
    Requeued,
    Stopping,
    Succeeded,
)
from limner.jobs.records import Job, Submission, fold

GRAPH = {
    "1": {"class_type": "Load", "inputs": {}},
    "2": {"class_type": "Draw", "inputs": {"model": ["1", 0], "size": [3, 4]}},
    "3": {"class_type": "Save", "inputs": {"images": ["2", 0]}},
    "4": {"class_type": "Unused", "inputs": {}},
}
ASKED = Submission(id="j", document=GRAPH, targets=("3",))


def names(frames):
    told = []
    for frame in frames:
        event, data = frame.decode().strip().split("\n")
        told.append((event.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return told


def claimed(epoch):
    return Claimed(job="j", time=1, worker="w", epoch=epoch, attempt=1)


def at(node):
    return {"job": "j", "time": 1, "place": NodePlace.of(node)}


def test_each_transition_is_told_once_and_none_goes_back():
    teller, waiting = Teller(), Job(submission=ASKED)
    assert names(teller.tell(waiting, [], 2)) == [("status", {"status": "queued", "queue_position": 2})]
    running = fold(waiting, claimed(1))
    stopping = fold(running, Stopping(job="j", time=2))
    assert names(teller.tell(running, [], None)) == [("status", {"status": "running"})]
    assert names(teller.tell(stopping, [], None)) == [("status", {"status": "canceling"})]
    assert teller.tell(running, [], None) == []
    assert teller.tell(waiting, [], 1) == []


def test_a_job_that_lost_its_worker_waits_again():
    teller = Teller()
    running = fold(Job(submission=ASKED), claimed(1))
    teller.tell(running, [], None)
    waiting = fold(running, Requeued(job="j", time=2, reason="gone"))
    assert names(teller.tell(waiting, [], 1)) == [("status", {"status": "queued", "queue_position": 1})]
    assert names(teller.tell(fold(waiting, claimed(2)), [], None)) == [("status", {"status": "running"})]


def test_outputs_come_before_the_end_and_only_once():
    teller = Teller()
    ended = fold(fold(Job(submission=ASKED), claimed(1)), Succeeded(job="j", time=3))
    assert [name for name, _ in names(teller.tell(ended, [{"id": "a"}, {"id": "b"}], None))] == [
        "output",
        "output",
        "status",
    ]
    assert teller.tell(ended, [{"id": "a"}], None) == []


def test_places_in_the_queue_are_told_when_they_change():
    teller, waiting = Teller(), Job(submission=ASKED)
    teller.tell(waiting, [], 3)
    assert teller.move(waiting, 3) == []
    assert names(teller.move(waiting, 2)) == [("status", {"status": "queued", "queue_position": 2})]
    assert teller.move(fold(waiting, claimed(1)), 1) == []


def test_progress_is_a_share_of_the_planned_nodes_and_never_goes_back():
    assert planned_nodes(ASKED) == {"1", "2", "3"}
    track = Track(ASKED)
    track.note(Recalled(job="j", time=1, nodes=("1",)))
    track.note(NodeStarted(**at("2")))
    track.note(NodeProgress(**at("2"), value=3, total=4))
    told = track.snapshot()
    assert told["value"] == pytest.approx((1 + 0.75) / 3)
    assert (told["nodes_done"], told["nodes_total"], told["current_node"]) == (1, 3, "2")
    assert (told["current_node_class"], told["step"], told["steps"]) == ("Draw", 3, 4)
    track.note(NodeProgress(**at("2"), value=1, total=4))
    assert track.snapshot()["value"] == told["value"]
    track.note(NodeFinished(**at("2")))
    track.note(NodeOutput(**at("3"), ui=None, recalled=True))
    assert track.snapshot()["value"] == 1.0


def test_progress_of_odd_numbers_stays_between_nothing_and_all():
    track = Track(ASKED)
    for value, total in ((9, 4), (-3, 4), (1, 0)):
        track.note(NodeProgress(**at("2"), value=value, total=total))
        assert 0 <= track.snapshot()["value"] <= 1


def test_the_newest_picture_is_kept():
    track = Track(msgspec.structs.replace(ASKED, targets=()))
    for image in (b"a", b"b"):
        track.note(NodePreview(**at("2"), image=image, media_type="image/jpeg"))
    assert track.preview is not None
    assert track.preview.image == b"b"
    assert track.snapshot()["nodes_total"] == 0
