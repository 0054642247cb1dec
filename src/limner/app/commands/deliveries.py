"""``limner deliveries``: where uploads and webhooks of a running server stand, and having them done again."""

import argparse
import sys
import urllib.parse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from limner.app.asking import KEY, SERVER, Asking
from limner.app.commands.command import Command
from limner.dialects.delivery_list import STATES


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="the newest uploads and webhooks, and why some were not done yet")
    listed.add_argument("--state", choices=STATES, help="only those in this state")
    listed.add_argument("--job", metavar="ID", help="only those of a job")
    listed.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many (default: 50)")
    again = actions.add_parser("retry", help="have deliveries done again, at once")
    again.add_argument("numbers", metavar="NUMBER", type=int, nargs="*", help="which; none: all that were given up")
    secret = actions.add_parser("secret", help="what webhooks are signed with")
    for action in (listed, again, secret):
        action.add_argument("--server", metavar="URL", default=SERVER, help=f"which server to ask (default: {SERVER})")
        action.add_argument("--key", metavar="KEY", help=f"an API key of it (default: ${KEY})")


def _run(arguments: argparse.Namespace) -> int:
    ask = Asking(arguments.server, arguments.key or "").json
    if arguments.action == "secret":
        print(ask("/deliveries/secret")["secret"])
    elif arguments.action == "list":
        wanted = {"state": arguments.state, "job": arguments.job, "limit": arguments.limit}
        query = urllib.parse.urlencode({name: value for name, value in wanted.items() if value is not None})
        found = ask(f"/deliveries?{query}")["deliveries"]
        print("\n".join(map(line, found)) or "There are none.", file=sys.stdout if found else sys.stderr)
    else:
        given_up = "/deliveries?state=given_up&limit=1000"
        numbers = arguments.numbers or [entry["id"] for entry in ask(given_up)["deliveries"]]
        if not numbers:
            print("None was given up.", file=sys.stderr)
        for number in numbers:
            print(line(ask(f"/deliveries/{number}/retry", "POST")))
    return 0


def line(entry: Mapping[str, Any]) -> str:
    """A delivery in a line for people."""
    where = entry.get("url") or entry.get("store") or "the default store"
    due = f", due {_moment(entry['due'])}" if entry["state"] == "due" and entry["due"] else ""
    tried = f", {entry['attempts']} tries in vain{due}: {entry['reason']}" if entry["reason"] else due
    return f"{entry['id']:>6}  {entry['state']:<8}  {entry['kind']:<7}  {where}  job {entry['job']}{tried}"


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


DELIVERIES = Command("deliveries", "Say where uploads and webhooks stand, and have them done again.", _configure, _run)
