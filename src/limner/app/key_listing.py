"""Keys and users as ``limner keys list`` shows them."""

import time
from typing import Any

import msgspec

from limner.accounts.accounts import Accounts
from limner.accounts.quotas import Taken, day_began
from limner.accounts.records import Key, Quota
from limner.app.sizes import say_size
from limner.graph.errors import StorageError
from limner.jobs.sqlite_usage import taken_by
from limner.server.limits import storage_of
from limner.storage.folders import Folders

JOURNAL = "limner.sqlite"


def key_rows(accounts: Accounts) -> list[dict[str, Any]]:
    """All keys, without what is secret; times in milliseconds since the epoch, 0 for never."""
    now = time.time_ns() // 1_000_000
    return [
        {
            **{name: getattr(key, name) for name in ("id", "user", "note", "created", "expires", "used", "revoked")},
            "scopes": sorted(key.scopes),
            "state": _state(key, now),
        }
        for key in accounts.all_keys()
    ]


def user_rows(accounts: Accounts, folders: Folders) -> list[dict[str, Any]]:
    """All users with what they may take and what they have taken today."""
    rows = []
    for user in accounts.all_users():
        taken = taken_of(folders, user.name)
        facts = {"quota": msgspec.to_builtins(user.quota), "taken": msgspec.to_builtins(taken)}
        rows.append({"name": user.name, **facts, "told": _told(user.quota, taken)})
    return rows


def taken_of(folders: Folders, owner: str) -> Taken:
    """What an owner has taken; works while a server runs. Of a journal that cannot be read, nothing is known."""
    try:
        alive, done, seconds = taken_by(folders.data / JOURNAL, owner, day_began())
    except StorageError:
        alive, done, seconds = 0, 0, 0.0
    storage = storage_of(folders, owner)
    return Taken(jobs=alive, jobs_today=alive + done, seconds_today=round(seconds, 1), storage=storage)


def _state(key: Key, now: int) -> str:
    if key.revoked:
        return "revoked"
    return "good" if key.is_good(now) else "expired"


def _told(quota: Quota, taken: Taken) -> str:
    pairs = [
        (f"{taken.jobs} jobs", _number(quota.jobs)),
        (f"{taken.jobs_today} today", _number(quota.jobs_per_day)),
        (f"{taken.seconds_today:g} s of the device today", _number(quota.seconds_per_day)),
        (f"{say_size(taken.storage)} of files", None if quota.storage is None else say_size(quota.storage)),
    ]
    return ", ".join(said if limit is None else f"{said} (of {limit})" for said, limit in pairs)


def _number(limit: float | None) -> str | None:
    return None if limit is None else f"{limit:.12g}"
