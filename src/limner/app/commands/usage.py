"""``limner usage``: what jobs cost, on this machine and at other services."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from limner.app.commands.command import Command
from limner.app.settings import read_settings
from limner.jobs.sqlite_usage import JOURNAL, read_usage
from limner.jobs.usage import GROUPS, Sum, since_of, summed

HEADINGS = ("requests", "failed", "images", "seconds", "p50 s", "p90 s", "p99 s", "cost")


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="the server's data folder")
    parser.add_argument("--by", choices=tuple(GROUPS), default="provider", help="what to sum by (default: provider)")
    parser.add_argument("--since", default="", metavar="WHEN", help="2026-11-01, or back from now: 24h, 7d, 4w")
    parser.add_argument("--owner", metavar="NAME", help="one owner's jobs only")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _run(arguments: argparse.Namespace) -> int:
    folders = read_settings({"data": arguments.data}).folders()
    since = since_of(arguments.since, datetime.now(UTC))
    found = summed(read_usage(folders.data / JOURNAL, since, arguments.owner), arguments.by)
    if arguments.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    else:
        print("\n".join(report(arguments.by, found)))
    return 0


def report(by: str, found: Sequence[Sum]) -> Iterator[str]:
    """Sums as lines of a table."""
    if not found:
        yield "Nothing was used yet."
        return
    rows = [(by, *HEADINGS), *map(_row, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for name, *figures in rows:
        cells = (figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True))
        yield "  ".join((name.ljust(widths[0]), *cells)).rstrip()


def _row(found: Sum) -> tuple[str, ...]:
    latency = (found.latency.get(name) for name in ("p50", "p90", "p99"))
    cost = ", ".join(f"{value:.4f} {currency}" for currency, value in found.cost.items())
    return (
        found.name or "-",
        str(found.requests),
        str(found.failures),
        str(found.images),
        f"{found.seconds:.1f}",
        *("-" if value is None else f"{value:.2f}" for value in latency),
        cost or "-",
    )


USAGE = Command("usage", "Show what jobs cost: requests, seconds, latency and money.", _configure, _run)
