"""Joins the concrete parts of a worker: definitions, services, engine, backend. Imports the tensor half."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import torch

from comfy_host.context import Host
from comfy_host.gateway import socket_folder
from comfy_host.isolation.isolated_pack import IsolatedPack
from comfy_host.joining import Packs, join_packs, socket_folder_of
from comfy_host.pack_samplers import with_pack_samplers
from comfy_host.packs import Pack, record_of
from comfy_host.prestartup import open_surface, run_prestartup
from limner.app.catalogue import local_catalog
from limner.app.elsewhere import desk_of, forwarding, seen_by_nodes
from limner.app.isolation import pack_command, parted_packs
from limner.app.placing import placement_of
from limner.app.registry import load_definitions
from limner.app.settings import Settings
from limner.app.without_documents import without_documents
from limner.backends.in_process import InProcessBackend, InProcessWorker
from limner.backends.in_process_policy import CachePolicy
from limner.engine.run import RunRequest, Worker
from limner.graph.catalog import sendable
from limner.graph.declare import NodeDefinition
from limner.graph.elsewhere import Elsewhere
from limner.hub.records import Records
from limner.models.library import ModelLibrary
from limner.models.memory.devices import device_memory, device_name
from limner.models.memory.sameness import DigestOf
from limner.nodes.growing import OWN
from limner.sampling.loop import DenoisingLoop
from limner.sampling.registry import SamplingRegistry
from limner.storage.folders import Folders
from limner.storage.host_memory import host_memory


def build_worker(
    settings: Settings,
    name: str = "worker-0",
    *,
    prestarted: Mapping[str, str] | None = None,
    serve_packs: bool = False,
) -> Worker:
    """A worker that runs jobs in this process.

    Args:
        settings: What a person chose.
        name: For events and logs.
        prestarted: Errors of node packs' prestartup scripts, if they ran already.
        serve_packs: Serve what packs offer to clients.

    Raises:
        SettingsError: if the device cannot be used.
    """
    host = build_host(settings)
    packs = _packs(settings, host, prestarted, serve_packs)
    services: dict[type, Any] = {type(part): part for part in host.parts()}
    services[SamplingRegistry] = with_pack_samplers(host.samplers)
    desk = desk_of(settings, host.folders)
    services[Elsewhere] = seen_by_nodes(desk)
    definitions = {
        name: replace(definition, type=sendable(definition.type))
        for name, definition in joined_definitions(host.definitions, packs.definitions).items()
    }

    def release() -> None:
        host.library.release()
        packs.release()

    def close() -> None:
        packs.close()
        host.loop.close()

    def services_for(request: RunRequest) -> Mapping[type, Any]:
        return {Folders: host.folders.of_owner(request.owner), **packs.services_for(request)}

    backend = InProcessBackend(
        definitions, services, cache_policy(settings), services_for=services_for, exhausted=release
    )
    catalog = msgspec.structs.replace(
        local_catalog(definitions, device_facts(host.device), services[SamplingRegistry]),
        packs=tuple(packs.reports),
        gateway=packs.gateway,
        replacements=packs.replacements,
    )
    worker = InProcessWorker(
        name, backend, catalog=catalog, release_models=release, status=host.library.status, closing=close
    )
    return forwarding(worker, desk, host.folders)


def joined_definitions(
    own: Mapping[str, NodeDefinition], packs: Mapping[str, NodeDefinition]
) -> dict[str, NodeDefinition]:
    """All nodes by name. Packs replace those of ours that are declared only, and those that ComfyUI does not have.

    A workflow that was made with a pack means the pack's.
    """
    running = {
        name: definition
        for name, definition in own.items()
        if not definition.type.needs and definition.type.module != OWN
    }
    return {**own, **packs, **running}


def build_host(settings: Settings) -> Host:
    """The parts of a worker, or of a pack's process, which Limner's nodes and those of packs share."""
    placement = placement_of(settings)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    folders = settings.folders()
    folders.create()
    return Host(
        folders=folders,
        library=ModelLibrary(folders, placement=placement, digest_of=_known_digest(Records(folders.data))),
        samplers=SamplingRegistry.discovered(),
        loop=DenoisingLoop(),
        device=placement.device,
        definitions=without_documents(load_definitions()) if settings.disable_metadata else load_definitions(),
        arguments={
            "port": settings.port,
            "listen": settings.host,
            "preview_size": settings.preview_size,
            "disable_metadata": settings.disable_metadata,
        },
    )


def _known_digest(records: Records) -> DigestOf:
    """SHA-256 of files that were fetched or verified here, and have not changed since."""

    def digest_of(path: Path) -> str | None:
        found = records.digests_of(path)
        return None if found is None else found.sha256

    return digest_of


def _packs(settings: Settings, host: Host, prestarted: Mapping[str, str] | None, serve: bool) -> Packs:
    """Loads node packs; their prestartup scripts run first, unless they ran already."""
    chosen, apart = parted_packs(settings, host.folders)
    seconds = settings.pack_import_seconds
    if prestarted is None:
        open_surface(host.folders)
        prestarted = run_prestartup(chosen, host.folders, seconds)
    isolated = _isolated(settings, host, apart)
    return join_packs(host, chosen, prestarted, seconds=seconds, serve=serve, apart=isolated)


def _isolated(settings: Settings, host: Host, packs: Sequence[Pack]) -> list[IsolatedPack]:
    """Starts the processes of isolated packs; those that are switched off are not started."""
    if not packs:
        return []
    record, sockets = record_of(host.folders), socket_folder(socket_folder_of(host.folders))
    isolated = []
    for number, pack in enumerate(packs):
        command = pack_command(settings, host.folders, pack, sockets, f"{os.getpid()}-{number}")
        found = IsolatedPack(pack, command, host.switchboard.relay, settings.pack_import_seconds)
        if record.reason(pack) is None:
            found.start()
        isolated.append(found)
    return isolated


def cache_policy(settings: Settings) -> CachePolicy:
    """How long results are remembered."""
    return CachePolicy.of(
        settings.cache_mode,
        capacity=settings.cache_bytes,
        nodes=settings.cache_nodes,
        headroom=int(settings.cache_headroom * (1 << 30)),
        available=lambda: host_memory().available,
    )


def device_facts(device: torch.device) -> dict[str, Any]:
    """What clients are told of the device: names as in ComfyUI's /system_stats, sizes in bytes."""
    memory = device_memory(device)
    return {
        "name": device_name(device),
        "type": device.type,
        "index": device.index,
        "vram_total": memory.total,
        "vram_free": memory.free,
        "torch_vram_total": memory.reserved or memory.total,
        "torch_vram_free": memory.free,
        "torch_version": torch.__version__,
        "python_version": platform.python_version(),
    }
