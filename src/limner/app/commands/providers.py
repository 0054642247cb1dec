"""``limner providers``: other services behind this one, and whether they answer."""

import argparse
import asyncio
import os
import time
from collections.abc import Iterator

from limner.app.commands.command import Command
from limner.app.settings import read_settings
from limner.graph.errors import LimnerError
from limner.providers.calling import caller_for
from limner.providers.opening import all_kinds, open_roster
from limner.providers.roster import Roster

SECONDS = 20.0
"""How long a service has to answer."""

SHOWN = 8
"""Models of a service that are named."""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="the server's data folder")
    parser.add_argument("--providers", metavar="FILE", help="the file (default: DATA/providers.yaml)")
    parser.add_argument("--check", action="store_true", help="ask each service which models it has")


def _run(arguments: argparse.Namespace) -> int:
    settings = read_settings({"data": arguments.data, "providers": arguments.providers})
    roster = open_roster(settings.folders().data, settings.providers)
    print("\n".join(_report(roster)))
    if not arguments.check:
        return 0
    answers = asyncio.run(_asked(roster))
    print("\n".join(text for _, text in answers))
    return 0 if all(good for good, _ in answers) else 1


def _report(roster: Roster) -> Iterator[str]:
    """What the file says."""
    if not roster.file.providers:
        yield "No other services are configured; see docs/providers.md."
    for name, settings in roster.file.providers.items():
        lacking = settings.key and not os.environ.get(settings.key, "").strip()
        key = f", key {settings.key} {'is not set' if lacking else 'is set'}" if settings.key else ""
        graphs = ", whole graphs" if roster.runs_graphs(name) else ""
        yield f"{name}: {settings.kind} at {settings.base_url}{graphs}{key}"
    for name, route in roster.file.models.items():
        yield f"{name} ({route.route}): {', '.join(aim.to for aim in route.aims())}"


async def _asked(roster: Roster) -> list[tuple[bool, str]]:
    """Whether each service answers, in words."""
    return list(await asyncio.gather(*(_ask(roster, name) for name in roster.file.providers)))


async def _ask(roster: Roster, name: str) -> tuple[bool, str]:
    settings = roster.file.providers[name]
    caller = caller_for(name, settings, os.environ)
    caller.timeout = min(caller.timeout, SECONDS)
    await caller.open()
    began = time.monotonic()
    try:
        models = await all_kinds()[settings.kind].make(caller, settings).models()
    except LimnerError as error:
        return False, f"{name}: {error}"
    finally:
        await caller.close()
    shown = ", ".join(models[:SHOWN]) + (" ..." if len(models) > SHOWN else "")
    return True, f"{name}: answers in {time.monotonic() - began:.2f} s, {len(models)} models: {shown}"


PROVIDERS = Command("providers", "Show other services behind this one, and whether they answer.", _configure, _run)
