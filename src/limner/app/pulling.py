"""Joins the hub with settings and the terminal."""

import sys
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from limner.app.accounts import accounts_of
from limner.app.settings import Settings
from limner.graph.catalog import Catalog
from limner.graph.document import read_workflow
from limner.graph.errors import SettingsError
from limner.hub.events import FileChecked, FileFinished, FilePaused, FileProgress, FileStarted, PullEvent
from limner.hub.missing import find_missing
from limner.hub.plan import FETCH, Plan
from limner.hub.puller import Puller
from limner.hub.refusal import PullError
from limner.hub.room import in_words
from limner.hub.supply import plan_supply
from limner.server.lists import FolderLists


def puller_for(settings: Settings, *, private: bool) -> Puller:
    """A puller into the folders of these settings; ``private``: it may ask addresses of this machine's network."""
    return Puller(settings.folders(), accounts_of(), private=private)


def plan_lines(plan: Plan) -> list[str]:
    """What a pull is going to do, for people."""
    offer = plan.offer
    lines = [
        offer.title + (f", licence {offer.licence}" if offer.licence else "") + (f"  {offer.page}" * bool(offer.page))
    ]
    for item in plan.items:
        size = in_words(item.file.size) if item.file.size is not None else "size unknown"
        checked = "SHA-256 stated" if item.file.sha256 else "SHA-256 is recorded when it comes"
        what = f"{size}, {checked}" if item.action == FETCH else item.note or "is here"
        lines.append(f"  {item.action:8} {item.target}  ({what})")
    lines.append(f"  {in_words(plan.missing)} to fetch" if plan.missing else "  nothing to fetch")
    return lines


def agree(plan: Plan, *, agreed: bool) -> None:
    """Asks a person whether it may be fetched in spite of what there is to say about it.

    Raises:
        SettingsError: if the answer is no, or nobody can be asked.
    """
    if not plan.cautions or agreed:
        return
    for caution in plan.cautions:
        print(caution, file=sys.stderr)
    if not sys.stdin.isatty():
        raise SettingsError("Nothing was fetched: nobody can be asked here. Add --yes if you agree.")
    if input("Fetch it? [y/N] ").strip().lower() not in ("y", "yes"):
        raise SettingsError("Nothing was fetched.")


def fetch_missing(file: Path, catalog: Catalog, settings: Settings, *, agreed: bool, quiet: bool) -> None:
    """Fetches the models that a workflow names and that are not here.

    What cannot be had is told and left to the check of the workflow, since the built-in model may stand in for it.

    Raises:
        DocumentError: if the file is no workflow.
    """
    from limner.app.preparation import read_file

    puller = puller_for(settings, private=True)
    lists = FolderLists(puller.holdings.folders)
    workflow = read_workflow(read_file(file), catalog, lists)
    for missing in find_missing(workflow.graph, catalog, lists, [workflow.extra_pnginfo]):
        with PullDisplay(quiet=quiet) as display:
            try:
                plan = plan_supply(puller, missing, display.take)
                agree(plan, agreed=agreed)
                puller.carry_out(plan, display.take)
            except (PullError, SettingsError) as error:
                print(f"{missing.name}: {error}", file=sys.stderr)


class PullDisplay:
    """Shows a pull in the terminal: a bar a file; a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._progress = Progress(*columns, TimeRemainingColumn(), console=self._console)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "PullDisplay":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tasks:
            self._progress.stop()

    def take(self, event: PullEvent) -> None:
        """Shows an event; may be called from any thread."""
        match event:
            case FileStarted():
                self._progress.start()
                if event.name not in self._tasks:
                    self._tasks[event.name] = self._progress.add_task(event.name, total=None)
                self._show(event.name, event.done, event.total)
                if event.done:
                    self._console.print(f"{event.name}: goes on after {in_words(event.done)}", markup=False)
            case FileProgress():
                self._show(event.name, event.done, event.total)
            case FilePaused():
                self._console.print(f"{event.name}: {event.reason}", markup=False)
            case FileChecked():
                self._console.print(f"{event.name}: reading {event.path} to compare", markup=False)
            case FileFinished():
                note = f" ({event.note})" if event.note else ""
                self._console.print(f"{event.how}: {event.path}{note}", markup=False, soft_wrap=True)
            case _:
                pass

    def _show(self, name: str, done: int, total: int) -> None:
        task = self._tasks.get(name)
        if task is not None:
            self._progress.update(task, completed=done, total=total if total >= 0 else None)
