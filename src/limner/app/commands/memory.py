"""``limner memory``: what a running server holds in memory, and why."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from limner.app.asking import SERVER, Asking
from limner.app.commands.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server", metavar="URL", default=SERVER, help=f"which server to ask (default: {SERVER})")
    parser.add_argument("--json", action="store_true", help="print what the server says")


def _run(arguments: argparse.Namespace) -> int:
    told = Asking(arguments.server).json("/limner/memory")
    if arguments.json:
        json.dump(told, sys.stdout, indent=2)
        print()
    else:
        print("\n".join(report(told)))
    return 0


def report(told: Mapping[str, Any]) -> Iterator[str]:
    """What a server said, in lines for people."""
    ram = told["ram"]
    yield f"main memory: {size(ram['free'])} of {size(ram['total'])} free"
    for worker in told["workers"]:
        if not worker.get("up"):
            yield f"{worker['name']}: not up ({worker.get('reason', 'starting')})"
            continue
        results = worker.get("results", {})
        yield f"{worker['name']}: results of nodes {size(results.get('bytes', 0))}"
        for device in worker.get("devices", ()):
            yield from _device(device, [entry for entry in worker["entries"] if entry["device"] == device["device"]])


def _device(device: Mapping[str, Any], entries: list[Mapping[str, Any]]) -> Iterator[str]:
    limit = "no limit" if device["capacity"] is None else f"may hold {size(device['capacity'])}"
    untested = "" if device["tested"] else "; untested kind of device"
    free = f"{size(device['free'])} of {size(device['total'])} free"
    yield f"  {device['device']}: networks hold {size(device['bytes'])}, {limit}; {free}{untested}"
    for entry in sorted(entries, key=lambda entry: -entry["bytes"]):
        mapped = f" ({size(entry['mapped'])} in the mapped file)" if entry["mapped"] else ""
        since = f"in use: {entry['why']}" if entry["leases"] else f"idle {entry['idle_seconds']:.0f} s"
        work = f", working memory {size(entry['work'])}" if entry["work"] else ""
        yield (
            f"    {size(entry['bytes']):>10}  {entry['what']}: {entry['placement']}{mapped}; {since}{work}; "
            f"loaded in {entry['load_seconds']:.1f} s"
        )


def size(count: int) -> str:
    """Bytes for people."""
    return f"{count / (1 << 30):.2f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.1f} MiB"


MEMORY = Command("memory", "Say what a running server holds in memory, and why.", _configure, _run)
