"""``limner deliveries``: where uploads and webhooks of a running server stand, and having them done again."""

import argparse
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from limner.app.commands.command import Command
from limner.app.settings import PORT
from limner.dialects.delivery_list import STATES
from limner.graph.errors import LimnerError, WorkerLostError

SERVER = f"http://127.0.0.1:{PORT}"
KEY = "LIMNER_KEY"
SECONDS = 30.0


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
    ask = _Asking(arguments.server, arguments.key or os.environ.get(KEY, ""))
    if arguments.action == "secret":
        print(ask("/deliveries/secret")["secret"])
    elif arguments.action == "list":
        wanted = {"state": arguments.state, "job": arguments.job, "limit": arguments.limit}
        query = urllib.parse.urlencode({name: value for name, value in wanted.items() if value is not None})
        for entry in ask(f"/deliveries?{query}")["deliveries"]:
            print(line(entry))
    else:
        given_up = "/deliveries?state=given_up&limit=1000"
        numbers = arguments.numbers or [entry["id"] for entry in ask(given_up)["deliveries"]]
        for number in numbers:
            print(line(ask(f"/deliveries/{number}/retry", "POST")))
    return 0


class _Asking:
    """Asks a server."""

    def __init__(self, server: str, key: str) -> None:
        self._server, self._key = server, key
        self._address = server.rstrip("/") if "://" in server else f"http://{server.rstrip('/')}"

    def __call__(self, path: str, method: str = "GET") -> Any:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        request = urllib.request.Request(f"{self._address}{path}", method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return msgspec.json.decode(answer.read())
        except urllib.error.HTTPError as error:
            raise LimnerError(f"{self._server} refused: {_said(error.read()) or error}") from error
        except (OSError, msgspec.DecodeError) as error:
            reason = getattr(error, "reason", error)
            raise WorkerLostError(
                f"{self._server} does not say what it delivers ({reason}). Is `limner serve` running there?"
            ) from error


def _said(body: bytes) -> str:
    try:
        return msgspec.json.decode(body)["error"]["message"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""


def line(entry: Mapping[str, Any]) -> str:
    """A delivery in a line for people."""
    where = entry.get("url") or entry.get("store") or "the default store"
    due = f", due {_moment(entry['due'])}" if entry["state"] == "due" and entry["due"] else ""
    tried = f", {entry['attempts']} tries in vain{due}: {entry['reason']}" if entry["reason"] else due
    return f"{entry['id']:>6}  {entry['state']:<8}  {entry['kind']:<7}  {where}  job {entry['job']}{tried}"


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


DELIVERIES = Command("deliveries", "Say where uploads and webhooks stand, and have them done again.", _configure, _run)
