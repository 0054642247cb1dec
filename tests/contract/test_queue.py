"""What every Journal promises, whatever keeps it. An engine is added to ``ENGINES`` by its file alone."""

import importlib
import pkgutil
import threading

import pytest

import limner.jobs
from limner.engine.events import (
    Failed,
    Failure,
    Interrupted,
    NodeOutput,
    NodePlace,
    NodeProgress,
    NodeStarted,
    Recalled,
    Requeued,
    Started,
    Succeeded,
)
from limner.graph.errors import DocumentError, StorageError
from limner.jobs.journal import Batch, Counts
from limner.jobs.records import JobState, Submission, fold
from limner.jobs.selection import Order, Selection

ENGINES = [
    getattr(module, name)
    for entry in pkgutil.iter_modules(limner.jobs.__path__)
    if entry.name.endswith("_journal")
    for module in [importlib.import_module(f"limner.jobs.{entry.name}")]
    for name in vars(module)
    if name.lower() == entry.name.replace("_", "")
]


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.__name__)
def opened(request, tmp_path):
    """Opens the journal of one folder as often as a test wants; the one before is closed."""
    journals = []

    def again():
        if journals:
            journals[-1].close()
        journals.append(request.param(tmp_path / "queue.db"))
        return journals[-1]

    yield again
    if journals:
        journals[-1].close()


@pytest.fixture
def journal(opened):
    return opened()


def asked(name, number=None, **fields):
    document = {"1": {"class_type": "X", "inputs": {"text": name}}}
    return Submission(id=name, number=number, document=document, targets=("1",), **fields)


def started(job):
    return Started(job=job, time=10)


def succeeded(job):
    return Succeeded(job=job, time=20)


def output(job, node="1"):
    return NodeOutput(job=job, time=15, place=NodePlace.of(node), ui={"images": [{"filename": "a.png"}]})


def finish(journal, *names):
    for name in names:
        job = journal.claim("w")
        assert job.submission.id == name
        assert journal.append(name, job.epoch, [started(name), output(name), succeeded(name)])


def names(jobs):
    return [job.submission.id for job in jobs]


def test_an_accepted_job_waits_and_survives_reopening(opened):
    job = opened().submit(asked("a", owner="me", client="c", extra={"x": [1, None]}))
    assert job.state is JobState.WAITING
    again = opened()
    assert again.get("a") == job
    assert again.waiting() == [job]
    assert again.counts() == Counts(waiting=1)


def test_lower_numbers_first_then_arrival(journal):
    for name, number in [("a", 3.0), ("b", -5.0), ("c", 3), ("d", 7.5)]:
        journal.submit(asked(name, number))
    assert names(journal.waiting()) == ["b", "a", "c", "d"]
    assert [journal.claim("w").submission.id for _ in range(4)] == ["b", "a", "c", "d"]
    assert journal.claim("w") is None


def test_automatic_numbers_are_integers_and_consumed_by_refused_submissions(opened):
    journal = opened()
    first = journal.submit(asked("a")).submission.number
    journal.next_number()
    second = journal.submit(asked("b")).submission.number
    front = journal.submit(asked("c", front=True)).submission.number
    assert (second - first, front) == (2, -(second + 1))
    assert all(type(number) is int for number in (first, second, front))
    assert names(journal.waiting()) == ["c", "a", "b"]
    assert opened().submit(asked("d")).submission.number > second


def test_given_numbers_keep_their_type(opened):
    opened().submit(asked("a", 7.0))
    number = opened().get("a").submission.number
    assert type(number) is float


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_without_an_order_are_refused(journal, number):
    with pytest.raises(DocumentError, match="finite"):
        journal.submit(asked("a", number))
    assert journal.counts() == Counts()


def test_values_that_json_cannot_express_are_refused(journal):
    with pytest.raises(DocumentError):
        journal.submit(asked("a", extra={"text": "\ud800"}))
    assert journal.get("a") is None


