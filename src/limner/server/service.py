"""What the server needs of the rest, as values: the joint that the composition fills."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from limner.accounts.accounts import Accounts
from limner.dialects.comfy.features import server_features
from limner.graph.catalog import Catalog, Lists
from limner.graph.graph import Graph
from limner.hub.pulls import Pulls
from limner.jobs.dispatcher import Dispatcher
from limner.providers.directory import Directory
from limner.server.delivery_plan import DeliveryPlan
from limner.server.frontend import Frontend
from limner.server.log_book import LogBook
from limner.server.packs.shelf import Shelf
from limner.storage.contacted_hosts import ContactedHosts
from limner.storage.folders import Folders

Prepare = Callable[[Graph, Catalog], tuple[Graph, Sequence[str]]]
"""Changes a graph before it is checked and says what it changed."""

CountTokens = Callable[[str], int | None]
"""Says how many tokens a prompt has; None if that cannot be known. Blocks."""

WebFolders = Callable[[], Mapping[str, Path]]
"""Says which folders web clients load scripts from, by the name below ``/extensions/``. ``core`` is the front end's."""


def no_web_folders() -> Mapping[str, Path]:
    """No scripts for web clients."""
    return {}


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """How the server behaves.

    Attributes:
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        previews: Jobs send previews although nobody asked for them.
        preview_size: Longest side of previews in pixels.
        max_upload: Largest body in bytes.
        substitute: The built-in model may stand in for missing ones.
        allowed_origins: Further web origins that may talk to the server (``https://example.org``); ``*``: all.
        catalog_wait: Seconds that a request waits for the worker's first catalog.
        arguments: The command line, as ``/system_stats`` shows it.
        multi_user: Requests say in ``comfy-user`` whose settings and files they mean. It keeps people's things apart;
            it locks nobody out.
        cors: The origin that every answer allows, ``*`` for all; empty: answers name none but the allowed ones.
        assets: Files are listed as assets.
        feature_flags: Further flags for ``/features``; a dotted name is a path.
        default_model: The checkpoint for requests that name none; empty: the first one.
        model_aliases: Checkpoints by the names that clients use instead.
        private_sources: Clients may have pictures fetched from addresses of this machine and its own network.
        public_url: Where clients reach the server, without a slash at the end; empty: the Host that they name.
        ready_queue: How many jobs may wait before ``/readyz`` sends requests elsewhere; 0: any number.
        traces: Traces are sent to where the variables of OpenTelemetry say.
    """

    host: str = "127.0.0.1"
    port: int = 8188
    previews: bool = False
    preview_size: int = 512
    max_upload: int = 100 << 20
    substitute: bool = False
    allowed_origins: tuple[str, ...] = ()
    catalog_wait: float = 20.0
    arguments: tuple[str, ...] = ()
    multi_user: bool = False
    cors: str = ""
    assets: bool = True
    feature_flags: Mapping[str, Any] = field(default_factory=dict)
    default_model: str = ""
    model_aliases: Mapping[str, str] = field(default_factory=dict)
    private_sources: bool = False
    public_url: str = ""
    ready_queue: int = 0
    traces: bool = False

    def features(self) -> dict[str, Any]:
        """What the server says it can do."""
        return server_features(self.max_upload, assets=self.assets, further=self.feature_flags)


@dataclass(frozen=True, kw_only=True)
class Service:
    """Everything that requests are answered from.

    Attributes:
        dispatcher: Takes jobs in and tells what happens to them; its journal remembers.
        folders: Where files lie.
        lists: Looks up lists that change while the server runs.
        settings: How the server behaves.
        prepare: Changes graphs before they are checked (substitution of missing models).
        logs: What was logged last, by the server and by its worker.
        clip_tokens: Counts the tokens of prompts as CLIP's text encoders read them.
        web_folders: Folders with scripts for web clients.
        frontend: ComfyUI's own front end at ``/``, or None.
        classic: The same at ``/classic/``, beside the studio; None if it is not installed.
        shelf: Node packs, to be switched and installed; None if nobody may.
        pulls: Fetches models; None if nobody may.
        accounts: Who may use the server; None: everybody who reaches it.
        deliveries: What follows jobs; None: nothing does.
        elsewhere: Other services that draw or run graphs; None: there are none.
        hosts: Remembers which hosts outside were asked for something.
    """

    dispatcher: Dispatcher
    folders: Folders
    lists: Lists
    settings: ServerSettings = field(default_factory=ServerSettings)
    prepare: Prepare | None = None
    logs: LogBook = field(default_factory=LogBook)
    clip_tokens: CountTokens | None = None
    web_folders: WebFolders = no_web_folders
    frontend: Frontend | None = None
    classic: Frontend | None = None
    shelf: Shelf | None = None
    pulls: Pulls | None = None
    accounts: Accounts | None = None
    deliveries: DeliveryPlan | None = None
    elsewhere: Directory | None = None
    hosts: ContactedHosts = field(default_factory=lambda: ContactedHosts(None))
