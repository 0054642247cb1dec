"""Pulls models: finds out what a name stands for, plans, fetches, checks, puts into place.

The way in for the command line and the server. Every method blocks; the network runs in an event loop of its own for as
long as the method does, so it may be called from any thread.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Event
from typing import TypeVar

from limner.graph.errors import InterruptedRun, ModelFileError
from limner.hub.addresses import Addresses
from limner.hub.arrivals import check_arrival
from limner.hub.digests import Stopped
from limner.hub.events import FileFinished, PullEvent, Tell
from limner.hub.holdings import Holdings
from limner.hub.links import link
from limner.hub.part_file import PartFile
from limner.hub.patience import Patience
from limner.hub.plan import FETCH, LINK, Choice, Item, Plan, make_plan
from limner.hub.records import Origin, Records
from limner.hub.refusal import PullError
from limner.hub.resolving import resolve
from limner.hub.room import unwritable
from limner.hub.source import Accounts, Offer, Reach, Wanted
from limner.hub.sources.civitai import find_by_hash
from limner.hub.transfer import Arrived, Transfer
from limner.hub.web import Web
from limner.storage.folders import Folders

Result = TypeVar("Result")


def unheard(event: PullEvent) -> None:
    """Tells nobody."""


class Puller:
    """Pulls models into the folders of one installation.

    Args:
        folders: Where they go.
        accounts: Who asks.
        private: Addresses of this machine and its own network may be asked.
        patience: How often something is tried again.
        asked: Is told of every host that is asked.
    """

    def __init__(
        self,
        folders: Folders,
        accounts: Accounts | None = None,
        *,
        private: bool = False,
        patience: Patience | None = None,
        asked: Callable[[str], None] | None = None,
    ) -> None:
        self.accounts = accounts or Accounts()
        self.holdings = Holdings(folders, Records(folders.data))
        self._addresses = Addresses(private=private, trusted=self.accounts.endpoints())
        self._patience = patience or Patience()
        self._asked = asked

    def plan(
        self, wanted: Wanted, choice: Choice | None = None, tell: Tell = unheard, stop: Event | None = None
    ) -> Plan:
        """What a pull is going to do.

        Raises:
            PullError: if it cannot be done.
            InterruptedRun: if it was stopped.
        """

        async def work(web: Web, stopped: Stopped) -> Plan:
            offer = await resolve(wanted, Reach(web, self.accounts))
            return await make_plan(web, self.holdings, offer, choice or Choice(), tell, stopped)

        return self._run(work, stop)

    def offer(self, wanted: Wanted, stop: Event | None = None) -> Offer:
        """What a name stands for.

        Raises:
            PullError: if nobody knows.
        """
        return self._run(lambda web, _: resolve(wanted, Reach(web, self.accounts)), stop)

    def offer_of_digest(self, sha256: str, stop: Event | None = None) -> Offer:
        """The file that has a digest, wherever it is known.

        Raises:
            PullError: if nobody knows.
        """
        return self._run(lambda web, _: find_by_hash(sha256, Reach(web, self.accounts)), stop)

    def plan_for(self, offer: Offer, choice: Choice, tell: Tell = unheard, stop: Event | None = None) -> Plan:
        """What a pull of known files is going to do; raises as ``plan`` does."""
        return self._run(lambda web, stopped: make_plan(web, self.holdings, offer, choice, tell, stopped), stop)

    def carry_out(self, plan: Plan, tell: Tell = unheard, stop: Event | None = None) -> list[FileFinished]:
        """Does what was planned.

        Raises:
            PullError: if a file cannot be had, or is not what was announced; those before it are in their places.
            InterruptedRun: if it was stopped; what has arrived is kept.
        """
        return self._run(lambda web, stopped: self._all(web, plan, tell, stopped), stop)

    async def _all(self, web: Web, plan: Plan, tell: Tell, stopped: Stopped) -> list[FileFinished]:
        finished = []
        for item in plan.items:
            done = await self._one(web, plan, item, tell, stopped)
            tell(done)
            finished.append(done)
        return finished

    async def _one(self, web: Web, plan: Plan, item: Item, tell: Tell, stopped: Stopped) -> FileFinished:
        """Puts one file into its place."""
        if item.action == FETCH:
            return await self._fetch(web, plan, item, tell, stopped)
        assert item.held is not None
        note = item.note
        if item.action == LINK:
            note = f"{_linked(item.held, item.target)} to {item.held}"
        digests = self.holdings.records.digests_of(item.held)
        if digests is not None and item.file.url:
            self.holdings.records.note(item.target, digests, _origin(plan, item, item.file.validator))
        how = "linked" if item.action == LINK else "present"
        sha256 = digests.sha256 if digests is not None else ""
        size = item.target.stat().st_size
        return _finished(item, how, size, sha256=sha256, note=note)

    async def _fetch(self, web: Web, plan: Plan, item: Item, tell: Tell, stopped: Stopped) -> FileFinished:
        with PartFile(item.target) as part:
            try:
                arrived = await Transfer(web, item.file, part, plan.choice.connections, tell).run()
                _check_digest(item, arrived, part)
                await asyncio.to_thread(check_arrival, part.path, item.target.name)
            except ModelFileError as error:
                aside = part.put_aside()
                raise PullError("wrong_file", f"{error} What came is kept as {aside}.") from error
            how, note = await asyncio.to_thread(self._settle, part, item, arrived, stopped)
        self.holdings.records.note(item.target, arrived.digests, _origin(plan, item, arrived.validator))
        return _finished(
            item, how, arrived.size, sha256=arrived.digests.sha256, received=arrived.received, note=note
        )  # fmt: skip

    def _settle(self, part: PartFile, item: Item, arrived: Arrived, stopped: Stopped) -> tuple[str, str]:
        """Gives a file its name; a link to the same bytes takes its place if they turn out to be here already."""
        twin = None
        if not item.file.sha256:
            twin = self.holdings.with_content(arrived.digests.sha256, arrived.size, lambda _: stopped)
        if twin is not None:
            part.discard()
            return "linked", f"{_linked(twin, item.target)} to {twin}"
        try:
            part.commit()
        except FileExistsError as error:
            raise PullError(
                "exists", f"{item.target} has appeared meanwhile. Choose another name with --name."
            ) from error
        except OSError as error:
            raise unwritable(item.target, error) from error
        return "downloaded", ""

    def _run(self, work: Callable[[Web, Stopped], Awaitable[Result]], stop: Event | None) -> Result:
        """Runs something asynchronous to its end, or until it is stopped."""
        over = Event()  # Threads that read files stop too, however this ends.

        def stopped() -> bool:
            return over.is_set() or (stop is not None and stop.is_set())

        async def main() -> Result:
            async with Web(self._addresses, self._patience, self._asked) as web:
                task = asyncio.ensure_future(work(web, stopped))
                watching = asyncio.create_task(_cancel_on(stop, task)) if stop is not None else None
                try:
                    return await task
                finally:
                    over.set()
                    if watching is not None:
                        watching.cancel()

        try:
            return asyncio.run(main())
        except asyncio.CancelledError:
            raise InterruptedRun("Stopped. What has arrived is kept; the same pull goes on from there.") from None


async def _cancel_on(stop: Event, task: "asyncio.Future[Result]") -> None:
    while not stop.is_set():
        await asyncio.sleep(0.1)
    task.cancel()


def _check_digest(item: Item, arrived: Arrived, part: PartFile) -> None:
    """Compares what came with what was announced.

    Raises:
        PullError: if it is something else; it is put aside.
    """
    announced = item.file.sha256
    if announced and arrived.digests.sha256 != announced:
        aside = part.put_aside()
        raise PullError(
            "wrong_hash",
            f"{item.target.name} is not what was announced: its SHA-256 is {arrived.digests.sha256}, expected "
            f"{announced}. What came is kept as {aside}, where nothing loads it. Pull again; if that brings the same, "
            "do not trust the source.",
        )


def _linked(held: Path, target: Path) -> str:
    try:
        return link(held, target)
    except FileExistsError as error:
        raise PullError("exists", f"{target} has appeared meanwhile. Choose another name with --name.") from error


def _origin(plan: Plan, item: Item, validator: str) -> Origin:
    return Origin(plan.offer.reference, item.file.address, validator, plan.offer.licence)


def _finished(item: Item, how: str, size: int, *, sha256: str, received: int = 0, note: str = "") -> FileFinished:
    return FileFinished(
        name=item.target.name,
        path=str(item.target),
        kind=item.kind,
        how=how,
        size=size,
        sha256=sha256,
        received=received,
        note=note,
    )
