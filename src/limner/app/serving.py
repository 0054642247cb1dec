"""Joins the server with its queue and its worker process. Imports no tensor library: the worker does."""

import asyncio
import contextlib
import errno
import ipaddress
import logging
import shutil
import signal
import sys
from pathlib import Path

import msgspec
from aiohttp import web

from limner import __version__
from limner.app.job_log import log_job
from limner.app.preparation import STAND_IN
from limner.app.settings import Settings
from limner.backends.process import ProcessWorker
from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import SettingsError
from limner.graph.graph import Graph
from limner.graph.substitution import substitute
from limner.jobs.dispatcher import Dispatcher
from limner.jobs.sqlite_journal import SqliteJournal
from limner.server.application import create_application
from limner.server.lists import FolderLists
from limner.server.service import ServerSettings, Service
from limner.storage.folders import Folders

log = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Serves until it is interrupted.

    Returns:
        The exit status.

    Raises:
        SettingsError: if the address or the data folder cannot be used.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    _refuse_remote(settings)
    folders = settings.folders()
    _refuse_shared_temp(folders)
    folders.create()
    journal = SqliteJournal(folders.data / "limner.sqlite")  # It also keeps a second server out of the folder.
    try:
        _empty(folders.temp)
        asyncio.run(_serve(settings, folders, journal))
    finally:
        journal.close()
    return 0


async def _serve(settings: Settings, folders: Folders, journal: SqliteJournal) -> None:
    _end_on(signal.SIGTERM)
    dispatcher = Dispatcher(journal, [_process_worker(settings)], concurrency=settings.concurrency)
    dispatcher.listen(log_job)
    service = _service(settings, folders, dispatcher)
    runner = web.AppRunner(create_application(service), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        port = await _listen(runner, settings)
        dispatcher.start()
        print(f"Limner {__version__} listens on http://{settings.host}:{port} (Ctrl-C stops it)", flush=True)
        print(f"  data {folders.data}, output {folders.output}", flush=True)
        for root in folders.model_roots:
            print(f"  models {root}{'' if root.is_dir() else ' (there is no such folder)'}", flush=True)
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        log.info("stopping; what waits or runs stays in the queue")
    finally:
        await runner.cleanup()
        await asyncio.to_thread(dispatcher.stop, graceful=False, seconds=5.0)


def _end_on(number: signal.Signals) -> None:
    """Makes a signal end the main task, as Ctrl-C does."""
    task = asyncio.current_task()
    if task is not None:
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers.
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _service(settings: Settings, folders: Folders, dispatcher: Dispatcher) -> Service:
    lists = FolderLists(folders)

    def prepare(graph: Graph, catalog: Catalog) -> tuple[Graph, tuple[str, ...]]:
        return stand_in(graph, catalog, lists)

    return Service(
        dispatcher=dispatcher,
        folders=folders,
        lists=lists,
        prepare=prepare if settings.substitute else None,
        settings=ServerSettings(
            host=settings.host,
            port=settings.port,
            previews=settings.previews,
            substitute=settings.substitute,
            allowed_origins=settings.allowed_origins,
            arguments=tuple(sys.argv),
        ),
    )


def stand_in(graph: Graph, catalog: Catalog, lists: Lists) -> tuple[Graph, tuple[str, ...]]:
    """The graph with the built-in model in place of missing ones, and what was replaced."""
    substituted = substitute(graph, catalog, lists, STAND_IN)
    return substituted.graph, tuple(substituted.notes)


def _process_worker(settings: Settings) -> ProcessWorker:
    text = msgspec.json.encode(settings).decode()
    return ProcessWorker("worker-0", [sys.executable, "-m", "limner.app.worker_entry", "--settings", text])


async def _listen(runner: web.AppRunner, settings: Settings) -> int:
    """Binds the address and gives the port.

    Raises:
        SettingsError: if somebody has it already, or it is not ours to have.
    """
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"Port {settings.port} on {settings.host} is in use: stop the program that has it, or choose another "
                "with --port N (0 takes a free one)."
            ) from error
        raise SettingsError(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror or error}.") from error
    return runner.addresses[0][1]


def _refuse_remote(settings: Settings) -> None:
    """Raises SettingsError for an address beyond loopback that was not asked for twice."""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(settings.host).is_loopback:
            return
    if settings.host == "localhost" or settings.allow_remote:
        return
    raise SettingsError(
        f"{settings.host} can be reached from other machines, and this version has no authentication. Listen on "
        "127.0.0.1 and put a proxy with a lock before it, or add --allow-remote if the network is yours alone."
    )


def _refuse_shared_temp(folders: Folders) -> None:
    """Raises SettingsError if emptying the folder of previews would take anything else with it."""
    temp = folders.temp.resolve()
    models = (*folders.model_roots, *(root for roots in folders.extra.values() for root in roots))
    for kept in (folders.data, folders.input, folders.output, folders.user, *models, Path.home()):
        if kept.resolve().is_relative_to(temp):
            raise SettingsError(
                f"The folder for previews, {folders.temp}, is emptied at every start, and {kept} is in it. Choose a "
                "folder of its own with --temp."
            )


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
