"""Keys that may be used once, labels, places in the queue, and jobs that were asked to stop."""

import pytest

from limner.engine.events import Interrupted, Requeued, Started, Stopping, Succeeded
from limner.graph.errors import GraphError
from limner.jobs import sqlite_keys
from limner.jobs.journal import KEY_TAKEN, KEYS_REMEMBERED
from limner.jobs.records import JobState, Submission
from limner.jobs.selection import Selection
from limner.jobs.sqlite_journal import SqliteJournal

DOCUMENT = {"1": {"class_type": "A", "inputs": {}}}


@pytest.fixture
def journal(tmp_path):
    journal = SqliteJournal(tmp_path / "queue.db")
    yield journal
    journal.close()


def asked(name, **more):
    return Submission(id=name, document=DOCUMENT, targets=("1",), **more)


def ids(page):
    return [job.submission.id for job in page.jobs]


def test_a_key_is_used_once_by_each_owner(journal):
    journal.submit(asked("a", key="k", owner="ann"))
    with pytest.raises(GraphError) as caught:
        journal.submit(asked("b", key="k", owner="ann"))
    assert caught.value.problems[0].code == KEY_TAKEN
    assert journal.get("b") is None
    assert journal.submit(asked("c", key="k", owner="bob")).submission.id == "c"
    assert journal.keys.is_taken("ann", "jobs", "k")
    assert not journal.keys.is_taken("ann", "assets", "k")


def test_a_key_outlives_its_job_and_the_server(tmp_path):
    journal = SqliteJournal(tmp_path / "queue.db")
    journal.submit(asked("a", key="k"))
    epoch = journal.claim("w").epoch
    journal.append("a", epoch, [Started(job="a", time=1), Succeeded(job="a", time=2)])
    journal.delete_history()
    journal.close()
    again = SqliteJournal(tmp_path / "queue.db")
    try:
        with pytest.raises(GraphError):
            again.submit(asked("b", key="k"))
    finally:
        again.close()


def test_a_key_is_free_again_after_a_day(journal, monkeypatch):
    journal.keys.take("ann", "assets", "k")
    with pytest.raises(GraphError):
        journal.keys.take("ann", "assets", "k")
    later = sqlite_keys.now() + KEYS_REMEMBERED + 1
    monkeypatch.setattr(sqlite_keys, "now", lambda: later)
    assert not journal.keys.is_taken("ann", "assets", "k")
    journal.keys.take("ann", "assets", "k")


def test_a_job_that_could_not_be_written_leaves_its_key_free(journal):
    journal.submit(asked("a"))
    other = Submission(id="a", document={"2": {"class_type": "B", "inputs": {}}}, targets=("2",), key="k")
    with pytest.raises(Exception, match="Another job"):
        journal.submit(other)
    assert not journal.keys.is_taken("default", "jobs", "k")


def test_jobs_are_found_by_their_labels_page_by_page(journal):
    for number in range(5):
        labels = {"team": "red" if number % 2 else "blue", "n": str(number)}
        journal.submit(asked(str(number), created=10 + number // 3, labels=labels))
    assert ids(journal.select(Selection(labels={"team": "blue"}))) == ["4", "2", "0"]
    assert ids(journal.select(Selection(labels={"team": "blue", "n": "2"}))) == ["2"]
    found, after = [], None
    while page := journal.select(Selection(limit=2, after=after)).jobs:
        found += [job.submission.id for job in page]
        after = (page[-1].submission.created, page[-1].submission.id)
    assert found == ["4", "3", "2", "1", "0"]


def test_a_page_goes_on_after_a_job_that_was_forgotten(journal):
    for number in range(4):
        journal.submit(asked(str(number), created=number + 1))
    journal.remove_waiting(["2"])
    assert ids(journal.select(Selection(after=(3, "2")))) == ["1", "0"]


def test_places_in_the_queue(journal):
    for name, number in (("a", None), ("b", None), ("c", -5.0)):
        journal.submit(asked(name, number=number))
    assert [journal.position(name) for name in ("a", "b", "c", "nobody")] == [2, 3, 1, None]
    assert journal.claim("w").submission.id == "c"
    assert [journal.position(name) for name in ("a", "b", "c")] == [1, 2, None]


def test_a_job_that_was_asked_to_stop_does_not_run_again(journal):
    for name in ("a", "b"):
        journal.submit(asked(name))
        journal.append(name, journal.claim("w").epoch, [Started(job=name, time=1)])
    journal.append("a", journal.get("a").epoch, [Stopping(job="a", time=2)])
    assert (journal.get("a").stopping, journal.get("a").state) == (2, JobState.RUNNING)
    changes = {change.job.submission.id: change.event for change in journal.recover("gone")}
    assert isinstance(changes["a"], Interrupted)
    assert isinstance(changes["b"], Requeued)
    assert journal.get("a").state is JobState.INTERRUPTED


def test_a_job_of_another_door_that_is_taken_out_of_the_queue_was_there(journal):
    for name, dialect in (("a", "comfy"), ("b", "comfy_v2")):
        journal.submit(asked(name, dialect=dialect))
    removed = journal.remove_waiting()
    assert [job.state for job in removed] == [JobState.INTERRUPTED] * 2
    assert journal.get("a") is None
    assert journal.get("b").state is JobState.INTERRUPTED
    assert (journal.counts().waiting, journal.counts().finished) == (0, 1)
