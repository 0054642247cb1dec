"""``limner models ACTION``: what model files there are, what they are, whether they are whole or twice here."""

import argparse
import json
from pathlib import Path
from typing import Any

import msgspec

from limner.app.commands.command import Command, add_places
from limner.app.model_actions import ACTIONS, Action
from limner.app.settings import read_settings
from limner.graph.errors import UnknownNameError
from limner.storage.folders import KINDS, Folders

LISTS = "the files in the model folders, by kind"
TELLS = "what a file is: family, parameters, precision, metadata"


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help=LISTS, description=f"Print {LISTS}.")
    info = actions.add_parser("info", help=TELLS, description=f"Print {TELLS}.")
    info.add_argument("name", help="a name from `limner models list`, or a path")
    parsers = [listing, info]
    for action in ACTIONS:
        own = actions.add_parser(action.name, help=action.help, description=action.help)
        action.configure(own)
        parsers.append(own)
    for own in parsers:
        own.add_argument("--json", action="store_true", help="print JSON")
        add_places(own)


def _run(arguments: argparse.Namespace) -> int:
    settings = read_settings(vars(arguments))
    action: Action | None = next((known for known in ACTIONS if known.name == arguments.action), None)
    if action is not None:
        return action.run(arguments, settings)
    folders = settings.folders()
    return _list(folders, as_json=arguments.json) if arguments.action == "list" else _info(folders, arguments)


def _list(folders: Folders, *, as_json: bool) -> int:
    found = {kind: names for kind in KINDS if (names := folders.list(kind))}
    if as_json:
        print(json.dumps(found, indent=1))
        return 0
    for kind, names in found.items():
        print(f"{kind}:")
        for name in names:
            size = folders.find(kind, name).stat().st_size
            print(f"  {name}  ({size / 1e6:.0f} MB)")
    if not found:
        print("No model files. Fetch one: limner pull sdxl. Or use those of another program: limner models import PATH")
    return 0


def _info(folders: Folders, arguments: argparse.Namespace) -> int:
    from limner.hub.records import Records
    from limner.models.inspection import inspect_model

    path = _locate(folders, arguments.name)
    info = inspect_model(path)
    record = Records(folders.data).of(path.absolute())
    known = {"sha256": record.digests.sha256, "from": record.origin.source} if record and record.is_current else {}
    if arguments.json:
        print(json.dumps({**msgspec.to_builtins(info), **known}, indent=1))
        return 0
    for name, value in {**msgspec.to_builtins(info), **known}.items():
        if value:
            print(f"{name:12} {_plain(value)}")
    return 0


def _plain(value: Any) -> str:
    """A field for people: the parts of a list in one line, each entry of a mapping in its own."""
    if isinstance(value, dict):
        return f"\n{'':13}".join(f"{name}: {text}" for name, text in sorted(value.items()))
    return ", ".join(value) if isinstance(value, list | tuple) else f"{value:,}" if isinstance(value, int) else value


def _locate(folders: Folders, name: str) -> Path:
    """The file of that name in any model folder, or at that path.

    Raises:
        UnknownNameError: if there is none.
    """
    if Path(name).is_file():
        return Path(name)
    for kind in KINDS:
        if name in folders.list(kind):
            return folders.find(kind, name)
    known = [known for kind in KINDS for known in folders.list(kind)]
    raise UnknownNameError("model file", name, known, "`limner models list` shows what there is.")


MODELS = Command("models", "List, check, tidy and import model files.", _configure, _run)
