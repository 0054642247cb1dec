"""What is particular to the SQLite engine: its speed with long queues, its files, its plans."""

import sqlite3
import stat
import time
from itertools import count

import pytest

from limner.engine.events import Started, Succeeded
from limner.graph.errors import StorageError
from limner.jobs import sqlite_statements
from limner.jobs.journal import Batch
from limner.jobs.records import FINAL, Errand, JobState, Submission
from limner.jobs.selection import Order, Selection
from limner.jobs.sqlite_journal import SqliteJournal

MANY = 10_000
FINISHED = frozenset(FINAL)
ALIVE = frozenset({JobState.WAITING, JobState.RUNNING})
DOCUMENT = {str(index): {"class_type": "X", "inputs": {"a": [str(index - 1), 0]}} for index in range(8)}


def seconds(work):
    """What it costs this process, whatever disk and other programs are at: the least of five times."""

    def spent():
        began = time.process_time()
        work()
        return time.process_time() - began

    return min(spent() for _ in range(5))


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A journal with 10,000 finished and 10,000 waiting jobs, written past the API's fsync per call."""
    path = tmp_path_factory.mktemp("crowded") / "queue.db"
    journal = SqliteJournal(path)

    def fill(transaction):
        for index in range(2 * MANY):
            journal._accept(transaction, Submission(id=str(index), document=DOCUMENT, targets=("1",), created=1))
        for _ in range(MANY):
            job = journal._claim(transaction, "w")
            name = job.submission.id
            events = [Started(job=name, time=1), Succeeded(job=name, time=2)]
            journal._append(transaction, Batch(name, job.epoch, events))

    journal._writer.do(fill)
    yield journal
    journal.close()


def test_a_long_queue_and_history_stay_quick(crowded):
    assert (crowded.counts().waiting, crowded.counts().finished) == (MANY, MANY)
    # Generous bounds: a scan of either table would take ten times as long.
    new, old = (f"new {number}" for number in count()), map(str, range(15_000, 2 * MANY))
    took = {
        "submit": seconds(lambda: crowded.submit(Submission(id=next(new), document=DOCUMENT, targets=()))),
        "claim": seconds(lambda: crowded.claim("w")),
        "page": seconds(lambda: crowded.history(20)),
        "old page": seconds(lambda: crowded.history(20, 5_000)),
        "get": seconds(lambda: crowded.get("17")),
        "unknown": seconds(lambda: crowded.interrupt_waiting("unknown")),
        "remove": seconds(lambda: crowded.remove_waiting([next(old)])),
        "counts": seconds(crowded.counts),
        "selection": seconds(lambda: crowded.select(Selection(states=FINISHED, limit=64, offset=MANY - 64))),
        "selection by duration": seconds(lambda: crowded.select(Selection(order=Order.DURATION, limit=64))),
        "selection of the queue": seconds(lambda: crowded.select(Selection(states=ALIVE, limit=200))),
    }
    assert all(spent < 0.1 for spent in took.values()), took
    assert seconds(crowded.history) < 3
    assert seconds(crowded.waiting) < 3


HISTORY_OF_ALL = {"index": "job_completion", "owned": ""}
HISTORY_OF_ONE = {"index": "job_owner_completion", "owned": sqlite_statements.OWNED_BY}


