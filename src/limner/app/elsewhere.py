"""Joins other services with settings and the environment, which holds their keys."""

import os
from typing import TYPE_CHECKING

from limner.app.settings import Settings
from limner.engine.run import Worker
from limner.graph.elsewhere import Elsewhere, NothingElsewhere
from limner.providers.directory import Directory
from limner.providers.opening import all_kinds, open_desk, open_roster
from limner.storage.folders import Folders

if TYPE_CHECKING:
    from limner.providers.desk import Desk


def directory_of(settings: Settings, folders: Folders) -> Directory:
    """What the server knows of other services.

    Raises:
        SettingsError: if the file that names them makes no sense.
    """
    roster = open_roster(folders.data, settings.providers)
    return Directory(roster, all_kinds() if roster.file.providers else {}, os.environ)


def desk_of(settings: Settings, folders: Folders) -> "Desk | None":
    """What asks other services; None if there are none.

    Raises:
        SettingsError: if the file that names them makes no sense.
    """
    roster = open_roster(folders.data, settings.providers)
    return open_desk(roster, os.environ) if roster.file.providers else None


def seen_by_nodes(desk: "Desk | None") -> Elsewhere:
    """Other services as nodes see them."""
    return NothingElsewhere() if desk is None else desk


def forwarding(worker: Worker, desk: "Desk | None", folders: Folders) -> Worker:
    """The worker, which sends whole graphs away if there is anybody to send them to."""
    if desk is None:
        return worker
    from limner.providers.forwarding import ForwardingWorker  # Only workers forward, and only if there is anybody.

    return ForwardingWorker(worker, desk, folders)
