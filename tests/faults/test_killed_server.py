"""kill -9 of a server with 50 jobs waiting: all run, none twice, the history is whole, the worker goes too."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil

from limner.jobs.records import JobState
from limner.jobs.sqlite_journal import SqliteJournal

SCRIPT = Path(__file__).with_name("server_script.py")
JOBS = 51


def serve(journal, jobs, log):
    command = [sys.executable, str(SCRIPT), str(journal), str(jobs), str(log)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def read_until(process, wanted):
    """The lines up to the first that ``wanted`` accepts."""
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if wanted(lines):
            return lines
    return lines


def test_all_waiting_jobs_run_once_after_a_kill(tmp_path):
    path, log = tmp_path / "queue.db", tmp_path / "runs.log"
    with serve(path, JOBS, log) as first:
        told = read_until(first, lambda lines: len(lines) >= 6)[1:]
        (worker,) = psutil.Process(first.pid).children()
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    finished_before = [line.split()[0] for line in told]
    psutil.wait_procs([worker], timeout=10)
    assert not worker.is_running()

    began = time.monotonic()
    with serve(path, 0, log) as second:
        read_until(second, lambda lines: "accepted" in lines)
        back = time.monotonic() - began
        second.stdout.read()
        assert second.wait(30) == 0
    assert back < 5

    journal = SqliteJournal(path)
    history = journal.history()
    ids = [job.submission.id for job in history]
    ends = [
        kept
        for job in history
        for kept in journal.events(job.submission.id)
        if type(kept.event).__name__ in ("Succeeded", "Failed", "Interrupted")
    ]
    journal.close()
    assert sorted(ids) == sorted(f"job-{index}" for index in range(JOBS))
    assert ids[: len(finished_before)] == finished_before
    assert len(ends) == JOBS
    assert all(job.state is JobState.SUCCEEDED for job in history)
    runs = Counter(log.read_text().split())
    tried_again = {job.submission.id for job in history if job.attempt > 1}
    assert len(tried_again) <= 2
    for name, times in runs.items():
        # What ran when the server was killed runs again; what was waiting or finished runs once.
        assert times == 1 or name in ids[len(finished_before) :]
    assert sum(times > 1 for times in runs.values()) <= 2


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
