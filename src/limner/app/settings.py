"""Settings: read once, here, and passed on as values.

Order of precedence: command line, environment (``LIMNER_DATA``, ``LIMNER_MODELS`` ...), defaults.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from platformdirs import user_data_path

from limner.app.extra_paths import read_extra_paths
from limner.app.sizes import read_size
from limner.graph.errors import SettingsError
from limner.hub.added_folders import FILE as ADDED_FOLDERS
from limner.storage.builtin import builtin_models
from limner.storage.folders import Folders

PORT = 8188
"""ComfyUI's port, since that is where clients look."""

DataType = Literal["auto", "float32", "bfloat16", "float16"]
Storage = Literal["", "fp8_e4m3fn", "fp8_e5m2", "int8", "nf4"]

PLACES = ("input", "output", "temp", "user")
"""Folders that may lie elsewhere than in the data folder."""

LISTS = {
    "models": os.pathsep,
    "further_model_paths": os.pathsep,
    "allowed_origins": ",",
    "whitelist_custom_nodes": ",",
    "isolate_packs": ",",
    "feature_flags": ",",
    "model_aliases": ",",
    "webhooks": ",",
}
"""Settings of several values, and what separates these in the environment."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a person can choose.

    Attributes:
        data: Root of all state.
        host: Addresses to listen on, by commas; anything but loopback needs keys, or ``allow_remote``.
        port: TCP port, 0..65535; 0 takes a free one.
        models: Model roots, each laid out like ComfyUI's ``models``.
        input: Replaces ``data/input``.
        output: Replaces ``data/output``.
        temp: Replaces ``data/temp``.
        user: Replaces ``data/user``.
        extra_model_paths: A file in the format of ``extra_model_paths.yaml``.
        further_model_paths: More such files.
        substitute: The built-in model may stand in for missing ones.
        device: ``cpu``, ``cuda``, ``cuda:1``, ``mps``, or ``auto``.
        dtype: ``float32``, ``bfloat16``, ``float16``, or ``auto``.
        concurrency: Jobs that run at once on a device.
        cache_bytes: How much the results of nodes may hold.
        cache_mode: When results are forgotten: ``ram`` (memory gets short), ``classic`` (a prompt without the node
            starts), ``lru`` (more than ``cache_nodes`` came after), ``none`` (at once).
        cache_nodes: For ``lru``: how many results are kept; 0: as ``classic``.
        cache_headroom: For ``ram``: GiB of main memory that are to stay free.
        model_bytes: How much networks may hold on the device, in bytes; 0: as ``vram`` and ``ram`` say.
        vram: How much networks may hold on the device: ``6G``, ``80%``; empty: a usual share of it.
        ram: The same for main memory.
        vram_reserve: GiB of the device that others need, if no ``vram`` is given.
        residency: What of a network stays on an accelerator: ``auto`` (what fits), ``whole`` (all or nothing), ``low``
            (half of its blocks), ``none`` (blocks come when they run).
        stream_blocks: Blocks are copied ahead, from pinned memory, where the device can do that.
        warm: The built-in model draws one small picture when the worker starts, so that the first real one need not
            wait for libraries and weights.
        keep_models: Networks stay when nobody uses them, as long as there is room.
        cpu_vae: Autoencoders compute on the CPU.
        cpu_text: Text encoders compute on the CPU.
        network_dtype: Replaces ``dtype`` for denoising networks,
        text_dtype: for text encoders,
        vae_dtype: and for autoencoders.
        network_storage: What weights of denoising networks are packed into while they are loaded; empty: nothing.
        text_storage: The same for text encoders.
        threads: Threads of a CPU worker; 0: all cores.
        disable_all_custom_nodes: Load no node packs, but for those in the whitelist.
        whitelist_custom_nodes: Names of packs that are loaded all the same.
        pack_import_seconds: How long the import of a node pack may take; 0: as long as it likes.
        isolate_packs: Names of node packs that run in processes of their own; ``*``: all.
        allow_node_install: Node packs may be installed over HTTP.
        allow_private_sources: Clients may have models and pictures fetched from addresses of this machine and its own
            network.
        previews: Pictures of intermediate states are sent to clients that take part in a run.
        disable_metadata: Files that nodes write do not hold the workflow.
        allowed_origins: Web origins beside the server's own that may talk to it; ``*``: all.
        accounts: Whether requests need keys: ``on``, ``off``, or ``auto``: where other machines can reach the server.
        allow_remote: Listen on an address that is not loopback although no key is asked for.
        cors: The origin that every answer allows, ``*`` for all; empty: none.
        multi_user: Requests say whose settings and files they mean.
        max_upload_size: Largest body of a request in MiB.
        preview_size: Longest side of previews in pixels.
        tls_key: File of the private key; with ``tls_certificate`` the server speaks HTTPS.
        tls_certificate: File of the certificate.
        frontend: ``comfyui`` serves ComfyUI's own web front end at ``/``, which has to be installed; else ``none``.
        classic: The same page is also served at ``/classic/``, beside the studio, where it is installed.
        frontend_root: A folder with that front end's files, in place of the installed package.
        assets: Files are listed as assets.
        feature_flags: Further flags for ``/features``, ``key=value`` each.
        default_model: The checkpoint, or ``app/`` and an app's name, for requests that name none.
        model_aliases: The same by the names that clients use instead, ``name=checkpoint`` each.
        public_url: Where clients reach the server (``https://pictures.example.org``); empty: the Host that they name.
        ready_queue: How many jobs may wait before ``/readyz`` sends requests elsewhere; 0: any number.
        store: Where every job's files are brought: ``s3://bucket/prefix?region=...``, or a name from ``stores``.
        stores: A file that names further stores and their keys.
        allow_request_stores: Requests may name stores of their own, with keys.
        webhooks: Addresses that are told how every job ended.
        webhook_secret: What webhooks are signed with (``whsec_...``); empty: one that is made and kept.
        allow_private_webhooks: Requests may have addresses of this machine and its own network told.
        delivery_pace: Factor of the pauses between tries of uploads and webhooks.
        providers: The file with other services that draw for this one; empty: ``providers.yaml`` in the data folder.
        log_level: ``debug``, ``info``, ``warning``, ``error`` or ``critical``.
    """

    data: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = PORT
    models: tuple[str, ...] = ()
    input: str | None = None
    output: str | None = None
    temp: str | None = None
    user: str | None = None
    extra_model_paths: str | None = None
    further_model_paths: tuple[str, ...] = ()
    substitute: bool = False
    device: str = "auto"
    dtype: DataType = "auto"
    concurrency: int = 4
    cache_bytes: int = 2 << 30
    cache_mode: Literal["ram", "classic", "lru", "none"] = "ram"
    cache_nodes: Annotated[int, msgspec.Meta(ge=0)] = 0
    cache_headroom: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    model_bytes: int = 0
    vram: str = ""
    ram: str = ""
    vram_reserve: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    residency: Literal["auto", "whole", "low", "none"] = "auto"
    stream_blocks: bool = True
    warm: bool = True
    keep_models: bool = True
    cpu_vae: bool = False
    cpu_text: bool = False
    network_dtype: DataType = "auto"
    text_dtype: DataType = "auto"
    vae_dtype: DataType = "auto"
    network_storage: Storage = ""
    text_storage: Storage = ""
    threads: int = 0
    disable_all_custom_nodes: bool = False
    whitelist_custom_nodes: tuple[str, ...] = ()
    pack_import_seconds: float = 60.0
    isolate_packs: tuple[str, ...] = ()
    allow_node_install: bool = False
    allow_private_sources: bool = False
    previews: bool = False
    disable_metadata: bool = False
    allowed_origins: tuple[str, ...] = ()
    accounts: Literal["auto", "on", "off"] = "auto"
    allow_remote: bool = False
    cors: str = ""
    multi_user: bool = False
    max_upload_size: Annotated[float, msgspec.Meta(gt=0, le=1 << 20)] = 100.0
    preview_size: Annotated[int, msgspec.Meta(ge=32, le=4096)] = 512
    tls_key: str | None = None
    tls_certificate: str | None = None
    frontend: Literal["none", "comfyui"] = "none"
    classic: bool = True
    frontend_root: str | None = None
    assets: bool = True
    feature_flags: tuple[str, ...] = ()
    default_model: str = ""
    model_aliases: tuple[str, ...] = ()
    public_url: str = ""
    store: str = ""
    stores: str | None = None
    allow_request_stores: bool = False
    webhooks: tuple[str, ...] = ()
    webhook_secret: str = ""
    allow_private_webhooks: bool = False
    delivery_pace: Annotated[float, msgspec.Meta(gt=0, le=10)] = 1.0
    ready_queue: Annotated[int, msgspec.Meta(ge=0)] = 0
    providers: str = ""
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"

    def folders(self) -> Folders:
        """The folders that these settings describe."""
        changes: dict[str, Any] = {name: Path(value).absolute() for name in PLACES if (value := getattr(self, name))}
        data = Path(self.data).absolute() if self.data else user_data_path("limner", appauthor=False)
        roots = tuple(Path(root).expanduser().absolute() for root in self.models) or (data / "models",)
        extra_file = Path(self.extra_model_paths) if self.extra_model_paths else data / "extra_model_paths.yaml"
        extra = read_extra_paths(extra_file, required=self.extra_model_paths is not None)
        for kind, paths in read_extra_paths(data / ADDED_FOLDERS).items():
            extra[kind] = tuple(dict.fromkeys((*extra.get(kind, ()), *paths)))
        for file in self.further_model_paths:
            for kind, paths in read_extra_paths(Path(file), required=True).items():
                extra[kind] = tuple(dict.fromkeys((*extra.get(kind, ()), *paths)))
        return Folders.under(data, model_roots=roots, extra=extra, builtin=builtin_models(), **changes)


