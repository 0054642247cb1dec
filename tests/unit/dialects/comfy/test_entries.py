"""Jobs and outcomes in the recorded shapes (tests/golden/comfy/entries.json)."""

import json
import struct
from pathlib import Path

import msgspec

from limner.dialects.comfy.frames import captions, pictures, status
from limner.dialects.comfy.history import history_entry, queue_item
from limner.dialects.comfy.outcome import blocked_data, error_data
from limner.engine.events import Failure, Interrupted, NodeBlocked, NodePlace, NodePreview, NodeText
from limner.jobs.records import Job, JobState, Submission

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "comfy" / "entries.json").read_text())


def job(**changes):
    number, name, document, extra, targets = GOLDEN["history"]["prompt"]
    asked = Submission(
        id=name, number=number, document=document, extra=extra, targets=tuple(targets), secrets={"k": "S"}
    )
    return Job(submission=asked, **changes)


def test_a_history_entry():
    done = job(
        state=JobState.SUCCEEDED,
        started=1795170944157,
        ended=1795170944164,
        outputs=GOLDEN["history"]["outputs"],
        places={name: NodePlace.of(name) for name in ("1", "2", "3")},
    )
    assert msgspec.to_builtins(history_entry(done)) == GOLDEN["history"]
    assert queue_item(done) == GOLDEN["history"]["prompt"]


def test_an_interrupted_job():
    event = Interrupted(job="ID", time=1795171943006, place=NodePlace.of("1"), node_type="CapSleep")
    stopped = job(state=JobState.INTERRUPTED, started=1795171942000, ended=event.time, interrupted=event)
    entry = history_entry(stopped)
    del entry["prompt"]
    assert entry == GOLDEN["interrupted"]


def test_an_error_names_the_node_of_the_submitted_graph():
    place = NodePlace(node="5.0.0.1", display="5", parent="5", real="5")
    failure = Failure(
        place=place,
        node_type="CapError",
        error_type="RuntimeError",
        message="boom 3",
        traceback=("line\n",),
        inputs={"x": [3], "kind": ["runtime"]},
        executed=("1",),
        known=("1", "2", "5"),
    )
    assert error_data("ID", failure, 1795170946095) == GOLDEN["error"]


def test_a_lost_worker_is_an_error_without_a_node():
    failure = Failure(place=None, node_type="", error_type="WorkerLostError", message="gone")
    assert error_data("ID", failure, 1)["node_id"] is None


def test_a_blocker_with_a_message():
    event = NodeBlocked(
        job="ID",
        time=1,
        place=NodePlace.of("4"),
        node_type="CapConcat",
        message="blocked!",
        executed=("1", "2", "3"),
    )
    assert blocked_data(event) == GOLDEN["blocked"]


def test_binary_frames():
    event = NodePreview(job="ID", time=1, place=NodePlace.of("1"), image=b"image", media_type="image/jpeg")
    with_metadata, plain = pictures(event)
    assert plain.payload() == struct.pack(">II", 1, 1) + b"image"
    described = with_metadata.payload()
    assert isinstance(described, bytes)
    understood = frozenset({"supports_preview_metadata"})
    assert [frame.suits(understood) for frame in (with_metadata, plain)] == [True, False]
    assert [frame.suits(frozenset()) for frame in (with_metadata, plain)] == [False, True]
    kind, length = struct.unpack(">II", described[:8])
    assert (kind, json.loads(described[8 : 8 + length])) == (4, GOLDEN["preview head"])
    assert described[8 + length :] == b"image"
    named, text = captions(NodeText(job="ID", time=1, place=NodePlace.of("7"), text="hello text"))
    assert text.payload() == bytes.fromhex(GOLDEN["text frame"])
    assert text.suits(understood) and not named.suits(understood)
    assert named.payload() == struct.pack(">II2sI1s", 3, 2, b"ID", 1, b"7") + b"hello text"
    assert named.suits({"supports_progress_text_metadata"}) and not text.suits({"supports_progress_text_metadata"})


def test_the_greeting():
    expected = '{"type":"status","data":{"status":{"exec_info":{"queue_remaining":0}},"sid":"cap-client-1"}}'
    assert status(0, "cap-client-1").body == expected
