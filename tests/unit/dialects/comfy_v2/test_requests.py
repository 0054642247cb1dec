"""What requests may say."""

import pytest

from limner.dialects.comfy_v2.asset_request import read_from_path, read_hash, read_target, read_upload
from limner.dialects.comfy_v2.job_list import job_page, read_query, written_cursor
from limner.dialects.comfy_v2.labels import read_metadata
from limner.dialects.comfy_v2.references import references, resolved
from limner.dialects.comfy_v2.submission import read_job_request, read_key
from limner.graph.errors import GraphError
from limner.jobs.records import Job, JobState, Submission

WORKFLOW = {"1": {"class_type": "A", "inputs": {}}}


def code(caught):
    return caught.value.problems[0].code


def refused(body):
    with pytest.raises(GraphError) as caught:
        read_job_request(body)
    return code(caught)


def test_a_plain_request():
    asked = read_job_request({"workflow": WORKFLOW, "unknown": 1, "webhook_url": None, "extra_data": {}})
    assert (asked.metadata, asked.priority, asked.number, asked.secrets, asked.told) == (None, None, None, {}, {})


@pytest.mark.parametrize(("priority", "runs_before"), [(9, 3), (3, 0), (0, -3), (-3, -9)])
def test_what_is_urgent_runs_first(priority, runs_before):
    numbers = [read_job_request({"workflow": {}, "priority": one}).number for one in (priority, runs_before)]
    first, second = (1000 if number is None else number for number in numbers)
    assert first < second


@pytest.mark.parametrize("priority", [1.5, True, "1", 1_000_001, []])
def test_priorities_that_are_none(priority):
    assert refused({"workflow": {}, "priority": priority}) == "invalid_field"


@pytest.mark.parametrize(
    "metadata",
    [5, ["a"], {"a b": "c"}, {"": "c"}, {"a": 5}, {"a": "x" * 257}, {"a": "\u202e"}, {"a": "\n"}, "x" * 1025,
     {str(number): "" for number in range(17)}],
)  # fmt: skip
def test_metadata_that_is_none(metadata):
    assert refused({"workflow": {}, "metadata": metadata}) == "metadata_invalid"


def test_a_text_has_no_labels_and_a_map_is_all_labels():
    assert read_metadata("words") == ("words", {})
    assert read_metadata({"a": "ü"}) == ({"a": "ü"}, {"a": "ü"})


@pytest.mark.parametrize("key", ["", "x" * 256, "ä", "a\tb"])
def test_keys_that_are_none(key):
    with pytest.raises(GraphError) as caught:
        read_key(key)
    assert code(caught) == "invalid_request"


def test_references_are_found_wherever_they_stand_and_the_workflow_stays_as_it_was():
    one = {"__type": "core/ASSET", "info": {"id": "a", "hash": None}}
    two = {"__type": "core/ASSET", "info": {"hash": "blake3:b"}}
    workflow = {"1": {"inputs": {"image": one, "list": [{"deep": two}, 5]}}}
    assert {(found.id, found.hash) for found in references(workflow)} == {("a", ""), ("", "blake3:b")}
    done = resolved(workflow, lambda reference: reference.id or reference.hash)
    assert done == {"1": {"inputs": {"image": "a", "list": [{"deep": "blake3:b"}, 5]}}}
    assert workflow["1"]["inputs"]["image"] is one


def test_a_workflow_may_not_be_endlessly_deep():
    deep = {"__type": "core/ASSET", "info": {"id": "a"}}
    for _ in range(300):
        deep = {"x": deep}
    assert list(references(deep))
    with pytest.raises(GraphError):
        resolved(deep, lambda reference: "")


@pytest.mark.parametrize(
    ("path", "place", "folder", "name"),
    [
        ("a.png", "input", "", "a.png"),
        ("input/a.png", "input", "", "a.png"),
        ("input\\sub\\a.png", "input", "sub", "a.png"),
        ("models/loras/x/a.safetensors", "models/loras", "x", "a.safetensors"),
        ("loras/a.safetensors", "models/loras", "", "a.safetensors"),
        ("unet/a.safetensors", "models/diffusion_models", "", "a.safetensors"),
        ("models/clip/a.safetensors", "models/text_encoders", "", "a.safetensors"),
    ],
)
def test_paths(path, place, folder, name):
    target = read_target(path)
    assert (target.place, target.folder, target.name, target.written) == (place, folder, name, path)


@pytest.mark.parametrize(
    "path",
    ["", None, 5, "/a.png", "../a.png", "input/../a.png", "c:/a.png", "sub/a.png", "output/a.png", "temp/a.png",
     "custom_nodes/a.py", "models/custom_nodes/a.py", "models/a.safetensors", "models/configs/a.yaml", "input/",
     "a\nb"],
)  # fmt: skip
def test_paths_that_are_none(path):
    with pytest.raises(GraphError) as caught:
        read_target(path)
    assert code(caught) == "invalid_field"


def test_hashes():
    assert read_hash(f"BLAKE3:{'A' * 64}") == "a" * 64
    assert [read_hash(text) for text in ("sha256:00", "blake3:0", None, 5)] == ["", "", "", ""]


def test_an_upload_without_a_type_has_that_of_its_part():
    assert read_upload({"file_path": "a.png"}, ["b", "b"], "image/png").mime == "image/png"
    assert read_upload({"file_path": "a.png", "content_type": "image/JPEG"}, [], "").mime == "image/jpeg"


@pytest.mark.parametrize("body", [[], {}, {"path": "a.png"}, {"path": 5}, {"path": "/a", "content_type": "x"}])
def test_paths_of_the_server_that_are_none(body):
    with pytest.raises(GraphError):
        read_from_path(body)


def test_a_cursor_leads_on_from_the_last_job():
    jobs = [Job(submission=Submission(id=name, document={}, targets=(), created=5)) for name in "ab"]
    wanted, _ = read_query([("limit", "2"), ("cursor", written_cursor(jobs[0]))], None)
    assert wanted.after == (5, "a")
    told, cursor = job_page(jobs, wanted, frozenset())
    assert told == jobs
    assert read_query([("cursor", cursor)], None)[0].after == (5, "b")
    assert job_page(jobs[:1], wanted, frozenset())[1] is None


def test_jobs_that_run_and_jobs_that_are_to_stop_are_told_apart():
    asked = Submission(id="a", document={}, targets=())
    running, stopping = (Job(submission=asked, state=JobState.RUNNING, stopping=when) for when in (0, 5))
    wanted, statuses = read_query([("status", "canceling")], "ann")
    assert (wanted.states, wanted.owner) == ({JobState.RUNNING}, "ann")
    assert job_page([running, stopping], wanted, statuses)[0] == [stopping]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "ImEi", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTksImEiXQ", "ä"])
def test_cursors_that_are_none(cursor):
    with pytest.raises(GraphError) as caught:
        read_query([("cursor", cursor)], None)
    assert code(caught) == "invalid_cursor"
