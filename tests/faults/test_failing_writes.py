"""Every single write to the journal fails once, in turn: a call that failed left nothing, the next one works."""

import sqlite3

import pytest

from limner.engine.events import Started, Succeeded
from limner.graph.errors import StorageError
from limner.jobs.journal import Counts
from limner.jobs.records import JobState, Submission
from limner.jobs.sqlite_file import JournalFile
from limner.jobs.sqlite_journal import SqliteJournal


class FailingConnection(sqlite3.Connection):
    """Fails at one statement, counted over all connections that share ``fate``."""

    fate = None

    def execute(self, statement, *values):
        if self.fate is not None:
            self.fate["count"] += 1
            if self.fate["count"] == self.fate["fails"]:
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorname = self.fate["name"]
                raise error
        return super().execute(statement, *values)


def persist(call, failures):
    """Calls until it works, as a client would; counts the failures."""
    while True:
        try:
            return call()
        except StorageError:
            failures.append(call)


def live(journal):
    """A short life of two jobs; the failures on the way, each checked to have left nothing."""
    failures = []

    def submit(name):
        before = [job.submission.id for job in journal.waiting()]
        try:
            return journal.submit(Submission(id=name, document={}, targets=(), secrets={"key": "s"}))
        except StorageError:
            assert [job.submission.id for job in journal.waiting()] == before
            assert journal.counts().waiting == len(before)
            raise

    for name in "ab":
        persist(lambda name=name: submit(name), failures)
    job = persist(lambda: journal.claim("w"), failures)
    assert job.submission.id == "a"
    assert persist(lambda: journal.append("a", job.epoch, [Started(job="a", time=1)]), failures)
    assert persist(lambda: journal.lost("a", job.epoch, "gone"), failures).job.state is JobState.WAITING
    again = persist(lambda: journal.claim("w"), failures)
    assert (again.submission.id, again.attempt) == ("a", 2)
    assert persist(lambda: journal.append("a", again.epoch, [Succeeded(job="a", time=2)]), failures)
    assert persist(lambda: journal.interrupt_waiting("b"), failures) is not None
    return failures


@pytest.mark.parametrize("name", ["SQLITE_IOERR_WRITE"])
def test_any_write_may_fail_once(tmp_path, monkeypatch, name):
    def connect(self):
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, factory=FailingConnection
        )
        connection.execute("PRAGMA journal_mode = WAL")
        return connection

    monkeypatch.setattr(JournalFile, "connect", connect)
    fate = {"count": 0, "fails": 0, "name": name}
    failed = number = 0
    while fate["count"] >= fate["fails"]:
        number += 1
        path = tmp_path / f"{number}.db"
        monkeypatch.setattr(FailingConnection, "fate", None)
        journal = SqliteJournal(path)
        journal._file.give_reserve()
        fate |= {"count": 0, "fails": number}
        monkeypatch.setattr(journal._writer._connection, "fate", fate, raising=False)
        failed += len(live(journal))
        assert journal.counts() == Counts(finished=2)
        events = [type(kept.event).__name__ for kept in journal.events("a")]
        assert events == ["Queued", "Claimed", "Started", "Requeued", "Claimed", "Succeeded"]
        journal._writer._connection.fate = None
        journal.close()
        journal = SqliteJournal(path)
        assert [job.state for job in journal.history()] == [JobState.SUCCEEDED, JobState.INTERRUPTED]
        journal.close()
    assert number > 40
    assert failed >= number // 2
