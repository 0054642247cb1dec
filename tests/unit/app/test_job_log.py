"""What the server's terminal shows of a job."""

import logging

from limner.app.job_log import job_line, log_job
from limner.engine.events import Failed, Failure, NodePlace, Started, Succeeded
from limner.jobs.records import Job, Submission

SUBMISSION = Submission(id="abc", document={}, targets=("9",), secrets={"api_key_comfy_org": "hush"})


def test_a_finished_job_names_its_pictures():
    job = Job(submission=SUBMISSION, started=1000, outputs={"9": {"images": [{"filename": "a.png"}], "text": ["x"]}})
    assert job_line(job, Succeeded(job="abc", time=3500)) == "job abc: done after 2.5 s, a.png"


def test_a_failed_job_says_where_and_why():
    failure = Failure(place=NodePlace.of("3"), node_type="KSampler", error_type="E", message="no room\n")
    told = job_line(Job(submission=SUBMISSION, started=1000), Failed(job="abc", time=2000, failure=failure))
    assert told == "job abc: failed after 1.0 s. node 3 (KSampler): no room"


def test_only_the_end_is_logged(caplog):
    caplog.set_level(logging.INFO)
    for event in (Started(job="abc", time=1), Succeeded(job="abc", time=2)):
        log_job(Job(submission=SUBMISSION, started=1), event)
    assert [record.levelname for record in caplog.records] == ["INFO"]
