"""``limner keys``: who may use a server, by keys that are shown once. Works while the server runs."""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from limner.app.commands.command import Command, add_places
from limner.app.settings import read_settings

if TYPE_CHECKING:  # Nobody waits for a database who asks for help.
    from limner.accounts.accounts import Accounts
    from limner.accounts.records import Quota
    from limner.storage.folders import Folders


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make a key and print it, once")
    create.add_argument("--user", dest="owner", required=True, metavar="NAME", help="whose it is; may be new")
    create.add_argument(
        "--scopes",
        default="submit,read_own",
        metavar="LIST",
        help="what it allows, by commas: submit, read_own, read_all, models, admin (default: submit,read_own)",
    )
    create.add_argument("--expires", metavar="WHEN", help="30d, 12h, 2027-01-31 (default: never)")
    create.add_argument("--note", default="", metavar="TEXT", help="what it is for")
    _add_limits(create)
    limit = actions.add_parser("limit", help="say how much a user may take; what is not named stays")
    limit.add_argument("--user", dest="owner", required=True, metavar="NAME", help="whose limits they are")
    _add_limits(limit)
    listing = actions.add_parser("list", help="show keys, and what their users take")
    revoke = actions.add_parser("revoke", help="take keys back, at once")
    revoke.add_argument("keys", nargs="+", metavar="KEY", help="the id that `list` shows, or the whole key")
    for action in (create, limit, listing, revoke):
        add_places(action)
    for action in (create, listing):
        action.add_argument("--json", action="store_true", help="print one JSON object")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("how much the user may take (N, or 'none' for any)")
    limits.add_argument("--jobs", metavar="N", help="jobs that wait or run at once")
    limits.add_argument("--jobs-per-day", metavar="N", help="jobs a day")
    limits.add_argument("--seconds-per-day", metavar="N", help="seconds of the device a day")
    limits.add_argument("--storage", metavar="SIZE", help="what files may take: 500M, 20G")


def _run(arguments: argparse.Namespace) -> int:
    from limner.accounts.accounts import FILE, Accounts

    settings = read_settings(vars(arguments))
    folders = settings.folders()
    folders.create()
    accounts = Accounts(folders.data / FILE)
    try:
        if arguments.action == "create":
            return _create(accounts, arguments)
        if arguments.action == "limit":
            return _limit(accounts, folders, arguments)
        if arguments.action == "revoke":
            return _revoke(accounts, arguments.keys)
        return _list(accounts, folders, as_json=arguments.json)
    finally:
        accounts.close()


def _create(accounts: "Accounts", arguments: argparse.Namespace) -> int:
    from limner.app.key_options import read_moment, read_scopes

    scopes, expires = read_scopes(arguments.scopes), read_moment(arguments.expires)
    quota = _quota(accounts, arguments)  # Before the key: one that is made and not shown is lost.
    made = accounts.create(arguments.owner, scopes, expires=expires, note=arguments.note)
    accounts.limit(arguments.owner, quota)
    if arguments.json:
        facts = {"id": made.id, "user": arguments.owner, "scopes": sorted(scopes), "expires": expires, "key": str(made)}
        print(json.dumps(facts))
        return 0
    print(made)
    print("This is the only time that the key is shown.", file=sys.stderr)
    return 0


def _limit(accounts: "Accounts", folders: "Folders", arguments: argparse.Namespace) -> int:
    from limner.app.key_listing import user_rows

    accounts.limit(arguments.owner, _quota(accounts, arguments))
    for user in user_rows(accounts, folders):
        if user["name"] == arguments.owner:
            print(f"{user['name']:<16} {user['told']}")
    return 0


def _quota(accounts: "Accounts", arguments: argparse.Namespace) -> "Quota":
    """The user's limits, with what is said of them."""
    from limner.app.key_options import read_quota

    user = accounts.user(arguments.owner)
    return read_quota(user.quota if user is not None else None, vars(arguments))


def _revoke(accounts: "Accounts", keys: list[str]) -> int:
    gone = {key: accounts.revoke(key) for key in keys}
    for key, done in gone.items():
        if not done:
            print(f"limner: {key!r:.40} is no key that is good. `limner keys list` shows them.", file=sys.stderr)
    return 0 if all(gone.values()) else 1


def _list(accounts: "Accounts", folders: "Folders", *, as_json: bool) -> int:
    from limner.app.key_listing import key_rows, user_rows

    keys, users = key_rows(accounts), user_rows(accounts, folders)
    if as_json:
        print(json.dumps({"keys": keys, "users": users}))
        return 0
    if not keys:
        print(f"There are no keys in {folders.data}: limner keys create --user NAME.", file=sys.stderr)
    for key in keys:
        facts = f"{key['id']}  {key['user']:<16} {key['state']:<8} {','.join(key['scopes'])}"
        print(f"{facts}  {_when('used', key['used'])}  {key['note']}".rstrip())
    for user in users:
        print(f"{user['name']:<16} {user['told']}")
    return 0


def _when(what: str, moment: int) -> str:
    return f"{what} {datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%d %H:%M}" if moment else f"never {what}"


KEYS = Command("keys", "Say who may use a server: make keys, list them, take them back.", _configure, _run)
