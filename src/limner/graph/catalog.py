"""What a worker can do, as data.

A worker publishes its Catalog when it starts; the server checks graphs against it and lists it to clients without
importing a single network. Lists that change while the server runs (files in model folders) are not in the Catalog:
an Input names such a list (``choices_from``) and the Catalog's reader looks it up.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from limner.graph.node_type import Input, NodeType

Lists = Callable[[str], Sequence[str]]
"""Looks up a named list: ``checkpoints`` gives the file names in the checkpoint folders."""

SUFFIXES = "suffixes"
"""Option of an input that chooses from a list: the ends of the names that it takes."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A sampler, schedule or model family, as data. ``source`` is the file that defines it."""

    name: str
    doc: str = ""
    source: str = ""
    aliases: dict[str, tuple[str, ...]] = {}


class PackReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the loading of a node pack went.

    Attributes:
        name: Of its folder or file.
        path: Where it lies.
        state: ``loaded``, ``skipped`` (no pack), ``failed``, or ``off`` (switched off because of what it did before).
        reason: Why it is not loaded, or what people should know of it.
        nodes: Names of its nodes.
        failures: Nodes that were left out, and why.
        missing: Host modules and names that it asked for in vain.
        web: Names of its folders below ``/extensions/``.
        seconds: How long the import took.
        isolated: It runs in a process of its own.
    """

    name: str
    path: str
    state: str
    reason: str = ""
    nodes: tuple[str, ...] = ()
    failures: dict[str, str] = {}
    missing: tuple[str, ...] = ()
    web: tuple[str, ...] = ()
    seconds: float = 0.0
    isolated: bool = False


class PackRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A route that a node pack serves.

    Attributes:
        methods: ``*``: all.
        pattern: A regular expression for the whole path.
        socket: Path of the Unix socket that serves it, if it is not the gateway's.
    """

    methods: tuple[str, ...]
    pattern: str
    socket: str = ""


class PackGateway(msgspec.Struct, frozen=True, kw_only=True):
    """Where the worker's private HTTP servers are, and what they serve.

    Attributes:
        socket: Path of the Unix socket with the routes of packs.
        inner: Path of the Unix socket that the server itself talks to.
        routes: What packs serve.
        web: Folders of scripts by the name below ``/extensions/``.
        handles_prompts: Some pack wants to see prompts before they are checked.
        folders: Folders for models that packs added, by kind.
        suffixes: What files of the kinds that packs brought end with; none: all files.
    """

    socket: str
    inner: str
    routes: tuple[PackRoute, ...] = ()
    web: dict[str, str] = {}
    handles_prompts: bool = False
    folders: dict[str, tuple[str, ...]] = {}
    suffixes: dict[str, tuple[str, ...]] = {}


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker can do."""

    nodes: Mapping[str, NodeType] = {}
    samplers: tuple[Named, ...] = ()
    schedules: tuple[Named, ...] = ()
    families: tuple[Named, ...] = ()
    device: dict[str, object] = {}
    """What the worker runs on: ``name type index vram_total vram_free torch_version``."""
    packs: tuple[PackReport, ...] = ()
    gateway: PackGateway | None = None
    """How to reach node packs; None if there are none."""
    replacements: tuple[dict[str, Any], ...] = ()
    """Node types that took the place of others, as packs declare them; read by ``dialects.comfy.replacements``."""

    def choices(self, entry: Input, lists: Lists) -> Sequence[Any]:
        """The allowed values of a COMBO input now."""
        if entry.choices is not None:
            return entry.choices
        if entry.choices_from == "samplers":
            return [named.name for named in self.samplers]
        if entry.choices_from == "schedules":
            return [named.name for named in self.schedules]
        if not entry.choices_from:
            return ()
        ends = entry.options.get(SUFFIXES)
        return [name for name in lists(entry.choices_from) if not ends or name.endswith(tuple(ends))]


def sendable(described: NodeType) -> NodeType:
    """A node type that crosses a process border: limits beyond 64 bits, which some nodes declare, become floats."""
    if all(_fits(value) for entry in described.inputs for value in entry.options.values()):
        return described
    inputs = tuple(
        msgspec.structs.replace(
            entry, options={key: value if _fits(value) else float(value) for key, value in entry.options.items()}
        )
        for entry in described.inputs
    )
    return msgspec.structs.replace(described, inputs=inputs)


def _fits(value: Any) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**64