def test_state_is_the_fold_of_the_events(journal):
    before = journal.submit(asked("a"))
    finish(journal, "a")
    job = before
    for kept in journal.events("a"):
        job = fold(job, kept.event)
    assert job == journal.get("a") == journal.history()[0]
    assert job.state is JobState.SUCCEEDED
    assert job.outputs == {"1": {"images": [{"filename": "a.png"}]}}


def test_events_are_numbered_per_job_and_resume_after_a_number(journal):
    journal.submit(asked("a"))
    finish(journal, "a")
    kept = journal.events("a")
    assert [entry.number for entry in kept] == [1, 2, 3, 4, 5]
    assert [type(entry.event).__name__ for entry in kept] == ["Queued", "Claimed", "Started", "NodeOutput", "Succeeded"]
    assert journal.events("a", after=3) == kept[3:]
    assert journal.events("unknown") == []


def test_transient_events_are_not_kept(journal):
    journal.submit(asked("a"))
    job = journal.claim("w")
    place = NodePlace.of("1")
    journal.append("a", job.epoch, [NodeStarted(job="a", time=1, place=place), started("a")])
    journal.append("a", job.epoch, [NodeProgress(job="a", time=1, place=place, value=1, total=2)])
    assert len(journal.events("a")) == 3


def test_a_stale_epoch_writes_nothing(journal):
    journal.submit(asked("a"))
    old = journal.claim("w").epoch
    journal.lost("a", old, "gone")
    new = journal.claim("w").epoch
    assert new > old
    before = journal.events("a")
    assert not journal.append("a", old, [succeeded("a")])
    assert journal.lost("a", old, "again") is None
    assert journal.events("a") == before
    assert journal.append("a", new, [succeeded("a")])


def test_a_final_state_never_changes(journal):
    journal.submit(asked("a"))
    epoch = journal.claim("w").epoch
    failure = Failure(place=None, node_type="", error_type="E", message="m")
    journal.append("a", epoch, [succeeded("a"), Failed(job="a", time=1, failure=failure)])
    assert not journal.append("a", epoch, [Failed(job="a", time=1, failure=failure)])
    assert journal.lost("a", epoch, "late") is None
    assert journal.interrupt_waiting("a") is None
    assert journal.get("a").state is JobState.SUCCEEDED


def test_a_batch_tells_which_leases_held(journal):
    for name in "ab":
        journal.submit(asked(name))
    first, second = journal.claim("w"), journal.claim("w")
    batches = [Batch("a", first.epoch, [succeeded("a")]), Batch("b", first.epoch, [succeeded("b")])]
    assert journal.append_many([*batches, Batch("x", 1, [succeeded("x")])]) == [True, False, False]
    assert journal.get("b").epoch == second.epoch


def test_a_lost_job_is_tried_once_more_and_then_fails_with_the_reason(journal):
    journal.submit(asked("a"))
    for attempt in (1, 2):
        job = journal.claim("w")
        assert job.attempt == attempt
        journal.append("a", job.epoch, [started("a"), output("a")])
        change = journal.lost("a", job.epoch, "Worker killed by SIGKILL.")
    assert isinstance(change.event, Failed)
    assert change.job == journal.get("a") == journal.history()[0]
    assert "SIGKILL" in change.job.failure.message


def test_a_requeued_job_leaks_no_outputs(journal):
    journal.submit(asked("a"))
    job = journal.claim("w")
    journal.append("a", job.epoch, [started("a"), Recalled(job="a", time=1, nodes=("2",)), output("a")])
    change = journal.lost("a", job.epoch, "gone")
    assert isinstance(change.event, Requeued)
    assert (change.job.outputs, change.job.recalled, change.job.state) == ({}, (), JobState.WAITING)
    assert journal.waiting() == [change.job]


