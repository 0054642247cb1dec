"""What people say of keys on the command line, as values."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from limner.accounts.records import Quota, Scope
from limner.app.sizes import read_size
from limner.graph.errors import SettingsError

UNITS = {"m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
"""Seconds by letter."""

NONE = "none"


def read_scopes(text: str) -> frozenset[Scope]:
    """Scopes by commas.

    Raises:
        SettingsError: if one of them is none.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Scope)]
    if unknown or not names:
        raise SettingsError(f"--scopes {text!r:.80}: there are {', '.join(Scope)}; name one or more, by commas.")
    return frozenset(map(Scope, names))


def read_moment(text: str | None) -> int:
    """When a key ends, in milliseconds since the epoch; 0 for never.

    Raises:
        SettingsError: if it is no moment to come.
    """
    if text is None:
        return 0
    span = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    try:
        found = time.time() + int(span[1]) * UNITS[span[2]] if span else _day(text.strip())
    except ValueError:
        found = 0.0
    if found <= time.time():
        raise SettingsError(f"--expires {text!r:.40}: use a time from now (30d, 12h) or a day to come (2027-01-31).")
    return int(found * 1000)


def _day(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def read_quota(known: Quota | None, said: Mapping[str, Any]) -> Quota:
    """A user's limits with what was said; what was not said stays.

    Raises:
        SettingsError: if one of them is no limit.
    """
    before = known or Quota()
    kinds: dict[str, Callable[[str], Any]] = {
        "jobs": int,
        "jobs_per_day": int,
        "seconds_per_day": float,
        "storage": lambda text: read_size(text, 0),
    }
    return Quota(**{name: _limit(name, said.get(name), getattr(before, name), read) for name, read in kinds.items()})


def _limit(name: str, text: str | None, before: Any, read: Callable[[str], Any]) -> Any:
    if text is None:
        return before
    if text.strip().lower() == NONE:
        return None
    try:
        found = read(text)
    except (ValueError, SettingsError):
        found = -1
    if not 0 <= found < 1 << 62:
        kind = "a size (500M, 20G)" if name == "storage" else "a number from 0"
        raise SettingsError(f"--{name.replace('_', '-')} {text!r:.40}: use {kind}, or 'none'.")
    return found
