"""Joins node packs to a worker: host modules, loading, gateway, and what the engine needs for their nodes."""

from __future__ import annotations

import contextlib
import importlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from comfy_host.context import Host, install
from comfy_host.gateway import Gateway
from comfy_host.instances import Instances
from comfy_host.isolation.isolated_pack import IsolatedPack
from comfy_host.isolation.taking import Taken, take_isolated
from comfy_host.loading import Loaded, PackClass, PackLoader
from comfy_host.pack_step import PackRun
from comfy_host.packs import Pack, PackRecord, record_of
from comfy_host.watch import ImportWatch
from limner.engine.run import RunRequest
from limner.graph.catalog import PackGateway, PackReport
from limner.graph.declare import NodeDefinition
from limner.graph.errors import LimnerError, StorageError
from limner.nodes.growing import OWN
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
        isolated: Those of them that run in processes of their own.
    """

    host: Host
    loaded: Loaded
    gateway: PackGateway | None = None
    isolated: Taken = field(default_factory=Taken)
    _serving: Gateway | None = None
    _instances: dict[str, Instances] = field(default_factory=dict)
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
        # By owner: an object may remember whose folders it was made for.
        instances = self._instances.setdefault(request.owner, Instances())
        instances.keep(request.graph)
        return {PackRun: PackRun(request, self.host.bridge, instances, self._lock)}

    def release(self) -> None:
        """Forgets the objects of V1 classes."""
        for instances in list(self._instances.values()):
            instances.clear()
        for pack in self.isolated.packs:
            with contextlib.suppress(LimnerError):  # its process is gone, and the objects with it
                pack.release()

    def close(self) -> None:
        """Ends what they serve."""
        if self._serving is not None:
            self._serving.close()
        for pack in self.isolated.packs:
            pack.close()

    def _lock(self, pack: str) -> threading.RLock:
        return self._locks.setdefault(pack, threading.RLock())


def join_packs(
    host: Host,
    packs: Sequence[Pack],
    errors: Mapping[str, str],
    *,
    seconds: float = WAIT_SECONDS,
    serve: bool = True,
    apart: Sequence[IsolatedPack] = (),
    record: PackRecord | None = None,
    sockets: Path | None = None,
    label: str = "",
) -> Packs:
    """Loads packs into this process. ``open_surface`` has to come first.

    Args:
        host: The worker's parts.
        packs: What to load.
        errors: Of their prestartup scripts.
        seconds: How long each import may take; 0: as long as it likes.
        serve: Serve their routes and answer the server.
        apart: Packs that run in processes of their own, which were started.
        record: Remembers packs that failed; the data folder's if absent.
        sockets: Folder of the gateway's sockets; the data folder's if absent.
        label: Tells these sockets from others.
    """
    install(host)
    if not packs and not apart:
        return Packs(host, Loaded())
    register_facades(host)
    record = record or record_of(host.folders)
    loader = PackLoader(_kept(host), record, ImportWatch(record, seconds), _waiter(host, seconds))
    loaded = loader.load_all(packs, errors)
    nodes = importlib.import_module("nodes")
    _take_direct(nodes, loader, host)
    nodes.add_classes({name: found.kind for name, found in loaded.classes.items()})
    added = adopt_folders(host.folders)
    joined = Packs(host, loaded, isolated=take_isolated(apart, loader, record, host))
    if serve and (loaded.classes or any(report.state == "loaded" for report in loaded.reports)):
        _serve(joined, nodes, added, sockets or socket_folder_of(host.folders), label)
    return joined


def _kept(host: Host) -> frozenset[str]:
    """Names of Limner's nodes that no pack replaces: those of ComfyUI's that run.

    A pack may bring what is declared only, and what ComfyUI does not have.
    """
    return frozenset(name for name, definition in host.definitions.items() if _stays(definition))


def _stays(definition: NodeDefinition) -> bool:
    return not definition.type.needs and definition.type.module != OWN


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
        if not _is_own(host, name, kind) and name not in loader.loaded.classes:
            module = str(getattr(kind, "__module__", "")).rpartition("/")[2] or "unknown"
            loader.take_class(name, PackClass(kind, names.get(name), f"custom_nodes.{module}"), {})


def _is_own(host: Host, name: str, kind: Any) -> bool:
    """Whether a class stands for a node of Limner's, and not for what a pack put in the place of a declared one."""
    own = host.definitions.get(name)
    return own is not None and (_stays(own) or getattr(kind, "__module__", "") == own.type.module)


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


def socket_folder_of(folders: Folders) -> Path:
    """Where the sockets of gateways come."""
    return folders.data / "packs" / "run"


def _serve(joined: Packs, nodes: Any, added: Added, sockets: Path, label: str) -> None:
    web = lambda: {**joined.loaded.web, **nodes.EXTENSION_WEB_DIRS}  # noqa: E731
    gateway = Gateway(joined.host.switchboard, joined.loaded, web)
    try:
        found = gateway.start(sockets, label)
    except (OSError, StorageError):
        LOG.exception("Routes of node packs cannot be served.")
        return
    found = msgspec.structs.replace(found, folders=added.folders, suffixes=added.suffixes)
    joined.gateway = joined.isolated.joined(found)
    joined._serving = gateway
