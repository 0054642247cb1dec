"""Users, their keys and their limits as records. Nothing here knows a key's text: that is shown once and forgotten."""

from enum import StrEnum

import msgspec


class Scope(StrEnum):
    """What a key allows.

    Attributes:
        SUBMIT: Asking for pictures, and changing what is one's own.
        READ_OWN: Seeing what is one's own.
        READ_ALL: Seeing the jobs and files of everybody.
        MODELS: Having models fetched and checked.
        ADMIN: Everything, other people's jobs and the server itself included.
    """

    SUBMIT = "submit"
    READ_OWN = "read_own"
    READ_ALL = "read_all"
    MODELS = "models"
    ADMIN = "admin"


USUAL = frozenset({Scope.SUBMIT, Scope.READ_OWN})
"""What a key allows if nobody says more."""

INCLUDED = {Scope.READ_ALL: frozenset({Scope.READ_OWN}), Scope.ADMIN: frozenset(Scope)}
"""Scopes that come with others."""


def whole(scopes: frozenset[Scope]) -> frozenset[Scope]:
    """Scopes with those that they include."""
    return scopes.union(*(INCLUDED.get(scope, frozenset()) for scope in scopes))


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """How much a user may take; None: as much as there is.

    Attributes:
        jobs: Jobs that wait or run at once.
        jobs_per_day: Jobs of a day, which begins at midnight UTC.
        seconds_per_day: Seconds of the device that the jobs of a day may take.
        storage: Bytes of the user's files.
    """

    jobs: int | None = None
    jobs_per_day: int | None = None
    seconds_per_day: float | None = None
    storage: int | None = None


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, or some program, with things of its own.

    Attributes:
        name: Which is the owner of jobs and the name of a folder.
        quota: How much it may take.
        created: Milliseconds since the epoch.
    """

    name: str
    quota: Quota = Quota()
    created: int = 0


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a key.

    Attributes:
        id: Which its text begins with, after ``lk_``.
        user: Whose it is.
        scopes: What it allows.
        note: What its maker wrote beside it.
        created: Milliseconds since the epoch, as all times here.
        expires: From then on it is not taken any more; 0: never.
        used: When it was used last, give or take a minute; 0: never.
        revoked: When it was taken back; 0: it is good.
    """

    id: str
    user: str
    scopes: frozenset[Scope] = USUAL
    note: str = ""
    created: int = 0
    expires: int = 0
    used: int = 0
    revoked: int = 0

    def is_good(self, now: int) -> bool:
        """Whether it is taken at a moment."""
        return not self.revoked and not (self.expires and self.expires <= now)


class Grant(msgspec.Struct, frozen=True):
    """What a request may do that came with a good key. Attributes: as Key's, ``scopes`` with those they include."""

    user: str
    key: str
    scopes: frozenset[Scope]
