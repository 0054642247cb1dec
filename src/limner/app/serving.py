"""Joins the server with its queue and its worker process. Imports no tensor library: the worker does."""

import asyncio
import contextlib
import dataclasses
import errno
import logging
import os
import signal
import ssl
import sys
from pathlib import Path

import msgspec
from aiohttp import web

from limner import __version__
from limner.accounts.accounts import Accounts
from limner.app.accounts import accounts_of
from limner.app.deliveries import delivery_plan
from limner.app.elsewhere import directory_of
from limner.app.entrance import hosts_of, keys_line, open_entrance
from limner.app.isolation import is_isolated
from limner.app.job_log import log_job
from limner.app.node_packs import PackShelf
from limner.app.preparation import STAND_IN
from limner.app.settings import Settings
from limner.app.token_count import ClipTokens
from limner.backends.process import ProcessWorker
from limner.dialects.comfy.features import read_flags
from limner.dialects.openai.models import read_aliases
from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import SettingsError
from limner.graph.graph import Graph
from limner.graph.substitution import substitute
from limner.hub.puller import Puller
from limner.hub.pulls import Pulls
from limner.hub.tokens import with_tokens
from limner.jobs.dispatcher import Dispatcher
from limner.jobs.sqlite_journal import SqliteJournal
from limner.providers.lists import ElsewhereLists
from limner.server.application import create_application
from limner.server.connections import CONNECTIONS
from limner.server.delivery_plan import DeliveryPlan
from limner.server.frontend import Frontend, find_frontend, frontend_in
from limner.server.lists import FolderLists
from limner.server.log_book import LogBook, LogBookHandler, is_news
from limner.server.service import ServerSettings, Service
from limner.storage.contacted_hosts import MODELS, ContactedHosts
from limner.storage.folders import OWNERS, Folders

TRACED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Variables of OpenTelemetry that ask for traces."""

log = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Serves until it is interrupted.

    Returns:
        The exit status.

    Raises:
        SettingsError: if the address or the data folder cannot be used.
    """
    logs = _begin_logging(settings.log_level)
    _refuse_open_install(settings)
    folders = settings.folders()
    _refuse_shared_temp(folders)
    folders.create()
    with contextlib.ExitStack() as stack:
        accounts = open_entrance(settings, folders)
        if accounts is not None:
            stack.callback(accounts.close)
        journal = SqliteJournal(folders.data / "limner.sqlite")  # It also keeps a second server out of the folder.
        stack.callback(journal.close)
        for temp in (folders.temp, *(folders.data / OWNERS).glob("*/temp")):
            _empty(temp)
        asyncio.run(_serve(settings, folders, journal, logs, accounts))
    return 0


async def _serve(
    settings: Settings, folders: Folders, journal: SqliteJournal, logs: LogBook, accounts: Accounts | None
) -> None:
    _end_on(signal.SIGTERM)
    dispatcher = Dispatcher(journal, [_process_worker(settings)], concurrency=settings.concurrency)
    dispatcher.listen(log_job)
    service = _service(settings, folders, dispatcher, logs, delivery_plan(settings, folders, journal.outbox))
    service = dataclasses.replace(service, accounts=accounts)
    application = create_application(service)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        port = await _listen(runner, settings)
        dispatcher.start()
        _announce(settings, folders, port, keys_line(accounts, settings))
        await _watch_connections(application, runner)
    except asyncio.CancelledError:
        log.info("stopping; what waits or runs stays in the queue")
    finally:
        if service.pulls is not None:
            await asyncio.to_thread(service.pulls.close)
        await runner.cleanup()
        await asyncio.to_thread(dispatcher.stop, graceful=False, seconds=5.0)