def test_losses_before_the_start_or_without_blame_do_not_count(journal):
    journal.submit(asked("a"))
    for ran in (False, True, True, True):
        job = journal.claim("w")
        assert job.attempt == 1
        if ran:
            journal.append("a", job.epoch, [started("a")])
        assert isinstance(journal.lost("a", job.epoch, "gone", excused=ran).event, Requeued)


def test_a_job_that_never_starts_is_not_tried_for_ever(journal):
    journal.submit(asked("a"))
    claims = 0
    while (job := journal.claim("w")) is not None:
        claims += 1
        change = journal.lost("a", job.epoch, "gone")
    assert isinstance(change.event, Failed)
    assert 2 <= claims <= 10


def test_recovery_takes_back_what_a_dead_server_left(opened):
    journal = opened()
    for name in "abc":
        journal.submit(asked(name))
    first = journal.claim("w")
    journal.append("a", first.epoch, [started("a")])
    journal.claim("w")
    journal = opened()
    changes = journal.recover("the server stopped")
    assert names(change.job for change in changes) == ["a", "b"]
    assert names(journal.waiting()) == ["a", "b", "c"]
    assert journal.running() == []
    assert [journal.claim("w").attempt for _ in range(3)] == [2, 1, 1]


def test_secrets_reach_the_claim_and_nothing_else(opened):
    journal = opened()
    submitted = journal.submit(asked("a", secrets={"api_key": "SECRET"}))
    journal = opened()
    assert journal.waiting()[0].submission.secrets == submitted.submission.secrets == {}
    job = journal.claim("w")
    assert job.submission.secrets == {"api_key": "SECRET"}
    assert journal.get("a").submission.secrets == journal.running()[0].submission.secrets == {}
    journal.append("a", job.epoch, [succeeded("a")])
    assert journal.history()[0].submission.secrets == {}


def test_secrets_are_gone_from_the_files_after_the_end(opened, tmp_path):
    journal = opened()
    journal.submit(asked("a", secrets={"api_key": "SECRET-VALUE"}))
    job = journal.claim("w")
    journal.append("a", job.epoch, [succeeded("a")])
    journal.close()
    assert not any(b"SECRET-VALUE" in file.read_bytes() for file in tmp_path.iterdir())


def test_history_windows_follow_comfyui(journal):
    for name in "abcde":
        journal.submit(asked(name))
    finish(journal, *"abcde")
    windows = {
        (None, -1): "abcde",
        (2, -1): "de",
        (None, 2): "cde",
        (2, 1): "bc",
        (9, 4): "e",
        (0, -1): "",
        (3, 5): "",
        (-1, -1): "",
    }
    for (most, offset), wanted in windows.items():
        assert names(journal.history(most, offset)) == list(wanted)


def test_history_is_in_the_order_of_completion(journal):
    for name in "ab":
        journal.submit(asked(name))
    first, second = journal.claim("w"), journal.claim("w")
    journal.append("b", second.epoch, [succeeded("b")])
    journal.append("a", first.epoch, [succeeded("a")])
    assert names(journal.history()) == ["b", "a"]


def test_interrupting_and_removing_waiting_jobs(journal):
    for name in "abcd":
        journal.submit(asked(name))
    assert isinstance(journal.interrupt_waiting("b").event, Interrupted)
    assert names(journal.remove_waiting(["c", "c", "unknown", "b"])) == ["c"]
    assert journal.get("c") is None
    assert journal.events("c") == []
    assert names(journal.history()) == ["b"]
    assert names(journal.remove_waiting()) == ["a", "d"]
    assert journal.counts() == Counts(finished=1)


def test_a_running_job_is_neither_removed_nor_interrupted_in_the_queue(journal):
    journal.submit(asked("a"))
    journal.claim("w")
    assert journal.remove_waiting() == []
    assert journal.interrupt_waiting("a") is None
    assert journal.delete_history(["a"]) == 0
    assert journal.counts() == Counts(running=1)


