"""What runs, apps and events are told as."""

import msgspec
from tests.unit.dialects.apps.conftest import named, workflow

from limner.dialects.apps.answer import (
    DIALECT,
    MARK,
    RunMark,
    failure_text,
    input_entry,
    mark_of,
    run_answer,
    with_stored,
)
from limner.dialects.apps.events import event_data
from limner.dialects.apps.options import Finish
from limner.dialects.apps.outputs import files_of, texts_of
from limner.engine.events import (
    Claimed,
    Failure,
    NodeBlocked,
    NodeFinished,
    NodeOutput,
    NodePlace,
    NodePreview,
    NodeProgress,
    NodeStarted,
    NodeText,
    Queued,
    Requeued,
    Started,
)
from limner.jobs.records import Job, JobState, Submission

PLACE = NodePlace.of("9")


def job(state=JobState.SUCCEEDED, extra=None, dialect=DIALECT, **more):
    document = {"1": {}, "2": {}, "9": {}}
    asked = Submission(id="j", document=document, targets=("9",), extra=extra or {}, dialect=dialect)
    return Job(submission=asked, state=state, **more)


def picture(name, kind="output", **more):
    return {"filename": name, "subfolder": "", "type": kind, **more}


def test_a_run_is_told_with_what_was_taken():
    mark = RunMark(app="cats", version=2, inputs={"seed": 5}, finish=Finish(format="webp"), notes=("odd",))
    done = job(extra={MARK: msgspec.to_builtins(mark)})
    assert mark_of(done) == mark
    output = {"url": "http://x/a.png", "filename": "a.png", "type": "image"}
    told = run_answer(done, [output], {"self": "http://x"}, ["text"])
    assert (told["status"], told["app"], told["version"], told["inputs"]) == ("succeeded", "cats", 2, {"seed": 5})
    assert (told["markdown"], told["notes"], told["texts"]) == ("![a.png](http://x/a.png)", ["odd"], ["text"])
    assert told["error"] is None


def test_jobs_of_other_doors_are_runs_without_an_app():
    assert mark_of(job(extra={MARK: "nonsense"})) == RunMark()
    assert run_answer(job(JobState.WAITING), [], {})["status"] == "queued"


def test_what_clients_of_other_doors_put_there_is_no_mark_of_ours():
    huge = {MARK: {"finish": {"resize": "99999x99999", "fit": "stretch"}}}
    assert mark_of(job(extra=huge)).finish.size == (99999, 99999)  # Only what passed our checks is ever written there.
    assert mark_of(job(extra=huge, dialect="comfy")) == RunMark()


def test_why_a_run_failed():
    failure = Failure(place=PLACE, node_type="KSampler", error_type="E", message="too large", tips="Use less.")
    assert failure_text(job(JobState.FAILED, failure=failure)) == "Node 9 (KSampler): too large Use less."
    lost = Failure(place=None, node_type="", error_type="E", message="lost")
    assert failure_text(job(JobState.FAILED, failure=lost)) == "lost"
    assert failure_text(job(JobState.INTERRUPTED)) == "The run was canceled."
    assert failure_text(job(JobState.RUNNING)) is None


def test_saved_files_in_the_order_of_the_workflow_and_shown_ones_if_none_was_saved():
    outputs = {"9": {"images": [picture("b.png")], "text": ["said"]}, "1": {"gifs": [picture("a.mp4")]}}
    found = files_of(job(outputs=outputs | {"2": {"images": [picture("t.png", "temp")], "animated": [True]}}))
    assert [(file.filename, file.kind, file.media_type) for file in found] == [
        ("a.mp4", "video", "video/mp4"), ("b.png", "image", "image/png"),
    ]  # fmt: skip
    assert [file.filename for file in files_of(job(outputs={"2": {"images": [picture("t.png", "temp")]}}))] == ["t.png"]
    assert texts_of(job(outputs=outputs)) == ["said"]


def test_addresses_in_stores_win_if_they_can_be_opened():
    here = [{"url": "http://here/a.png", "filename": "a.png"}, {"url": "http://here/b.png", "filename": "b.png"}]
    kept = [{"filename": "a.png", "url": "https://store/a.png", "etag": "e", "key": "k", "size": 3}]
    assert with_stored(here, kept)[0] == {
        "url": "https://store/a.png", "filename": "a.png", "local_url": "http://here/a.png", "etag": "e", "key": "k",
        "size": 3,
    }  # fmt: skip
    assert with_stored(here, kept)[1] == here[1]
    assert with_stored(here, [{"filename": "a.png", "url": "file:///a.png"}])[0]["url"] == "http://here/a.png"


def test_inputs_as_they_are_listed(read):
    entry = input_entry(named(read(workflow()))["seed"])
    assert (entry["type"], entry["random"], entry["places"]) == ("integer", True, ["5.seed"])
    assert "default" not in entry


def test_events_have_names():
    at = {"job": "j", "time": 1}
    told = {
        "queued": Queued(**at),
        "claimed": Claimed(**at, worker="w", epoch=1, attempt=2),
        "requeued": Requeued(**at, reason="lost"),
        "started": Started(**at),
        "node": NodeStarted(**at, place=PLACE),
        "progress": NodeProgress(**at, place=PLACE, value=1, total=2),
        "preview": NodePreview(**at, place=PLACE, image=b"x", media_type="image/jpeg"),
        "text": NodeText(**at, place=PLACE, text="hi"),
        "output": NodeOutput(**at, place=PLACE, ui=None),
        "blocked": NodeBlocked(**at, place=PLACE, node_type="T", message="m"),
    }
    assert {name: event_data(event)[0] for name, event in told.items()} == {name: name for name in told}
    assert event_data(told["preview"])[1]["image"] == "data:image/jpeg;base64,eA=="
    assert event_data(NodeFinished(**at, place=PLACE)) is None
