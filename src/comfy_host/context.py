"""What the host modules stand on: the worker's parts, and the step that runs just now.

Node packs import modules by name and call plain functions in them, so there has to be one place per process that knows
the worker's parts. This is the only one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_host.bridge import Bridge
from comfy_host.switchboard import Switchboard
from limner.engine.events import NodePlace
from limner.engine.run import RunRequest
from limner.graph.declare import NodeDefinition
from limner.graph.errors import SettingsError
from limner.graph.progress import Progress, SilentProgress
from limner.storage.folders import Folders

if TYPE_CHECKING:  # Packs' prestartup scripts run before any tensor library is loaded, and they may use folder_paths.
    import torch

    from limner.models.library import ModelLibrary
    from limner.sampling.loop import DenoisingLoop
    from limner.sampling.registry import SamplingRegistry


@dataclass(frozen=True, kw_only=True)
class Host:
    """The parts of the worker that packs run in.

    Attributes:
        folders: Where files lie.
        library: Loads models.
        samplers: Samplers and schedules by name.
        loop: Drives every walk of the device.
        device: Where networks compute.
        definitions: Limner's own nodes by name, what ``nodes.NODE_CLASS_MAPPINGS`` is made of.
        arguments: What ``comfy.cli_args.args`` shows beside its defaults.
        switchboard: Where packs leave routes, and messages for clients.
        bridge: Turns values at the border between Limner's nodes and a pack's.
    """

    folders: Folders
    library: ModelLibrary
    samplers: SamplingRegistry
    loop: DenoisingLoop
    device: torch.device
    definitions: Mapping[str, NodeDefinition]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    bridge: Bridge = field(default_factory=Bridge)
    switchboard: Switchboard = field(default_factory=Switchboard)

    def parts(self) -> tuple[object, ...]:
        """What nodes ask for as services."""
        return self.folders, self.library, self.samplers, self.loop


@dataclass(frozen=True, kw_only=True)
class Running:
    """The step that a thread is in.

    Attributes:
        place: The node.
        request: The job's request.
        progress: How it speaks, and asks whether to go on.
    """

    place: NodePlace | None = None
    request: RunRequest | None = None
    progress: Progress = field(default_factory=SilentProgress)


_RUNNING: ContextVar[Running | None] = ContextVar("running", default=None)


@dataclass
class _Installed:
    """What was installed in this process; folders come first, since prestartup scripts need them."""

    host: Host | None = None
    folders: Folders | None = None


_INSTALLED = _Installed()


def install(host: Host) -> None:
    """Makes a worker's parts those that the host modules use."""
    _INSTALLED.host, _INSTALLED.folders = host, host.folders


def install_folders(folders: Folders) -> None:
    """Makes ``folder_paths`` work before the worker's other parts are there."""
    _INSTALLED.folders = folders


def host() -> Host:
    """The worker's parts.

    Raises:
        SettingsError: outside a worker.
    """
    if _INSTALLED.host is None:
        raise SettingsError("Modules for node packs work inside a Limner worker only; start `limner serve`.")
    return _INSTALLED.host


def folders() -> Folders:
    """Where files lie: in a step those of whoever the job belongs to.

    Raises:
        SettingsError: outside a worker.
    """
    if _INSTALLED.folders is None:
        raise SettingsError("Modules for node packs work inside a Limner worker only; start `limner serve`.")
    request = running().request
    return _INSTALLED.folders if request is None else _INSTALLED.folders.of_owner(request.owner)


def running() -> Running:
    """The step that this thread or task is in; a silent one outside of any."""
    return _RUNNING.get() or Running()


@contextmanager
def inside(step: Running) -> Iterator[None]:
    """Marks what runs in the block as part of a step."""
    token = _RUNNING.set(step)
    try:
        yield
    finally:
        _RUNNING.reset(token)
