"""The queue against a pure model: any sequence of calls, crashes and restarts (Hypothesis).

Invariants (numbers of the reliability notes): I1 an accepted job reaches exactly one terminal state, I2 which never
changes; I3 outputs belong to the attempt that ended; I4 an old epoch writes nothing; I6 the same submission is the
same job; I7 order by number and arrival.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from limner.engine.events import Failed, Failure, NodeOutput, NodePlace, Started, Succeeded
from limner.jobs.journal import MAX_ATTEMPTS, MAX_CLAIMS
from limner.jobs.records import FINAL, JobState, Submission
from limner.jobs.sqlite_journal import SqliteJournal


@dataclass
class Entry:
    """A job as the model knows it."""

    name: str
    number: float
    arrival: int
    state: JobState = JobState.WAITING
    epoch: int = 0
    spent: int = 0
    claims: int = 0
    ran: bool = False
    outputs: int = 0
    stale: list = field(default_factory=list)


class QueueMachine(RuleBasedStateMachine):
    """Calls of clients, of workers, of fate."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.journal = SqliteJournal(self.folder / "queue.db")
        self.jobs = {}
        self.finished = []
        self.arrivals = 0

    def teardown(self):
        self.journal.close()
        shutil.rmtree(self.folder)

    def waiting(self):
        waiting = [job for job in self.jobs.values() if job.state is JobState.WAITING]
        return sorted(waiting, key=lambda job: (job.number, job.arrival))

    def running(self):
        return [job for job in self.jobs.values() if job.state is JobState.RUNNING]

    def end(self, job, state):
        job.state = state
        self.finished.append(job.name)

    def give_up_or_requeue(self, job, excused):
        job.stale.append(job.epoch)
        job.spent -= 0 if job.ran and not excused else 1
        job.claims -= excused
        job.ran, job.outputs = False, 0
        if job.spent < MAX_ATTEMPTS and job.claims < MAX_CLAIMS:
            job.state = JobState.WAITING
        else:
            self.end(job, JobState.FAILED)

    @rule(number=st.none() | st.integers(-3, 3), front=st.booleans())
    def submit(self, number, front):
        self.arrivals += 1
        name = f"j{self.arrivals}"
        asked = Submission(id=name, number=number, front=front, document={}, targets=())
        job = self.journal.submit(asked)
        assert self.journal.submit(asked) == job
        self.jobs[name] = Entry(name, job.submission.number, self.arrivals)

    @rule()
    def claim(self):
        expected = self.waiting()
        job = self.journal.claim("w")
        if not expected:
            assert job is None
            return
        entry = expected[0]
        assert job.submission.id == entry.name
        assert job.epoch not in {known.epoch for known in self.jobs.values()}
        assert job.attempt == entry.spent + 1
        entry.state, entry.epoch, entry.ran = JobState.RUNNING, job.epoch, False
        entry.spent += 1
        entry.claims += 1

    @precondition(lambda self: self.running())
    @rule(data=st.data(), what=st.sampled_from(["start", "output", "succeed", "fail"]))
    def emit(self, data, what):
        job = data.draw(st.sampled_from(self.running()))
        failure = Failure(place=None, node_type="", error_type="E", message="")
        place = NodePlace.of(str(job.outputs))
        event = {
            "start": Started(job=job.name, time=1),
            "output": NodeOutput(job=job.name, time=1, place=place, ui={"n": [1]}),
            "succeed": Succeeded(job=job.name, time=1),
            "fail": Failed(job=job.name, time=1, failure=failure),
        }[what]
        assert self.journal.append(job.name, job.epoch, [event])
        job.ran = job.ran or what == "start"
        job.outputs += what == "output"
        if what in ("succeed", "fail"):
            self.end(job, JobState.SUCCEEDED if what == "succeed" else JobState.FAILED)

    @precondition(lambda self: any(job.stale for job in self.jobs.values()))
    @rule(data=st.data())
    def late_worker(self, data):
        job = data.draw(st.sampled_from([job for job in self.jobs.values() if job.stale]))
        epoch = data.draw(st.sampled_from(job.stale))
        assert not self.journal.append(job.name, epoch, [Succeeded(job=job.name, time=1)])
        assert self.journal.lost(job.name, epoch, "late") is None

    @precondition(lambda self: self.running())
    @rule(data=st.data(), excused=st.booleans())
    def lose_worker(self, data, excused):
        job = data.draw(st.sampled_from(self.running()))
        assert self.journal.lost(job.name, job.epoch, "gone", excused=excused) is not None
        self.give_up_or_requeue(job, excused)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def interrupt(self, data):
        job = data.draw(st.sampled_from(list(self.jobs.values())))
        change = self.journal.interrupt_waiting(job.name)
        assert (change is not None) == (job.state is JobState.WAITING)
        if change is not None:
            self.end(job, JobState.INTERRUPTED)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def remove(self, data):
        job = data.draw(st.sampled_from(list(self.jobs.values())))
        removed = self.journal.remove_waiting([job.name])
        assert len(removed) == (job.state is JobState.WAITING)
        if removed:
            del self.jobs[job.name]

    @precondition(lambda self: self.finished)
    @rule(data=st.data())
    def forget(self, data):
        name = data.draw(st.sampled_from(self.finished))
        assert self.journal.delete_history([name]) == 1
        self.finished.remove(name)
        del self.jobs[name]

    @rule(torn=st.booleans())
    def restart(self, torn):
        """The server dies: a torn one leaves its log unmerged, as after kill -9."""
        if torn:
            copy = Path(tempfile.mkdtemp())
            for file in self.folder.iterdir():
                if not file.name.endswith((".lock", "-shm", ".reserve")):
                    shutil.copy(file, copy / file.name)
            self.journal.close()
            shutil.rmtree(self.folder)
            self.folder = copy
        else:
            self.journal.close()
        self.journal = SqliteJournal(self.folder / "queue.db")
        for job in sorted(self.running(), key=lambda job: job.epoch):
            self.give_up_or_requeue(job, False)
        self.journal.recover("restarted")

    @invariant()
    def journal_agrees_with_the_model(self):
        assert [job.submission.id for job in self.journal.waiting()] == [job.name for job in self.waiting()]
        assert [job.submission.id for job in self.journal.history()] == self.finished
        counts = self.journal.counts()
        assert (counts.waiting, counts.running) == (len(self.waiting()), len(self.running()))
        assert counts.finished == len(self.finished)
        for name, entry in self.jobs.items():
            job = self.journal.get(name)
            assert (job.state, len(job.outputs)) == (entry.state, entry.outputs)
            ends = [
                kept
                for kept in self.journal.events(name)
                if kept.event.__class__.__name__ in ("Succeeded", "Failed", "Interrupted")
            ]
            assert len(ends) == (entry.state in FINAL)


QueueMachine.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestQueueModel = QueueMachine.TestCase