def _begin_logging(level: str) -> LogBook:
    """Sends the log to the terminal and into a book that clients can read."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(is_news)
    logs = LogBook()
    logging.getLogger().addHandler(LogBookHandler(logs))
    return logs


def _announce(settings: Settings, folders: Folders, port: int, keys: str) -> None:
    scheme = "https" if settings.tls_certificate else "http"
    for host in hosts_of(settings):
        named = f"[{host}]" if ":" in host else host
        print(f"Limner {__version__} listens on {scheme}://{named}:{port} (Ctrl-C stops it)", flush=True)
    if keys:
        print(keys, flush=True)
    print(f"  data {folders.data}, output {folders.output}", flush=True)
    for root in folders.model_roots:
        print(f"  models {root}{'' if root.is_dir() else ' (there is no such folder)'}", flush=True)


async def _watch_connections(application: web.Application, runner: web.AppRunner) -> None:
    """Goes on until the server ends."""
    server = runner.server
    if server is not None:
        await application[CONNECTIONS].watch(server)


def _end_on(number: signal.Signals) -> None:
    """Makes a signal end the main task, as Ctrl-C does."""
    task = asyncio.current_task()
    if task is not None:
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers.
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _service(
    settings: Settings, folders: Folders, dispatcher: Dispatcher, logs: LogBook, deliveries: DeliveryPlan
) -> Service:
    elsewhere = directory_of(settings, folders)
    hosts = ContactedHosts(folders.data)
    lists = ElsewhereLists(FolderLists(folders), elsewhere.roster)

    def prepare(graph: Graph, catalog: Catalog) -> tuple[Graph, tuple[str, ...]]:
        return stand_in(graph, catalog, lists)

    frontend = _frontend(settings)
    classic = _classic(settings) if frontend is None else frontend
    return Service(
        dispatcher=dispatcher,
        deliveries=deliveries,
        elsewhere=elsewhere,
        folders=folders,
        shelf=PackShelf(
            folders, may_install=settings.allow_node_install, isolated=lambda name: is_isolated(settings, name)
        ),
        lists=lists,
        pulls=pulls_of(settings, folders, hosts),
        hosts=hosts,
        prepare=prepare if settings.substitute else None,
        logs=logs,
        frontend=frontend,
        classic=classic if settings.classic else None,
        clip_tokens=ClipTokens(),
        web_folders=lambda: {"core": classic.scripts} if classic and classic.scripts else {},
        settings=ServerSettings(
            host=settings.host,
            port=settings.port,
            previews=settings.previews,
            preview_size=settings.preview_size,
            max_upload=int(settings.max_upload_size * (1 << 20)),
            multi_user=settings.multi_user,
            cors=settings.cors,
            substitute=settings.substitute,
            allowed_origins=settings.allowed_origins,
            arguments=tuple(sys.argv),
            assets=settings.assets,
            feature_flags=read_flags(settings.feature_flags),
            default_model=settings.default_model,
            model_aliases=read_aliases(settings.model_aliases),
            private_sources=settings.allow_private_sources,
            public_url=settings.public_url.rstrip("/"),
            ready_queue=settings.ready_queue,
            traces=any(map(os.environ.get, TRACED)),
        ),
    )


def pulls_of(settings: Settings, folders: Folders, hosts: ContactedHosts) -> Pulls:
    """What fetches models; it goes on with what was not over."""
    puller = Puller(
        folders,
        with_tokens(accounts_of(), folders.data),
        private=settings.allow_private_sources,
        asked=lambda host: hosts.note(host, MODELS),
    )
    pulls = Pulls(puller, folders.data / "limner-pulls.json")
    pulls.restore()
    return pulls


def _frontend(settings: Settings) -> Frontend | None:
    """ComfyUI's front end, if it was asked for.

    Raises:
        SettingsError: if it is not there.
    """
    if settings.frontend_root:
        return frontend_in(Path(settings.frontend_root).absolute())
    return find_frontend() if settings.frontend == "comfyui" else None


def _classic(settings: Settings) -> Frontend | None:
    """ComfyUI's front end beside the studio, if it is installed; it is no mistake if it is not."""
    try:
        return find_frontend() if settings.classic else None
    except SettingsError:
        return None


def stand_in(graph: Graph, catalog: Catalog, lists: Lists) -> tuple[Graph, tuple[str, ...]]:
    """The graph with the built-in model in place of missing ones, and what was replaced."""
    substituted = substitute(graph, catalog, lists, STAND_IN)
    return substituted.graph, tuple(substituted.notes)


def _process_worker(settings: Settings) -> ProcessWorker:
    own = msgspec.structs.replace(settings, webhook_secret="")  # a command line is no place for it
    text = msgspec.json.encode(own).decode()
    return ProcessWorker("worker-0", [sys.executable, "-m", "limner.app.worker_entry", "--settings", text])


async def _listen(runner: web.AppRunner, settings: Settings) -> int:
    """Binds the addresses and gives the port.

    Raises:
        SettingsError: if somebody has it already, or it is not ours to have.
    """
    port, secure = settings.port, _tls(settings)
    for host in hosts_of(settings):
        await _bind(web.TCPSite(runner, host, port, ssl_context=secure), host, port)
        port = runner.addresses[0][1]
    return port


async def _bind(site: web.TCPSite, host: str, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"Port {port} on {host} is in use: stop the program that has it, or choose another with --port N "
                "(0 takes a free one)."
            ) from error
        raise SettingsError(f"Cannot listen on {host}:{port}: {error.strerror or error}.") from error


def _tls(settings: Settings) -> ssl.SSLContext | None:
    """What HTTPS needs; None for HTTP.

    Raises:
        SettingsError: if one of the two files is not named, or they cannot be used.
    """
    if not settings.tls_key and not settings.tls_certificate:
        return None
    if not settings.tls_key or not settings.tls_certificate:
        raise SettingsError("HTTPS needs both --tls-key and --tls-certificate.")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"{settings.tls_certificate} and {settings.tls_key} cannot be used ({error}).") from error
    return context


def _refuse_open_install(settings: Settings) -> None:
    """Raises SettingsError if every web page could install node packs, which is to run any code here."""
    if settings.allow_node_install and "*" in (settings.cors, *settings.allowed_origins):
        raise SettingsError(
            "Any web page could install node packs, and so run any program here: --allow-node-install cannot be "
            "joined with an allowed origin of '*'. Name the origins that you trust."
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
            _remove(entry)
        else:
            entry.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    """Removes a folder as far as that can be done; one folder after another, as they may be nested by the thousand."""
    pending, seen = [folder], set[Path]()
    while pending:
        place = pending[-1]
        with contextlib.suppress(OSError):
            if place not in seen:
                seen.add(place)
                pending += [Path(entry) for entry in _unlinked(place)]
                continue
            place.rmdir()
        pending.pop()


def _unlinked(folder: Path) -> list[str]:
    """Removes the files in a folder; gives the folders in it."""
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                Path(entry.path).unlink(missing_ok=True)
    return folders
