import time

import msgspec

from limner.engine.events import (
    Claimed,
    Failed,
    Failure,
    Interrupted,
    NodeOutput,
    NodePlace,
    Recalled,
    Requeued,
    Started,
    Succeeded,
)
from limner.jobs.records import Job, JobState, Submission, fold, fold_all, without_secrets

JOB = Job(submission=Submission(id="a", document={}, targets=(), secrets={"key": "SECRET"}))


def folded(*events):
    job = JOB
    for event in events:
        job = fold(job, event)
    return job


def output(node, ui):
    return NodeOutput(job="a", time=1, place=NodePlace.of(node), ui=ui)


def test_a_claim_runs_and_a_requeue_forgets_the_attempt():
    claimed = Claimed(job="a", time=1, worker="w", epoch=4, attempt=1)
    job = folded(claimed, Started(job="a", time=2), output("1", {"n": [1]}))
    assert (job.state, job.epoch, job.attempt, job.started) == (JobState.RUNNING, 4, 1, 2)
    job = fold(job, Requeued(job="a", time=3, reason="gone"))
    assert (job.state, job.started, job.outputs, job.places) == (JobState.WAITING, 0, {}, {})


def test_outputs_keep_their_order_and_an_output_without_content_has_a_place_only():
    job = folded(output("2", {"n": [1]}), output("1", None))
    assert list(job.outputs) == ["2"]
    assert list(job.places) == ["2", "1"]


def test_a_final_state_never_changes():
    failure = Failure(place=None, node_type="", error_type="E", message="m")
    ends = [Succeeded(job="a", time=1), Failed(job="a", time=2, failure=failure), Interrupted(job="a", time=3)]
    states = [JobState.SUCCEEDED, JobState.FAILED, JobState.INTERRUPTED]
    for end, state in zip(ends, states, strict=True):
        job = folded(end, *ends)
        assert (job.state, job.ended) == (state, end.time)


def test_secrets_are_left_out():
    assert without_secrets(JOB).submission.secrets == {}
    assert b"SECRET" not in msgspec.json.encode(without_secrets(JOB))


def test_folding_all_at_once_is_the_same():
    events = [
        Claimed(job="a", time=1, worker="w", epoch=1, attempt=1),
        Started(job="a", time=2),
        output("1", {"n": [1]}),
        Requeued(job="a", time=3, reason="gone"),
        Claimed(job="a", time=4, worker="w", epoch=2, attempt=2),
        Started(job="a", time=5),
        Recalled(job="a", time=6, nodes=("9",)),
        output("2", {"n": [2]}),
        output("3", None),
        Succeeded(job="a", time=7),
        output("4", {"n": [4]}),
    ]
    one_by_one = folded(*events)
    assert fold_all(folded(), events) == one_by_one
    assert one_by_one.recalled_at == 6 and list(one_by_one.outputs) == ["2"]


def test_folding_many_outputs_is_linear():
    events = [output(str(number), {"n": [number]}) for number in range(50_000)]
    began = time.perf_counter()
    assert len(fold_all(folded(), events).outputs) == 50_000
    assert time.perf_counter() - began < 5