def test_history_is_forgotten_by_id_or_whole(opened):
    journal = opened()
    for name in "abcd":
        journal.submit(asked(name))
    finish(journal, *"abc")
    assert journal.delete_history(["b", "d", "unknown"]) == 1
    assert names(journal.history()) == ["a", "c"]
    assert journal.delete_history() == 2
    assert journal.counts() == opened().counts() == Counts(waiting=1)


def test_the_same_submission_again_is_the_same_job(journal):
    first = journal.submit(asked("a"))
    assert journal.submit(asked("a")) == first
    assert journal.counts() == Counts(waiting=1)
    with pytest.raises(StorageError, match="Another job with the id 'a'"):
        journal.submit(Submission(id="a", document={}, targets=()))


def test_the_id_of_a_finished_job_starts_anew(journal):
    journal.submit(asked("a"))
    finish(journal, "a")
    assert journal.submit(asked("a")).state is JobState.WAITING
    assert [entry.number for entry in journal.events("a")] == [1]
    assert journal.counts() == Counts(waiting=1)


def test_every_job_is_claimed_once_by_many_threads(journal):
    for index in range(60):
        journal.submit(asked(str(index)))
    claimed = []

    def claim():
        while (job := journal.claim("w")) is not None:
            claimed.append((job.submission.id, job.epoch))

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(name) for name, _ in claimed) == list(range(60))
    assert len({epoch for _, epoch in claimed}) == 60


def test_heartbeat_needs_no_job(journal):
    journal.heartbeat("w")
    journal.heartbeat("w")


def test_pages_are_in_order_and_count_all(journal):
    for number in range(6):
        workflow = {"extra_pnginfo": {"workflow": {"id": f"w{number % 2}"}}}
        journal.submit(asked(f"j{number}", created=1000 + number, extra=workflow))
    for name, took in (("j0", 30), ("j1", 50), ("j2", 40)):
        job = journal.claim("w")
        assert journal.append(name, job.epoch, [started(name), Succeeded(job=name, time=10 + took)])
    running = journal.claim("w")
    names = [job.submission.id for job in journal.select(Selection()).jobs]
    assert names == ["j5", "j4", "j3", "j2", "j1", "j0"]
    page = journal.select(Selection(descending=False, limit=2, offset=3))
    assert ([job.submission.id for job in page.jobs], page.total) == (["j3", "j4"], 6)
    done = Selection(states=frozenset({JobState.SUCCEEDED}), order=Order.DURATION)
    assert [job.submission.id for job in journal.select(done).jobs] == ["j1", "j2", "j0"]
    assert [job.submission.id for job in journal.select(Selection(workflow="w1")).jobs] == ["j5", "j3", "j1"]
    (alive,) = journal.select(Selection(states=frozenset({JobState.RUNNING}))).jobs
    assert (alive.submission.id, alive.epoch) == ("j3", running.epoch)
    assert journal.select(Selection(limit=0)).jobs == []


def test_pages_survive_a_restart(opened):
    journal = opened()
    journal.submit(asked("a"))
    finish(journal, "a")
    assert opened().select(Selection()).jobs == opened().history()


def test_every_owner_sees_only_what_is_theirs(opened):
    journal = opened()
    for name, owner in [("a1", "anna"), ("b1", "ben"), ("a2", "anna"), ("b2", "ben"), ("a3", "anna")]:
        journal.submit(asked(name, owner=owner))
    finish(journal, "a1", "b1")
    journal.claim("w")
    for reopen in (False, True):
        here = opened() if reopen else journal
        assert names(here.history(owner="anna")) == ["a1"]
        assert names(here.history(1, 0, "ben")) == ["b1"]
        assert names(here.running("anna")) == ["a2"]
        assert names(here.waiting("ben")) == ["b2"]
        assert here.counts("anna") == Counts(waiting=1, running=1, finished=1)
        assert here.counts("ben") == Counts(waiting=1, finished=1)
        assert here.counts("nobody") == Counts()
        assert here.counts() == Counts(waiting=2, running=1, finished=2)
        for order in (Order.CREATED, Order.DURATION):
            page = here.select(Selection(owner="ben", order=order))
            assert (sorted(names(page.jobs)), page.total) == (["b1", "b2"], 2)


