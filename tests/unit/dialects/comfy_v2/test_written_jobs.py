"""Jobs as they are written: whatever a job is, its client can read it."""

import re
from datetime import datetime
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from limner.dialects.comfy_v2.asset_json import asset_entry, output_entry, widget_value
from limner.dialects.comfy_v2.job_json import View, job_entry, listed_entry, status_of
from limner.dialects.comfy_v2.outputs import outputs_of
from limner.engine.events import Failure, NodePlace
from limner.jobs.records import Job, JobState, Submission
from limner.storage.asset_records import Asset

DOCUMENT = yaml.safe_load((Path(__file__).parents[4] / "src/limner/server/comfy_v2/openapi.yaml").read_text())
TIMES = st.integers(1, 4_000_000_000_000)
FAILURES = st.builds(
    Failure,
    place=st.none() | st.text(max_size=5).map(NodePlace.of),
    node_type=st.text(max_size=5),
    error_type=st.just("ValueError"),
    message=st.text(max_size=20),
    traceback=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    tips=st.text(max_size=5),
)
UI = st.dictionaries(
    st.sampled_from(["images", "text", "gifs", "3d"]),
    st.lists(
        st.text(max_size=5)
        | st.booleans()
        | st.fixed_dictionaries({"filename": st.text("ab.", min_size=1, max_size=5), "type": st.just("temp")})
        | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
        max_size=3,
    ),
    max_size=2,
)
JOBS = st.builds(
    Job,
    submission=st.builds(
        Submission,
        id=st.uuids().map(str),
        document=st.just({}),
        targets=st.just(()),
        created=TIMES,
        extra=st.sampled_from([{}, {"comfy_v2": {"metadata": {"a": "b"}, "priority": 3}}, {"comfy_v2": 4}]),
    ),
    state=st.sampled_from(JobState),
    started=st.just(0) | TIMES,
    ended=st.just(0) | TIMES,
    stopping=st.sampled_from([0, 5]),
    failure=st.none() | FAILURES,
    outputs=st.dictionaries(st.text("12", min_size=1, max_size=2), UI, max_size=2),
)


def checked(name, value):
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(value)
    return value


def times(entry):
    return [text for name, text in entry.items() if name.endswith(("_at", "_time")) and text is not None]


@given(JOBS)
def test_every_job_is_what_the_document_says(job):
    outputs = [output_entry(made, None, "http://host/x", 7) for made in outputs_of(job)]
    view = View(base="http://host/api/v2", outputs=outputs, progress=None, position=2)
    entry = checked("Job", job_entry(job, view))
    assert all(re.fullmatch(r".+T.+\.\d{6}Z", text) for text in times(entry))
    assert all(datetime.fromisoformat(text).tzinfo for text in times(entry))
    assert (entry["error"] is not None) == (job.state is JobState.FAILED and job.failure is not None)
    assert (entry["queue_position"] is not None) == (job.state is JobState.WAITING)
    checked("ListedJob", listed_entry(job, view))


def test_a_job_that_is_to_stop_is_canceling_only_while_it_runs():
    job = Job(submission=Submission(id="a", document={}, targets=()), stopping=4, state=JobState.RUNNING)
    assert status_of(job) == "canceling"
    assert status_of(Job(submission=job.submission, stopping=4, state=JobState.SUCCEEDED)) == "succeeded"


def asset(**changes):
    values = {
        "id": "1c2d3e4f-0000-4000-8000-000000000001", "file": 1, "name": "a.png", "place": "input", "path": "sub/a.png",
        "size": 3, "modified": 0, "digest": "0" * 64, "mime": "image/png", "tags": (), "preview": "",
        "user_metadata": {}, "metadata": {}, "job": "", "created": 1, "updated": 1, "accessed": 1,
    }  # fmt: skip
    return Asset(**(values | changes))


def test_assets_are_what_the_document_says():
    for one in (asset(), asset(digest="", job="j"), asset(user_metadata={"comfy_v2": {"file_path": "b.png"}})):
        for new in (None, True, False):
            entry = checked("Asset", asset_entry(one, "http://host/x", 5, created_new=new))
            assert ("created_new" in entry) == (new is not None)
    assert asset_entry(asset(user_metadata={"comfy_v2": {"file_path": "b.png"}}), "", 5)["file_path"] == "b.png"
    assert asset_entry(asset(place="output"), "", 5)["file_path"] == "output/sub/a.png"


def test_nodes_are_given_names_that_they_know():
    assert widget_value(asset()) == "sub/a.png"
    assert widget_value(asset(place="models/loras")) == "sub/a.png"
    assert widget_value(asset(place="output")) == "sub/a.png [output]"
    assert widget_value(asset(place="temp")) == "sub/a.png [temp]"
