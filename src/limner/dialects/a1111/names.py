"""A1111's names of samplers and schedules as ours, and the lists that clients choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from limner.dialects.a1111.errors import refusal
from limner.dialects.a1111.names_keys import SAMPLERS, SCHEDULES, SamplerName, ScheduleName

DEFAULT_SAMPLER = "Euler"
AUTOMATIC = "automatic"


@dataclass(frozen=True)
class Walk:
    """How a picture is walked to.

    Attributes:
        sampler: Our name.
        schedule: Our name.
        sampler_label: As answers and pictures name it.
        schedule_label: Likewise; "Automatic" if nothing was asked for.
    """

    sampler: str
    schedule: str
    sampler_label: str
    schedule_label: str


def choose_walk(
    sampler: str | None, schedule: str | None, samplers: Sequence[str] = (), schedules: Sequence[str] = ()
) -> Walk:
    """The sampler and schedule that a request means.

    Args:
        sampler: Label, alias or our name, also with a schedule behind it: ``DPM++ 2M Karras``; None: the default.
        schedule: Label, name or alias; None or automatic: the one in the sampler's name, else the sampler's own.
        samplers: All of ours,
        schedules: and all of ours.

    Raises:
        GraphError: if there is no such sampler or schedule.
    """
    known_schedules = _schedules(schedules)
    found, behind = _sampler(sampler or DEFAULT_SAMPLER, _samplers(samplers), known_schedules)
    asked = _schedule(schedule or AUTOMATIC, known_schedules)
    if not asked.schedule and behind is not None:
        asked = behind
    ours = asked.schedule or _schedule(found.schedule, known_schedules).schedule
    return Walk(found.sampler, ours, found.label, asked.label)


def sampler_list(samplers: Sequence[str]) -> list[dict[str, Any]]:
    """The samplers there are. Args: samplers: All of ours."""
    return [
        {"name": row.label, "aliases": list(row.aliases), "options": _options(row)}
        for row in _samplers(samplers)
        if row.sampler in samplers
    ]


def schedule_list(schedules: Sequence[str]) -> list[dict[str, Any]]:
    """The schedules there are. Args: schedules: All of ours."""
    return [
        {
            "name": row.name,
            "label": row.label,
            "aliases": list(row.aliases) or None,
            "default_rho": row.rho,
            "need_inner_model": row.name in ("sgm_uniform", "normal", "simple", "ddim", "beta"),
        }
        for row in _schedules(schedules)
        if not row.schedule or row.schedule in schedules
    ]


def sampler_label(sampler: str) -> str:
    """A1111's label of a sampler of ours; one that only we have keeps its name."""
    return next((row.label for row in SAMPLERS if row.sampler == sampler), sampler)


def schedule_label(schedule: str) -> str:
    """A1111's label of a schedule of ours."""
    found = sorted((row for row in SCHEDULES if row.schedule == schedule), key=lambda row: row.name != schedule)
    return found[0].label if found else schedule


def _options(row: SamplerName) -> dict[str, str]:
    return {} if row.schedule == "uniform" else {"scheduler": row.schedule}


def _samplers(names: Sequence[str]) -> list[SamplerName]:
    """A1111's, then those that only we have."""
    named = {row.sampler for row in SAMPLERS}
    return [*SAMPLERS, *(SamplerName(name, name) for name in names if name not in named)]


def _schedules(names: Sequence[str]) -> list[ScheduleName]:
    named = {row.schedule for row in SCHEDULES}
    return [*SCHEDULES, *(ScheduleName(name, name, name) for name in names if name not in named)]


def _sampler(
    asked: str, samplers: Sequence[SamplerName], schedules: Sequence[ScheduleName]
) -> tuple[SamplerName, ScheduleName | None]:
    """The sampler of a name, and the schedule that stands behind it."""
    name = asked.strip().casefold()
    found = _find_sampler(name, samplers)
    if found is not None:
        return found, None
    words = [(word.casefold(), row) for row in schedules for word in (row.label, row.name, *row.aliases)]
    for word, schedule in words:
        found = _find_sampler(name[: -len(word) - 1], samplers) if name.endswith((f" {word}", f"_{word}")) else None
        if found is not None:
            return found, schedule
    raise refusal(f"Sampler not found: {asked!r:.100}. There are: {', '.join(row.label for row in samplers)}.")


def _find_sampler(name: str, samplers: Sequence[SamplerName]) -> SamplerName | None:
    """By label or alias first: ours may be another one's label."""
    for row in samplers:
        if name == row.label.casefold() or name in row.aliases:
            return row
    return next((row for row in samplers if name in (row.sampler, f"k_{row.sampler}")), None)


def _schedule(asked: str, schedules: Sequence[ScheduleName]) -> ScheduleName:
    name = asked.strip().casefold()
    for row in schedules:
        if name in (row.label.casefold(), row.name, *row.aliases):
            return row
    for row in schedules:
        if name == row.schedule:
            return row
    raise refusal(f"Scheduler not found: {asked!r:.100}. There are: {', '.join(row.label for row in schedules)}.")