def read_worker_settings(text: str) -> Settings:
    """Settings as a server handed them over to its worker."""
    return msgspec.json.decode(text, type=Settings)


def read_settings(chosen: dict[str, Any]) -> Settings:
    """Settings from what the command line chose (None: not chosen) and the environment.

    Raises:
        SettingsError: if a value cannot be what it should be.
    """
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        value = chosen.get(field.name)
        if value is None:
            value = _environment(field.name)
        if value is not None:
            values[field.name] = value
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(error, values)) from error
    for name in ("vram", "ram"):
        _check_size(name, getattr(settings, name))
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        given = f"--public-url (LIMNER_PUBLIC_URL) cannot be {settings.public_url!r}"
        raise SettingsError(f"{given}: it begins with https:// or http://, as clients write it.")
    return settings


def _check_size(name: str, text: str) -> None:
    """Raises SettingsError for a size that is none; how much it is depends on the worker's device."""
    try:
        _ = text and read_size(text, 1)
    except SettingsError as error:
        raise SettingsError(f"--{name} (LIMNER_{name.upper()}): {error}") from error


def _explain(error: msgspec.ValidationError, values: dict[str, Any]) -> str:
    """Which setting, by both its names, what was expected, and what came."""
    what, _, place = str(error).partition(" - at `$.")
    name = (re.match(r"\w*", place) or [""])[0]
    named = f"--{name.replace('_', '-')} (LIMNER_{name.upper()})" if name else "A setting"
    return f"{named} cannot be {values.get(name)!r}: {what.replace('`', '')}. See `limner serve --help`."


def _environment(name: str) -> Any:
    value = os.environ.get(f"LIMNER_{name.upper()}")
    return value if value is None or name not in LISTS else value.split(LISTS[name])
