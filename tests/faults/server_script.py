"""A server without HTTP, to be killed: dispatcher and worker process over a journal.

Arguments: journal, jobs, log, seconds. Submits so many jobs (0: none), prints ``accepted``, then a line per terminal
event, until it is killed or idle. Each write of events takes so many seconds more.
"""

import sys
import threading
import time
from pathlib import Path

from limner.backends.process import ProcessWorker
from limner.engine.events import TERMINAL
from limner.jobs.dispatcher import Dispatcher
from limner.jobs.records import Submission
from limner.jobs.sqlite_journal import SqliteJournal

CONCURRENCY = 2


class SlowJournal(SqliteJournal):
    """A journal on a slow disk."""

    def __init__(self, path, seconds):
        super().__init__(path)
        self._seconds = seconds

    def append_many(self, batches):
        time.sleep(self._seconds)
        return super().append_many(batches)


def main(path, jobs, log, seconds):
    journal = SlowJournal(Path(path), float(seconds))
    entry = Path(__file__).with_name("scripted_entry.py")
    dispatcher = Dispatcher(journal, [ProcessWorker("w", [sys.executable, str(entry)])], concurrency=CONCURRENCY)
    idle = threading.Event()

    def hear(job, event):
        if isinstance(event, TERMINAL):
            print(f"{job.submission.id} {job.state}", flush=True)
            if dispatcher.counts().remaining == 0:
                idle.set()

    dispatcher.listen(hear)
    for index in range(int(jobs)):
        document = {"1": {"class_type": "X", "inputs": {"do": "wait", "seconds": 0.05, "log": log}}}
        dispatcher.submit(Submission(id=f"job-{index}", document=document, targets=("1",)))
    print("accepted", flush=True)
    dispatcher.start()
    idle.wait()
    dispatcher.stop()
    journal.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
