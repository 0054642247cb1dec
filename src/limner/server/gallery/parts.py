"""Joins the galleries to the application: one an owner, each begun when it is needed first."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
from aiohttp import web

from limner.dialects.comfy.frames import message
from limner.engine.events import AnyEvent
from limner.graph.errors import LimnerError
from limner.jobs.records import Job, Submission
from limner.server.bodies import beside
from limner.server.caller import caller_of
from limner.server.gallery.library import Gallery
from limner.server.gallery.thumbnails import FOLDER, Thumbnails, remove_surplus
from limner.server.gallery.trash import mend_trash, remove_old
from limner.server.route import HUB, PICTURES, SERVICE
from limner.server.service import Service
from limner.storage.folders import ONLY_OWNER, OWNERS

INDEX = "gallery.sqlite"

CHANGED = "limner_gallery"
"""The message that tells pages of new files."""

UNDERSTOOD = CHANGED
"""The feature that sockets announce which want such messages: others report what they do not know as errors."""

PACE = 4.0
"""Seconds between looks at folders whose owner looks at them."""

ATTENTION = 120.0
"""Seconds for which somebody who asked for something counts as looking."""

TIDYING = 3600.0


class OwnedGalleries:
    """Galleries by owner. All methods may be called from any thread.

    Args:
        service: Folders and jobs.
        tell: Tells an owner's pages of new files.
    """

    def __init__(self, service: Service, tell: "Tell") -> None:
        self._service, self._tell = service, tell
        self._lock = threading.Lock()
        self._known: dict[str, Gallery] = {}

    def of(self, owner: str) -> Gallery:
        """An owner's gallery."""
        with self._lock:
            if owner not in self._known:
                folders = self._service.folders.of_owner(owner)
                gallery = Gallery(folders, self.folder(owner) / INDEX, self._submission, Told(owner, self._tell))
                self._known[owner] = gallery
                gallery.later(partial(mend_trash, gallery))
                gallery.refresh()
            return self._known[owner]

    def folder(self, owner: str) -> Path:
        """Where an owner's index and thumbnails lie."""
        data = self._service.folders.data
        return data if owner == ONLY_OWNER else data / OWNERS / owner

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Notes the files that a node has made; a listener of the dispatcher."""
        self.of(job.submission.owner).hear(job, event)

    def look(self) -> None:
        """Has the folders looked through whose owners are looking."""
        for gallery in self._all():
            if time.monotonic() - gallery.asked < ATTENTION:
                gallery.refresh()

    def tidy(self) -> None:
        """Removes what lay in trash long enough, and thumbnails that are too many. Blocks."""
        for owner in self._owners():
            if (self.folder(owner) / INDEX).exists():
                with contextlib.suppress(LimnerError):
                    remove_old(self.of(owner))
            remove_surplus(self.folder(owner) / FOLDER)

    def close(self) -> None:
        """Ends all threads and lets go of the indexes."""
        for gallery in self._all():
            gallery.close()

    def _all(self) -> list[Gallery]:
        with self._lock:
            return list(self._known.values())

    def _owners(self) -> list[str]:
        root = self._service.folders.data / OWNERS
        try:
            return [ONLY_OWNER, *(entry.name for entry in root.iterdir() if entry.is_dir())]
        except OSError:
            return [ONLY_OWNER]

    def _submission(self, name: str) -> Submission | None:
        job = self._service.dispatcher.journal.get(name)
        return job.submission if job is not None else None


class Tell:
    """Hands messages to the loop's thread."""

    def __init__(self, application: web.Application) -> None:
        self._hub = application[HUB]
        self.loop: asyncio.AbstractEventLoop | None = None

    def __call__(self, owner: str, added: Sequence[str]) -> None:
        """Tells an owner's pages; from any thread."""
        frame = msgspec.structs.replace(message(CHANGED, {"added": list(added)}, transient=True), only=UNDERSTOOD)
        if self.loop is not None and not self.loop.is_closed():
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._hub.tell_owner, owner, frame)


class Told:
    """Tells one owner's pages."""

    def __init__(self, owner: str, tell: Tell) -> None:
        self._owner, self._tell = owner, tell

    def __call__(self, added: Sequence[str]) -> None:
        """Tells them; from any thread."""
        self._tell(self._owner, added)


GALLERIES: web.AppKey[OwnedGalleries] = web.AppKey("galleries", OwnedGalleries)
THUMBNAILS: web.AppKey[Thumbnails] = web.AppKey("thumbnails", Thumbnails)


def gallery_of(request: web.Request) -> Gallery:
    """The caller's gallery."""
    gallery = request.app[GALLERIES].of(caller_of(request).owner)
    gallery.asked = time.monotonic()
    return gallery


def add_galleries(application: web.Application) -> None:
    """Adds the galleries; they fill themselves from now on."""
    service = application[SERVICE]
    tell = Tell(application)
    galleries = application[GALLERIES] = OwnedGalleries(service, tell)
    application[THUMBNAILS] = Thumbnails(application[PICTURES], lambda owner: galleries.folder(owner) / FOLDER)

    async def parts(_: web.Application) -> AsyncIterator[None]:
        tell.loop = asyncio.get_running_loop()
        stop_listening = service.dispatcher.listen(galleries.hear)
        tasks = [asyncio.create_task(_watch(galleries)), asyncio.create_task(_tidy(galleries))]
        yield
        stop_listening()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(galleries.close)

    application.cleanup_ctx.append(parts)


async def _watch(galleries: OwnedGalleries) -> None:
    while True:
        await asyncio.sleep(PACE)
        galleries.look()


async def _tidy(galleries: OwnedGalleries) -> None:
    while True:
        await asyncio.sleep(TIDYING)
        await beside(galleries.tidy)
