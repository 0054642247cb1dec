"""Events as messages: order, rates, sizes."""

import json

from limner.dialects.comfy.features import PREVIEW_METADATA
from limner.dialects.comfy.narrator import INTERVAL, QUEUE, WHOLE, Narrator
from limner.engine.events import (
    Claimed,
    NodeFinished,
    NodeOutput,
    NodePlace,
    NodePreview,
    NodeProgress,
    NodeStarted,
    Requeued,
    Started,
    Succeeded,
)

JOB = "j"


def tell(narrator, *events):
    return [frame for event in events for frame in narrator.tell(event)]


def kinds(frames):
    return [frame.type for frame in frames]


def data(frame):
    return json.loads(frame.body)["data"]


def started(name, time=0):
    return NodeStarted(job=JOB, time=time, place=NodePlace.of(name))


def finished(name, time=0):
    return NodeFinished(job=JOB, time=time, place=NodePlace.of(name))


def progress(name, value, total, time):
    return NodeProgress(job=JOB, time=time, place=NodePlace.of(name), value=value, total=total)


def test_a_node_is_told_with_its_state_before_and_after():
    narrator = Narrator(JOB)
    frames = tell(narrator, started("1"), progress("1", 1, 4, 1000), finished("1", 1001))
    assert kinds(frames) == ["progress_state", "executing", "progress_state", "progress", "progress_state"]
    assert data(frames[0])["nodes"] == {
        "1": {
            "value": 0.0, "max": 1.0, "state": "running", "node_id": "1", "prompt_id": JOB, "display_node_id": "1",
            "parent_node_id": None, "real_node_id": "1",
        }
    }  # fmt: skip
    assert data(frames[3]) == {"value": 1, "max": 4, "prompt_id": JOB, "node": "1"}
    last = data(frames[4])["nodes"]["1"]
    assert (last["state"], last["value"], last["max"]) == ("finished", 4, 4)


def test_an_expanded_node_keeps_its_names_apart():
    place = NodePlace(node="1.0.0.2", display="1", parent="1", real="1")
    narrator = Narrator(JOB)
    executing = tell(narrator, NodeStarted(job=JOB, time=0, place=place))[1]
    assert data(executing) == {"node": "1.0.0.2", "display_node": "1", "prompt_id": JOB}
    [executed] = tell(narrator, NodeOutput(job=JOB, time=0, place=place, ui={"text": ["a"]}))
    assert data(executed)["node"] == "1.0.0.2"
    assert data(executed)["display_node"] == "1"


def test_outputs_without_anything_to_show_are_told_only_when_recalled():
    narrator, place = Narrator(JOB), NodePlace.of("1")
    assert tell(narrator, NodeOutput(job=JOB, time=0, place=place, ui=None)) == []
    assert tell(narrator, NodeOutput(job=JOB, time=0, place=place, ui={})) == []
    frames = tell(narrator, NodeOutput(job=JOB, time=0, place=place, ui=None, recalled=True))
    assert kinds(frames) == ["executed", "progress_state"]
    assert data(frames[0])["output"] is None
    assert tell(narrator, finished("1")) == []


def test_every_report_in_a_small_graph_comes_with_its_state():
    narrator = Narrator(JOB)
    tell(narrator, started("1"))
    frames = tell(narrator, *(progress("1", step, 3, 0) for step in range(1, 4)))
    assert kinds(frames) == ["progress_state", "progress"] * 3
    assert [data(frame)["nodes"]["1"]["value"] for frame in frames[::2]] == [1, 2, 3]


def preview(name="1", *, final=False):
    return NodePreview(job=JOB, time=0, place=NodePlace.of(name), image=b"x", media_type="image/jpeg", final=final)


def pictured(name="1"):
    return NodeProgress(job=JOB, time=0, place=NodePlace.of(name), value=1, total=2, pictured=True)


def test_a_preview_with_metadata_comes_before_the_progress_and_one_without_after_it():
    frames = tell(Narrator(JOB), started("1"), pictured(), preview())[2:]
    assert kinds([frame for frame in frames if frame.suits({PREVIEW_METADATA})]) == [
        "progress_state",
        "preview",
        "progress",
    ]
    assert kinds([frame for frame in frames if frame.suits(())]) == ["progress_state", "progress", "preview"]


def test_a_preview_that_got_lost_does_not_hold_up_its_progress():
    frames = tell(Narrator(JOB), pictured("1"), preview("2"), finished("1"))
    assert kinds(frames) == ["progress_state", "preview", "preview", "progress", "progress_state"]
    frames = tell(Narrator(JOB), pictured(), pictured(), preview())
    assert kinds(frames) == ["progress_state", "progress", "progress_state", "preview", "progress", "preview"]


def test_a_quiet_report_changes_the_state_only():
    event = NodeProgress(job=JOB, time=0, place=NodePlace.of("1"), value=1, total=2, quiet=True, pictured=True)
    frames = tell(Narrator(JOB), event, preview())
    assert kinds(frames) == ["progress_state", "preview", "preview"]
    assert data(frames[0])["nodes"]["1"]["value"] == 1


def test_states_are_cumulative_in_large_graphs_too():
    narrator, time = Narrator(JOB), 0
    frames = []
    for number in range(3 * WHOLE):
        time += 10
        frames += tell(narrator, started(str(number), time), finished(str(number), time))
    frames += tell(narrator, Succeeded(job=JOB, time=time))
    sizes = [len(data(frame)["nodes"]) for frame in frames if frame.type == "progress_state"]
    assert sizes == sorted(sizes) and sizes[-1] == 3 * WHOLE
    assert len(sizes) < 3.5 * WHOLE


def test_bytes_stay_linear_for_large_graphs():
    def told(nodes):
        narrator = Narrator(JOB)
        events = [event for n in range(nodes) for event in (started(str(n), n), finished(str(n), n))]
        return sum(frame.size for frame in tell(narrator, *events, Succeeded(job=JOB, time=nodes)))

    assert told(4000) < 2.2 * told(2000)
    assert told(4000) < 4000 * 1000


def test_a_large_graph_still_shows_what_runs():
    narrator = Narrator(JOB)
    tell(narrator, started("slow"))
    for number in range(3 * WHOLE):
        tell(narrator, started(str(number)), finished(str(number)))
    frames = tell(narrator, progress("slow", 1, 2, 10 * INTERVAL))
    assert data(frames[0])["nodes"]["slow"]["state"] == "running"


def test_the_end_is_success_then_queue_then_nothing_executing():
    frames = tell(Narrator(JOB), Succeeded(job=JOB, time=5))
    assert kinds(frames) == ["execution_success", "queue", "executing"]
    assert frames[1] is QUEUE
    assert data(frames[2]) == {"node": None, "prompt_id": JOB}


def test_a_job_that_goes_back_starts_afresh():
    narrator = Narrator(JOB)
    tell(narrator, Claimed(job=JOB, time=0, worker="w", epoch=1, attempt=1), Started(job=JOB, time=0), started("1"))
    assert narrator.current == "1"
    assert kinds(tell(narrator, Requeued(job=JOB, time=1, reason="lost"))) == ["queue"]
    assert narrator.current is None
    frames = tell(narrator, Started(job=JOB, time=2), started("2", 3))
    assert kinds(frames) == ["execution_start", "progress_state", "executing"]
    assert list(data(frames[1])["nodes"]) == ["2"]
