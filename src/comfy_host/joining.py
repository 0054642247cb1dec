"""Joins node packs to a worker: host modules, loading, gateway, and what the engine needs for their nodes."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from comfy_host.adapter import PackRun
from comfy_host.context import Host, install
from comfy_host.gateway import Gateway
from comfy_host.instances import Instances
from comfy_host.loading import Loaded, PackClass, PackLoader
from comfy_host.packs import Pack, record_of
from comfy_host.watch import ImportWatch
from limner.engine.run import RunRequest
from limner.graph.catalog import PackGateway, PackReport
from limner.graph.declare import NodeDefinition
from limner.graph.errors import StorageError
from limner.storage.folders import Folders

LOG = logging.getLogger(__name__)

FACADES = "comfy_host.facades"
"""The module that registers facades with the bridge: ``register(bridge)``."""

WAIT_SECONDS = 60.0


@dataclass
class Packs:
    """The packs of a worker.

    Attributes:
        loaded: What they brought.
        gateway: Where to reach them; None if nothing was loaded or nobody asked for it.
    """

    host: Host
    loaded: Loaded
    gateway: PackGateway | None = None
    _serving: Gateway | None = None
    _instances: Instances = field(default_factory=Instances)
    _locks: dict[str, threading.RLock] = field(default_factory=dict)

    @property
    def definitions(self) -> Mapping[str, NodeDefinition]:
        """Their nodes."""
        return self.loaded.definitions

    @property
    def replacements(self) -> tuple[dict[str, Any], ...]:
        """Node types that took the place of others, as packs declare them."""
        known = self.host.switchboard.node_replacements
        return tuple(entry for entries in known.values() for entry in entries)

    @property
    def reports(self) -> Sequence[PackReport]:
        """How their loading went."""
        return self.loaded.reports

    def services_for(self, request: RunRequest) -> Mapping[type, Any]:
        """What the engine gives to their nodes in one run."""
        self._instances.keep(request.graph)
        return {PackRun: PackRun(request, self.host.bridge, self._instances, self._lock)}

    def release(self) -> None:
        """Forgets the objects of V1 classes."""
        self._instances.clear()

    def close(self) -> None:
        """Ends what they serve."""
        if self._serving is not None:
            self._serving.close()

    def _lock(self, pack: str) -> threading.RLock:
        return self._locks.setdefault(pack, threading.RLock())


def join_packs(
    host: Host,
    packs: Sequence[Pack],
    errors: Mapping[str, str],
    *,
    seconds: float = WAIT_SECONDS,
    serve: bool = True,
) -> Packs:
    """Loads packs into this process. ``open_surface`` has to come first.

    Args:
        host: The worker's parts.
        packs: What to load.
        errors: Of their prestartup scripts.
        seconds: How long each import may take; 0: as long as it likes.
        serve: Serve their routes and answer the server.
    """
    install(host)
    if not packs:
        return Packs(host, Loaded())
    register_facades(host)
    record = record_of(host.folders)
    loader = PackLoader(host.definitions, record, ImportWatch(record, seconds), _waiter(host, seconds))
    loaded = loader.load_all(packs, errors)
    nodes = importlib.import_module("nodes")
    _take_direct(nodes, loader, host)
    nodes.add_classes({name: found.kind for name, found in loaded.classes.items()})
    added = adopt_folders(host.folders)
    joined = Packs(host, loaded)
    if serve and (loaded.classes or any(report.state == "loaded" for report in loaded.reports)):
        _serve(joined, nodes, added)
    return joined


def register_facades(host: Host) -> None:
    """Fills the host's bridge; imports the host modules that facades are made of."""
    importlib.import_module(FACADES).register(host.bridge)


def _waiter(host: Host, seconds: float) -> Callable[[Any], Any]:
    async def await_it(value: Any) -> Any:
        return await value

    return lambda value: host.switchboard.submit(await_it(value)).result(seconds or None)


def _take_direct(nodes: Any, loader: PackLoader, host: Host) -> None:
    """Takes classes that packs wrote straight into ``nodes.NODE_CLASS_MAPPINGS``."""
    names = nodes.NODE_DISPLAY_NAME_MAPPINGS
    for name, kind in list(nodes.NODE_CLASS_MAPPINGS.items()):
        if name not in host.definitions and name not in loader.loaded.classes:
            module = str(getattr(kind, "__module__", "")).rpartition("/")[2] or "unknown"
            loader.take_class(name, PackClass(kind, names.get(name), f"custom_nodes.{module}"), {})


@dataclass(frozen=True)
class Added:
    """What packs added to ``folder_paths``: folders by kind, and the suffixes of kinds that are new."""

    folders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    suffixes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def adopt_folders(folders: Folders) -> Added:
    """Makes Limner's own loaders look into the folders that packs added to ``folder_paths``."""
    known = importlib.import_module("folder_paths").folder_names_and_paths
    added = Added()
    for kind, (paths, suffixes) in list(known.items()):
        is_new = kind not in folders.kinds()
        own = set() if is_new else {str(path) for path in folders.roots(kind)}
        further = tuple(str(path) for path in paths if str(path) not in own)
        if further or is_new:
            added.folders[kind] = further
        if is_new:
            added.suffixes[kind] = tuple(sorted(map(str, suffixes)))
    folders.add({kind: tuple(map(Path, paths)) for kind, paths in added.folders.items()}, added.suffixes)
    return added


def _serve(joined: Packs, nodes: Any, added: Added) -> None:
    web = lambda: {**joined.loaded.web, **nodes.EXTENSION_WEB_DIRS}  # noqa: E731
    gateway = Gateway(joined.host.switchboard, joined.loaded, web)
    try:
        found = gateway.start(joined.host.folders.data / "packs" / "run")
    except (OSError, StorageError):
        LOG.exception("Routes of node packs cannot be served.")
        return
    joined.gateway = msgspec.structs.replace(found, folders=added.folders, suffixes=added.suffixes)
    joined._serving = gateway