@pytest.mark.parametrize(
    ("name", "blanks"),
    [
        ("JOB_BY_ID", {}),
        ("JOB_NEXT", {}),
        ("WAITING", {"owned": ""}),
        ("WAITING", {"owned": sqlite_statements.OWNED_BY}),
        ("RUNNING", {"owned": ""}),
        ("RUNNING", {"owned": sqlite_statements.OWNED_BY}),
        ("HISTORY", {**HISTORY_OF_ALL, "direction": ""}),
        ("HISTORY", {**HISTORY_OF_ALL, "direction": " DESC"}),
        ("HISTORY", {**HISTORY_OF_ONE, "direction": ""}),
        ("HISTORY", {**HISTORY_OF_ONE, "direction": " DESC"}),
        ("EVENTS", {}),
    ],
)
def test_statements_use_an_index_and_sort_nothing(crowded, name, blanks):
    statement = getattr(sqlite_statements, name).format(**blanks)
    values = (1,) * statement.count("?")
    with crowded._file.reading() as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert all("INDEX" in step or "PRIMARY KEY" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_the_file_is_for_its_owner_only(tmp_path):
    SqliteJournal(tmp_path / "queue.db").close()
    assert stat.S_IMODE((tmp_path / "queue.db").stat().st_mode) == 0o600


def test_foreign_and_newer_databases_are_refused(tmp_path):
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(StorageError, match="of another program"):
        SqliteJournal(foreign)
    newer = tmp_path / "newer.db"
    SqliteJournal(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match="version 99"):
        SqliteJournal(newer)


def test_a_closed_journal_says_so_and_closes_twice(tmp_path):
    journal = SqliteJournal(tmp_path / "queue.db")
    journal.close()
    journal.close()
    for call in (journal.waiting, journal.recover.__get__(journal), journal.remove_waiting):
        with pytest.raises(StorageError, match="is closed"):
            call("reason") if call.__name__ == "recover" else call()


def test_an_operation_that_fails_leaves_its_group_alone(tmp_path):
    """Many submissions in one transaction, one of them refused."""
    journal = SqliteJournal(tmp_path / "queue.db")
    journal.submit(Submission(id="taken", document={"1": {}}, targets=()))
    with pytest.raises(StorageError, match="Another job"):
        journal.submit(Submission(id="taken", document={}, targets=()))
    journal.submit(Submission(id="b", document={}, targets=()))
    assert [job.submission.id for job in journal.waiting()] == ["taken", "b"]
    journal.close()


def test_a_connection_that_is_lost_for_a_while_keeps_nobody_waiting(tmp_path, monkeypatch):
    """The writer's thread used to end when it could not connect again, and everybody waited for ever."""
    journal = SqliteJournal(tmp_path / "queue.db")
    connect = journal._writer._connect

    def refuse():
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(journal._writer, "_connect", refuse)
    journal._writer._connection.close()
    for name in "ab":
        with pytest.raises(StorageError):
            journal.submit(Submission(id=name, document=DOCUMENT, targets=()))
    monkeypatch.setattr(journal._writer, "_connect", connect)
    with pytest.raises(StorageError):
        journal.submit(Submission(id="c", document=DOCUMENT, targets=()))
    assert journal.submit(Submission(id="d", document=DOCUMENT, targets=())).submission.id == "d"
    journal.close()


def test_a_journal_of_the_first_version_is_brought_up_to_date(tmp_path):
    path = tmp_path / "queue.db"
    journal = SqliteJournal(path)
    extra = {"extra_pnginfo": {"workflow": {"id": "w"}}}
    for name in ("old", "waiting"):
        journal.submit(Submission(id=name, document=DOCUMENT, targets=("1",), created=7, extra=extra))
    job = journal.claim("w")
    journal.append("old", job.epoch, [Started(job="old", time=10), Succeeded(job="old", time=35)])
    journal.close()
    with sqlite3.connect(path) as connection:
        for index in ("job_created", "job_took", "job_state", "job_owner", "job_owner_completion", "job_grouped"):
            connection.execute(f"DROP INDEX {index}")
        for column in ("created", "took", "workflow", "owner", "held", "grouped", "words"):
            connection.execute(f"ALTER TABLE job DROP COLUMN {column}")
        connection.execute("DELETE FROM counter WHERE name = 'paused'")
        for table in ("errand", "usage", "once", "label", "pace"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    again = SqliteJournal(path)
    try:
        assert [job.submission.id for job in again.select(Selection(workflow="w")).jobs] == ["waiting", "old"]
        with again._file.reading() as connection:
            rows = connection.execute("SELECT created, took, workflow, owner FROM job ORDER BY sequence").fetchall()
        assert rows == [(7, 25, "w", "default"), (7, 0, "w", "default")]
        assert not again.turns.paused
        assert again.select(Selection(words=(next(iter(DOCUMENT.values()))["class_type"].lower(),))).total == 2
        assert again.turns.hold(["waiting"], True) == ["waiting"]
        assert again.claim("w") is None
    finally:
        again.close()


def test_errands_are_held_with_their_keys_until_the_job_ends_and_then_due_with_what_became_of_it(tmp_path):
    journal = SqliteJournal(tmp_path / "queue.db")
    errand = Errand(kind="webhook", body={"url": "http://x"}, secrets={"key": "hidden"}, stage=1)
    accepted = journal.submit(Submission(id="a", document=DOCUMENT, targets=(), owner="ann", errands=(errand,)))
    statement = "SELECT job, owner, kind, stage, body, secrets, record, state, due FROM errand"
    try:
        with journal._file.reading() as connection:
            held = connection.execute(statement).fetchall()
        assert held == [("a", "ann", "webhook", 1, b'{"url":"http://x"}', b'{"key":"hidden"}', None, "held", 0)]
        assert accepted.submission.errands == ()
        job = journal.claim("w")
        journal.append("a", job.epoch, [Started(job="a", time=10), Succeeded(job="a", time=35)])
        with journal._file.reading() as connection:
            due = connection.execute(statement).fetchall()
            record = connection.execute("SELECT record FROM job").fetchone()[0]
        assert due == [(*held[0][:6], record, "due", 35)]
        assert b"hidden" not in record
    finally:
        journal.close()
