"""What the outbox promises, in a journal's file: nothing is forgotten, stages, notes, secrets."""

import itertools

import pytest

from limner.engine.events import Interrupted, Started, Succeeded
from limner.jobs.outbox import ErrandState
from limner.jobs.records import Errand, JobState, Submission
from limner.jobs.sqlite_journal import SqliteJournal

LATER = 1 << 50
UPLOAD = Errand(kind="upload", body={"store": ""}, secrets={"key": "hidden-key"})
WEBHOOK = Errand(kind="webhook", body={"url": "https://example.org"}, stage=1)

times = itertools.count(1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "limner.sqlite"


@pytest.fixture
def journal(path):
    journal = SqliteJournal(path)
    yield journal
    journal.close()


def submit(journal, name="job", *errands, owner="default"):
    journal.submit(Submission(id=name, document={}, targets=(), owner=owner, errands=errands, created=next(times)))


def end(journal, name="job"):
    job = journal.claim("worker")
    assert job.submission.id == name
    assert journal.append(name, job.epoch, [Started(job=name, time=1), Succeeded(job=name, time=2)])


def due(journal):
    return [kept.errand.kind for kept in journal.outbox.due(LATER, 10)]


def test_errands_wait_for_the_end_of_their_job(journal):
    submit(journal, "job", UPLOAD)
    assert due(journal) == []
    assert [kept.state for kept in journal.outbox.of_job("job")] == [ErrandState.HELD]
    end(journal)
    (kept,) = journal.outbox.due(LATER, 10)
    assert kept.record.state is JobState.SUCCEEDED
    assert kept.errand == UPLOAD
    assert journal.outbox.next_due(0) == kept.due == 2


def test_errands_outlive_the_server_and_the_history(journal, path):
    submit(journal, "job", UPLOAD)
    end(journal)
    journal.delete_history()
    journal.close()
    again = SqliteJournal(path)
    try:
        assert due(again) == ["upload"]
    finally:
        again.close()


def test_a_job_that_is_taken_out_of_the_queue_has_errands_too(journal):
    submit(journal, "job", WEBHOOK)
    journal.remove_waiting()
    (kept,) = journal.outbox.due(LATER, 10)
    assert kept.record.state is JobState.INTERRUPTED


def test_a_job_that_is_interrupted_while_it_waits_has_errands_too(journal):
    submit(journal, "job", WEBHOOK)
    assert isinstance(journal.interrupt_waiting("job").event, Interrupted)
    assert due(journal) == ["webhook"]


def test_later_stages_wait_for_earlier_ones(journal):
    submit(journal, "job", WEBHOOK, UPLOAD)
    end(journal)
    assert due(journal) == ["upload"]
    (upload,) = journal.outbox.due(LATER, 10)
    journal.outbox.again(upload.id, LATER * 2, "not now")
    assert due(journal) == []
    journal.outbox.give_up(upload.id, "never")
    assert due(journal) == ["webhook"]


def test_stages_of_other_jobs_are_no_hindrance(journal):
    submit(journal, "one", UPLOAD, WEBHOOK)
    submit(journal, "two", WEBHOOK)
    end(journal, "one")
    end(journal, "two")
    assert sorted(due(journal)) == ["upload", "webhook"]


def test_what_is_done_loses_its_secrets(journal, path):
    submit(journal, "job", UPLOAD)
    end(journal)
    (kept,) = journal.outbox.due(LATER, 10)
    journal.outbox.done(kept.id, [{"key": "a.png"}])
    done = journal.outbox.get(kept.id)
    assert (done.state, done.result, done.errand.secrets) == (ErrandState.DONE, [{"key": "a.png"}], {})
    journal.close()
    assert not any(b"hidden-key" in file.read_bytes() for file in path.parent.iterdir())


def test_secrets_are_given_only_to_those_who_carry(journal):
    submit(journal, "job", UPLOAD)
    end(journal)
    outbox = journal.outbox
    (kept,) = outbox.due(LATER, 10)
    seen = (outbox.get(kept.id), *outbox.of_job("job"), *outbox.latest(10))
    assert [other.errand.secrets for other in seen] == [{}, {}, {}]
    assert journal.get("job").submission.errands == ()


def test_tries_in_vain_are_counted_and_explained(journal):
    submit(journal, "job", UPLOAD)
    end(journal)
    (kept,) = journal.outbox.due(LATER, 10)
    journal.outbox.again(kept.id, 5000, "the bucket is full")
    assert journal.outbox.due(4999, 10) == []
    assert journal.outbox.next_due(4000) == 5000
    journal.outbox.hasten([kept.id], 4000)
    (again,) = journal.outbox.due(4000, 10)
    assert (again.attempts, again.reason, again.errand.secrets) == (1, "the bucket is full", {"key": "hidden-key"})
    journal.outbox.again(kept.id, 6000, "still", counted=False)
    assert (journal.outbox.get(kept.id).attempts, journal.outbox.get(kept.id).reason) == (1, "still")


def test_what_is_being_carried_is_not_given_again(journal):
    for number in range(3):
        submit(journal, f"{number}", UPLOAD)
        end(journal, f"{number}")
    first, second = journal.outbox.due(LATER, 2)
    assert [kept.id for kept in journal.outbox.due(LATER, 2, {first.id, second.id})] == [3]


def test_what_was_given_up_or_done_can_be_done_again(journal):
    submit(journal, "job", UPLOAD)
    outbox = journal.outbox
    assert not outbox.redeliver(1, 7)  # its job has not ended
    end(journal)
    outbox.give_up(1, "never")
    assert (outbox.get(1).attempts, outbox.get(1).reason) == (1, "never")
    assert outbox.redeliver(1, 7)
    (kept,) = outbox.due(LATER, 10)
    assert (kept.attempts, kept.due, kept.reason, kept.errand.secrets) == (0, 7, "", {"key": "hidden-key"})
    assert not outbox.redeliver(99, 7)


def test_a_note_about_what_is_settled_changes_nothing(journal):
    submit(journal, "job", UPLOAD)
    end(journal)
    journal.outbox.done(1, [])
    journal.outbox.again(1, 5, "late")
    journal.outbox.give_up(1, "late")
    assert (journal.outbox.get(1).state, journal.outbox.get(1).reason) == (ErrandState.DONE, "")


def test_of_jobs_with_one_id_the_latest_counts(journal):
    submit(journal, "job", UPLOAD)
    end(journal)
    journal.outbox.done(1, ["old"])
    submit(journal, "job", WEBHOOK)
    assert [kept.errand.kind for kept in journal.outbox.of_job("job")] == ["webhook"]
    end(journal)
    assert [kept.errand.kind for kept in journal.outbox.of_job("job")] == ["webhook"]
    assert journal.outbox.of_job("unknown") == []


def test_lists_are_by_owner_and_state(journal):
    submit(journal, "mine", UPLOAD, owner="me")
    submit(journal, "yours", UPLOAD, owner="you")
    end(journal, "mine")
    outbox = journal.outbox
    assert [kept.job for kept in outbox.latest(10)] == ["yours", "mine"]
    assert [kept.job for kept in outbox.latest(10, "me")] == ["mine"]
    assert [kept.job for kept in outbox.latest(10, state=ErrandState.DUE)] == ["mine"]
    assert len(outbox.latest(1)) == 1


def test_what_was_settled_long_ago_is_forgotten(journal):
    submit(journal, "job", UPLOAD, WEBHOOK)
    end(journal)
    journal.outbox.done(1, [])
    assert journal.outbox.forget(0) == 0
    assert journal.outbox.forget(LATER) == 1
    assert [kept.id for kept in journal.outbox.latest(10)] == [2]


def test_what_is_outstanding_is_counted_by_kind(journal):
    submit(journal, "a", UPLOAD, WEBHOOK)
    assert journal.outbox.outstanding() == {}
    end(journal, "a")
    submit(journal, "b", UPLOAD)
    end(journal, "b")
    assert journal.outbox.outstanding() == {"upload": 2, "webhook": 1}
    journal.outbox.done(journal.outbox.of_job("b")[0].id, [])
    assert journal.outbox.outstanding() == {"upload": 1, "webhook": 1}
