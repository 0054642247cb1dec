"""Joins settings, kinds and keys: what a process needs to ask other services, or only to know their names."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from limner.graph.discovery import discover
from limner.graph.errors import SettingsError, UnknownNameError
from limner.providers import kinds
from limner.providers.provider import Kind
from limner.providers.roster import Roster
from limner.providers.settings import FILE, ProvidersFile, read_providers

if TYPE_CHECKING:
    from limner.providers.desk import Desk


def all_kinds() -> dict[str, Kind]:
    """The kinds of services that can be spoken to."""
    return discover(kinds, Kind, lambda kind: kind.name)


def open_roster(data: Path, named: str = "") -> Roster:
    """The services that are configured.

    Args:
        data: The data folder, where the file lies if none is named.
        named: Another file.

    Raises:
        SettingsError: if the file makes no sense.
    """
    path = Path(named).expanduser() if named else data / FILE
    return roster_of(read_providers(path, required=bool(named)), str(path))


def roster_of(file: ProvidersFile, where: str = FILE) -> Roster:
    """The names that settings stand for.

    Raises:
        SettingsError: if a kind does not exist, or its fields make no sense.
    """
    if not file.providers:
        return Roster(file)
    known = all_kinds()
    for name, settings in file.providers.items():
        kind = known.get(settings.kind)
        if kind is None:
            raise SettingsError(f"{where}: provider {name}: {UnknownNameError('kind', settings.kind, known)}")
        if kind.check is not None:
            try:
                kind.check(settings.fields)
            except SettingsError as error:
                raise SettingsError(f"{where}: provider {name}: {error}") from error
    return Roster(file, frozenset(name for name, kind in known.items() if kind.takes_graphs))


def open_desk(roster: Roster, environment: Mapping[str, str]) -> "Desk":
    """What asks the services of a roster."""
    from limner.providers.desk import Desk  # The server's own process asks for nothing but names.

    return Desk(roster, all_kinds(), environment)
