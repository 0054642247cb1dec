"""What the server needs of the rest, as values: the joint that the composition fills."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from limner.graph.catalog import Catalog, Lists
from limner.graph.graph import Graph
from limner.jobs.dispatcher import Dispatcher
from limner.storage.folders import Folders

Prepare = Callable[[Graph, Catalog], tuple[Graph, Sequence[str]]]
"""Changes a graph before it is checked and says what it changed."""


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


@dataclass(frozen=True, kw_only=True)
class Service:
    """Everything that requests are answered from.

    Attributes:
        dispatcher: Takes jobs in and tells what happens to them; its journal remembers.
        folders: Where files lie.
        lists: Looks up lists that change while the server runs.
        settings: How the server behaves.
        prepare: Changes graphs before they are checked (substitution of missing models).
    """

    dispatcher: Dispatcher
    folders: Folders
    lists: Lists
    settings: ServerSettings = field(default_factory=ServerSettings)
    prepare: Prepare | None = None
