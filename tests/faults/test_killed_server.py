"""kill -9 of a server with 50 jobs waiting: all run, none twice, the history is whole, the worker goes too."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psutil
import pytest
from tests.faults.server_script import CONCURRENCY

from limner.jobs.records import JobState
from limner.jobs.sqlite_journal import SqliteJournal

SCRIPT = Path(__file__).with_name("server_script.py")
JOBS = 51


def serve(journal, jobs, log, seconds=0.0):
    command = [sys.executable, str(SCRIPT), str(journal), str(jobs), str(log), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def read_until(process, wanted):
    """The lines up to the first that ``wanted`` accepts."""
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if wanted(lines):
            return lines
    return lines


def killed(path, log, disk):
    """Kills a server after five jobs; the names of the jobs that were finished, running and waiting by its journal."""
    with serve(path, JOBS, log, disk) as server:
        told = read_until(server, lambda lines: len(lines) >= 6)[1:]
        (worker,) = psutil.Process(server.pid).children()
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
    psutil.wait_procs([worker], timeout=60)
    assert not worker.is_running()
    journal = SqliteJournal(path)
    states = [[job.submission.id for job in jobs] for jobs in (journal.history(), journal.running(), journal.waiting())]
    journal.close()
    assert states[0][: len(told)] == [line.split()[0] for line in told]
    return states


@pytest.mark.parametrize("disk", [0.0, 0.1], ids=["disk", "slow disk"])
def test_all_waiting_jobs_run_once_after_a_kill(tmp_path, disk):
    path, log = tmp_path / "queue.db", tmp_path / "runs.log"
    finished, running, waiting = killed(path, log, disk)
    # A job that ended in the worker counts as running until its end is on disk. Its thread waits for that, so there are
    # no more of these than jobs that run at once.
    assert len(running) <= CONCURRENCY
    assert not set(log.read_text().split()) & set(waiting)

    with serve(path, 0, log) as second:
        read_until(second, lambda lines: "accepted" in lines)
        # Its own time: the machine may have other things to do.
        took = psutil.Process(second.pid).cpu_times()
        second.stdout.read()
        assert second.wait(60) == 0
    assert took.user + took.system < 5

    journal = SqliteJournal(path)
    history = journal.history()
    ends = [
        kept
        for job in history
        for kept in journal.events(job.submission.id)
        if type(kept.event).__name__ in ("Succeeded", "Failed", "Interrupted")
    ]
    journal.close()
    ids = [job.submission.id for job in history]
    assert sorted(ids) == sorted(f"job-{index}" for index in range(JOBS))
    assert ids[: len(finished)] == finished
    assert len(ends) == JOBS
    assert all(job.state is JobState.SUCCEEDED for job in history)
    assert {job.submission.id for job in history if job.attempt > 1} <= set(running)
    # What ran when the server was killed runs again; what was waiting or finished runs once.
    runs = Counter(log.read_text().split())
    assert set(runs) == set(ids)
    assert all(times == 1 or (times == 2 and name in running) for name, times in runs.items())


def test_an_acknowledged_job_survives_a_kill_at_once(tmp_path):
    """The kill comes as soon as the acknowledgement does, with nothing flushed on purpose."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from limner.jobs.sqlite_journal import SqliteJournal\n"
        "from limner.jobs.records import Submission\n"
        "journal = SqliteJournal(Path(sys.argv[1]))\n"
        "index = 0\n"
        "while True:\n"
        "    index += 1\n"
        "    journal.submit(Submission(id=str(index), document={}, targets=()))\n"
        "    print(index, flush=True)\n"
    )
    path = tmp_path / "queue.db"
    for wanted in (1, 7, 30):
        path = tmp_path / f"{wanted}.db"
        process = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
        acknowledged = []
        for line in process.stdout:
            acknowledged.append(line.strip())
            if len(acknowledged) == wanted:
                os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        journal = SqliteJournal(path)
        waiting = [job.submission.id for job in journal.waiting()]
        journal.close()
        assert waiting[: len(acknowledged)] == acknowledged
        assert len(waiting) - len(acknowledged) <= 1
