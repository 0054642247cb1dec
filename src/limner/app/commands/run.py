"""``limner run WORKFLOW``: a workflow file in, pictures out; on this machine or through a server."""

import argparse
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import msgspec

from limner.app.commands.command import Command, add_device, add_memory, add_packs, add_places
from limner.app.display import Display, failure_lines
from limner.app.preparation import Prepared, add_changes, changes_of, prepare, read_file
from limner.app.results import kept_here, results_of
from limner.app.settings import read_settings
from limner.engine.events import Failed, Succeeded
from limner.engine.run import RunRequest, Worker
from limner.graph.errors import GraphError, InterruptedRun
from limner.storage.folders import Folders

PREVIEW_SIZE = 128
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Report:
    """How a run ended: ``succeeded``, ``failed`` or ``interrupted``, and the files it saved."""

    job: str
    status: str
    files: tuple[str, ...]
    notes: tuple[str, ...]
    messages: tuple[str, ...]
    seconds: float


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", type=Path, help="workflow in API or UI format, or a file that carries one")
    add_changes(parser)
    parser.add_argument(
        "--out", metavar="DIR", help="folder for the pictures (default: DATA/output; with --server: this folder)"
    )
    parser.add_argument("--server", metavar="URL", help="run it there instead of here, http://127.0.0.1:8188")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of paths")
    parser.add_argument(
        "--pull", action="store_true", help="first fetch the models it misses, where their source is known"
    )
    parser.add_argument(
        "--yes", action="store_true", help="with --pull: agree to licences and pickles without being asked"
    )
    add_places(parser)
    add_device(parser)
    add_memory(parser)
    add_packs(parser)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.pull and arguments.server:
        print("--pull fetches models for this machine. On the server's: limner pull NAME, or its API.", file=sys.stderr)
        return 2
    try:
        report = _run_there(arguments) if arguments.server else _run_here(arguments)
    except GraphError as error:
        print(f"{arguments.workflow} cannot run. {error}", file=sys.stderr)
        return 2
    if arguments.json:
        print(msgspec.json.format(msgspec.json.encode(report), indent=1).decode())
    else:
        for message in report.messages:
            print(message, file=sys.stderr)
        for path in report.files:
            print(path)
    if report.status == "interrupted":
        _leave()
    return 0 if report.status == "succeeded" else 1


def _run_here(arguments: argparse.Namespace) -> Report:
    from limner.app.composition import build_worker
    from limner.app.elsewhere import directory_of
    from limner.server.lists import FolderLists

    chosen = vars(arguments)
    settings = read_settings({**chosen, "output": arguments.out})
    folders = settings.folders()
    if not arguments.json:
        print("Starting ...", file=sys.stderr)
    worker = build_worker(settings)
    try:
        if arguments.pull:
            from limner.app.pulling import fetch_missing

            fetch_missing(arguments.workflow, worker.describe(), settings, agreed=arguments.yes, quiet=arguments.json)
        prepared = prepare(
            arguments.workflow,
            changes_of(arguments),
            worker.describe(),
            FolderLists(folders),
            folders,
            stand_in=settings.substitute,
            elsewhere=directory_of(settings, folders),
        )
        return _follow(worker, prepared, folders, quiet=arguments.json)
    except (InterruptedRun, KeyboardInterrupt):
        _leave()
    finally:
        worker.close()


def _follow(worker: Worker, prepared: Prepared, folders: Folders, *, quiet: bool) -> Report:
    """Runs a job in a thread of its own, so that Ctrl-C reaches this one."""
    request = msgspec.structs.replace(prepared.request, preview_size=PREVIEW_SIZE)
    started = time.monotonic()
    for note in () if quiet else prepared.notes:
        print(note, file=sys.stderr)
    with Display(request.graph, quiet=quiet) as display:
        thread = threading.Thread(target=worker.run, args=(request, display.take), daemon=True)
        thread.start()
        _wait(worker, request, thread)
    files = tuple(kept_here(folders, file) for file in results_of(display.outputs.values()))
    outcome = display.outcome
    messages = failure_lines(outcome) if isinstance(outcome, Failed) else []
    status = "succeeded" if isinstance(outcome, Succeeded) else "failed" if messages else "interrupted"
    return Report(request.job, status, files, prepared.notes, tuple(messages), round(time.monotonic() - started, 2))


def _wait(worker: Worker, request: RunRequest, thread: threading.Thread) -> None:
    """Waits for a job; the first Ctrl-C asks it to stop, the second does not wait.

    Raises:
        InterruptedRun: if it does not stop in time, or is not to be waited for.
    """
    try:
        while thread.is_alive():
            thread.join(0.2)
    except KeyboardInterrupt:
        try:
            print("Stopping after this step. Ctrl-C again to stop at once.", file=sys.stderr)
            worker.cancel(request.job)
            thread.join(STOP_SECONDS)
        except KeyboardInterrupt:
            raise InterruptedRun("Not waiting for the job to stop.") from None
        if thread.is_alive():
            raise InterruptedRun("The job did not stop in time.") from None
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # The end has begun; a second Ctrl-C would only tear it.


def _leave() -> NoReturn:
    """Ends the process without tidying up, since the interpreter aborts if a thread is still inside torch by then."""
    sys.stdout.flush()
    print("Interrupted.", file=sys.stderr, flush=True)
    os._exit(130)


def _run_there(arguments: argparse.Namespace) -> Report:
    from limner.app.remote import run_remotely

    workflow = read_file(arguments.workflow)
    answer = run_remotely(
        arguments.server, workflow, changes_of(arguments), out=Path(arguments.out or "."), quiet=arguments.json
    )
    return Report(**answer)


RUN = Command("run", "Run a workflow and save its pictures.", _configure, _run)