def test_nobody_removes_or_replaces_what_is_somebody_elses(journal):
    for name, owner in [("a1", "anna"), ("b1", "ben"), ("a2", "anna"), ("b2", "ben")]:
        journal.submit(asked(name, owner=owner))
    finish(journal, "a1", "b1")
    assert journal.remove_waiting(["a2", "b2"], "ben")[0].submission.id == "b2"
    assert journal.delete_history(["a1"], "ben") == 0
    for name in ("a1", "a2"):
        with pytest.raises(StorageError, match="Another job"):
            journal.submit(asked(name, owner="ben"))
    assert journal.delete_history(owner="ben") == 1
    assert journal.remove_waiting(owner="ben") == []
    assert journal.counts() == journal.counts("anna") == Counts(waiting=1, finished=1)
    assert names(journal.remove_waiting(owner="anna")) == ["a2"]
    assert journal.delete_history(owner="anna") == 1
    assert journal.counts() == Counts()


def test_what_an_owner_has_spent(journal):
    for name, owner in [("a1", "anna"), ("b1", "ben"), ("a2", "anna")]:
        journal.submit(asked(name, owner=owner))
    for name in ("a1", "b1", "a2"):
        job = journal.claim("w")
        assert journal.append(name, job.epoch, [Started(job=name, time=1000), Succeeded(job=name, time=3500)])
    journal.delete_history()
    assert journal.spent("anna", 0) == (2, 5.0)
    assert journal.spent("ben", 3501) == (0, 0.0)


def test_waiting_jobs_change_places_and_keep_them(opened):
    journal = opened()
    for name in ("a", "b", "c", "d"):
        journal.submit(asked(name))
    assert journal.turns.move(["d", "unknown"], "b") == ["d"]
    assert names(journal.waiting()) == ["a", "d", "b", "c"]
    journal.turns.move(["c", "a"], None, first=True)
    assert names(opened().waiting()) == ["c", "a", "d", "b"]


def test_equal_numbers_can_be_parted(journal):
    for name in ("a", "b", "c"):
        journal.submit(asked(name, 5.0))
    journal.submit(asked("z", 6.0))
    journal.turns.move(["c"], "a")
    assert names(journal.waiting()) == ["c", "a", "b", "z"]
    assert [journal.claim("w").submission.id for _ in range(4)] == ["c", "a", "b", "z"]


def test_an_owners_jobs_change_places_among_themselves(journal):
    for name, owner in [("b1", "ben"), ("a1", "anna"), ("b2", "ben"), ("a2", "anna")]:
        journal.submit(asked(name, owner=owner))
    assert journal.turns.move(["a2", "b2"], None, first=True, owner="anna") == ["a2"]
    assert names(journal.waiting()) == ["b1", "a2", "b2", "a1"]
    assert journal.turns.hold(["b1", "a1"], True, "anna") == ["a1"]


def test_held_jobs_wait_and_so_does_a_paused_queue(opened):
    journal = opened()
    journal.submit(asked("a"))
    journal.submit(asked("b"))
    assert journal.turns.hold(["a"], True) == ["a"]
    assert journal.turns.hold(["a"], True) == []
    journal = opened()
    assert journal.counts().held == 1
    assert journal.claim("w").submission.id == "b"
    assert journal.claim("w") is None
    journal.turns.pause(True)
    journal.turns.hold(["a"], False)
    journal = opened()
    assert journal.turns.paused
    assert journal.claim("w") is None
    journal.turns.pause(False)
    assert journal.claim("w").submission.id == "a"
    assert journal.counts().held == 0


def test_a_held_job_that_is_removed_is_held_no_more(journal):
    journal.submit(asked("a"))
    journal.turns.hold(["a"], True)
    journal.remove_waiting(["a"])
    assert journal.counts() == Counts()
