"""A worker process for tests: no tensors, each node does what its input ``do`` says. Run with ``--fd N``."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from limner.backends.process import channel_from_descriptor, serve
from limner.engine.events import (
    Failed,
    Failure,
    Interrupted,
    NodeFinished,
    NodeOutput,
    NodePlace,
    NodeProgress,
    NodeStarted,
    Recalled,
    Started,
    Succeeded,
)
from limner.graph.catalog import Catalog
from limner.graph.errors import InterruptedRun


def now():
    return time.time_ns() // 1_000_000


class ScriptedWorker:
    """Runs the nodes of a graph in their order."""

    name = "scripted"

    def __init__(self):
        self.cancelled = set()
        self.closed = False

    def describe(self):
        return Catalog(device={"name": "script"})

    def run(self, request, emit):
        job = request.job
        emit(Started(job=job, time=now()))
        emit(Recalled(job=job, time=now(), nodes=()))
        done = []
        for name, node in request.graph.nodes.items():
            place = NodePlace.of(name)
            emit(NodeStarted(job=job, time=now(), place=place))
            try:
                ui = self.act(job, place, node.inputs, emit, request)
            except InterruptedRun:
                emit(Interrupted(job=job, time=now(), place=place, node_type=node.type, executed=tuple(done)))
                return
            except ValueError as error:
                failure = Failure(place=place, node_type=node.type, error_type="ValueError", message=str(error))
                emit(Failed(job=job, time=now(), failure=failure))
                return
            emit(NodeOutput(job=job, time=now(), place=place, ui=ui))
            emit(NodeFinished(job=job, time=now(), place=place))
            done.append(name)
        emit(Succeeded(job=job, time=now()))

    def act(self, job, place, inputs, emit, request):
        log = inputs.get("log")
        if log:
            with Path(log).open("a") as file:
                file.write(f"{job}\n")
        do = inputs.get("do", "nothing")
        return getattr(self, do)(job, place, inputs, emit, request) or {"text": [job]}

    def nothing(self, job, place, inputs, emit, request):
        return None

    def wait(self, job, place, inputs, emit, request):
        """Seconds in small steps that hear of a cancel."""
        end = time.monotonic() + inputs["seconds"]
        while time.monotonic() < end:
            if self.closed or job in self.cancelled:
                raise InterruptedRun("stopped")
            emit(NodeProgress(job=job, time=now(), place=place, value=0, total=1))
            time.sleep(0.01)

    def stuck(self, job, place, inputs, emit, request):
        """Seconds in one step that hears nothing."""
        time.sleep(inputs["seconds"])

    def kill(self, job, place, inputs, emit, request):
        time.sleep(inputs.get("seconds", 0.1))
        print("about to die", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    def kill_once(self, job, place, inputs, emit, request):
        """Dies unless the file ``mark`` exists."""
        mark = Path(inputs["mark"])
        if not mark.exists():
            mark.touch()
            self.kill(job, place, inputs, emit, request)

    def leave(self, job, place, inputs, emit, request):
        time.sleep(0.1)
        os._exit(3)

    def freeze(self, job, place, inputs, emit, request):
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGSTOP)

    def fail(self, job, place, inputs, emit, request):
        raise ValueError("a node failed")

    def break_worker(self, job, place, inputs, emit, request):
        raise SystemExit(7)

    def strange(self, job, place, inputs, emit, request):
        return {"text": ["\ud800"]}  # half of a character: no UTF-8 expresses it

    def keys(self, job, place, inputs, emit, request):
        return {"secrets": sorted(request.secrets)}

    def cancel(self, job):
        self.cancelled.add(job)

    def release(self, *, models=False, results=False):
        print(f"release models={models} results={results}", flush=True)

    def status(self):
        return {"cancelled": sorted(self.cancelled)}

    def close(self):
        """Stops what runs, as the real worker does, and gives it the time to say so."""
        self.closed = True
        time.sleep(0.2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--broken", action="store_true")
    arguments = parser.parse_args()
    if arguments.broken:
        sys.exit("a library is missing")
    with channel_from_descriptor(arguments.fd) as channel:
        serve(ScriptedWorker(), channel)
