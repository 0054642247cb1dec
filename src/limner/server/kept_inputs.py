"""Pictures that requests brought along are removed when nobody asks for them any more.

They lie under the names of their content, so a request that brings the same one again finds it, and makes it young.
What a job that waits or runs still needs stays however old it is. Pictures that people uploaded by themselves are
theirs, and lie elsewhere.
"""

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from aiohttp import web

from limner.graph.errors import StorageError
from limner.jobs.journal import Journal
from limner.server.a1111.inputs import UPLOADS as A1111_UPLOADS
from limner.server.apps.inputs import UPLOADS as APP_UPLOADS
from limner.server.openai.inputs import UPLOADS as OPENAI_UPLOADS
from limner.server.route import SERVICE
from limner.storage.folders import OWNERS, Folders

DOORS = (A1111_UPLOADS, APP_UPLOADS, OPENAI_UPLOADS)
"""Folders of input pictures that came with requests."""

BY_CONTENT = re.compile(r"[0-9a-f]{32}\.\w+")
KEPT = 24 * 3600.0
"""Seconds for which a picture stays that nobody asks for: as long as a request may be repeated with its key."""

PAUSE = 3600.0
"""Seconds between looks."""

LOG = logging.getLogger(__name__)


def remove_old(folders: Folders, journal: Journal, now: float) -> int:
    """Removes what is old and not needed; gives how many pictures. Blocks.

    Args:
        folders: Everybody's, and those that users' own are found from.
        journal: Knows which jobs are not done.
        now: Seconds since the epoch.
    """
    old = [path for path in _kept(folders) if _age(path, now) > KEPT]
    if not old:
        return 0
    needed = " ".join(str(job.submission.document) for job in (*journal.waiting(), *journal.running()))
    gone = [path for path in old if path.name not in needed]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _kept(folders: Folders) -> Iterator[Path]:
    inputs = [folders.input, *(folders.data / OWNERS).glob("*/input")]
    for folder in (place / door for place in inputs for door in DOORS):
        with contextlib.suppress(OSError):
            yield from [path for path in folder.iterdir() if BY_CONTENT.fullmatch(path.name)]


def _age(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0


def add_removal(application: web.Application) -> None:
    """Has an application look from time to time."""
    service = application[SERVICE]

    async def looking() -> None:
        while True:
            try:
                count = await asyncio.to_thread(
                    remove_old, service.folders, service.dispatcher.journal, time.time()
                )  # fmt: skip
                LOG.debug("%d pictures of old requests were removed", count)
            except (OSError, StorageError) as error:
                LOG.warning("Pictures of old requests cannot be removed: %s", error)
            await asyncio.sleep(PAUSE)

    async def around(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(looking())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    application.cleanup_ctx.append(around)
