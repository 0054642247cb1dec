"""``limner apps add|list|show|run|remove``: workflows that a server keeps as apps."""

import argparse
import base64
import json
import sys
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner.app.asking import KEY, SERVER, Asking
from limner.app.commands.command import Command
from limner.app.preparation import read_file
from limner.app.results import save_fetched
from limner.graph.errors import LimnerError, StorageError
from limner.storage.media_types import media_type

WAIT = 600
"""Seconds that a run is waited for at a time."""


@dataclass(frozen=True)
class _Action:
    """One action: one sentence, its arguments, and what it does; that gives the exit status."""

    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Asking], int]


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, action in _ACTIONS.items():
        own = actions.add_parser(name, help=action.help, description=f"{action.help[0].upper()}{action.help[1:]}.")
        action.configure(own)
        own.add_argument("--server", metavar="URL", default=SERVER, help=f"which server to ask (default: {SERVER})")
        own.add_argument("--key", metavar="KEY", default="", help=f"an API key of it (default: ${KEY})")
        own.add_argument("--json", action="store_true", help="print the server's answer as JSON")


def _run(arguments: argparse.Namespace) -> int:
    return _ACTIONS[arguments.action].run(arguments, Asking(arguments.server, arguments.key))


def _configure_add(parser: argparse.ArgumentParser) -> None:
    _configure_name(parser)
    parser.add_argument("workflow", type=Path, help="workflow in API or UI format, or a picture that carries one")
    parser.add_argument("--declaration", metavar="FILE", type=Path, help="what is said of its inputs, as JSON")
    parser.add_argument("--title", default="", help="what people call it")
    parser.add_argument("--description", default="", help="what it does, in a sentence")
    parser.add_argument("--image-ids", metavar="IDS", default="", help="picture nodes in their order: 69,35,87")


def _add(arguments: argparse.Namespace, asking: Asking) -> int:
    declared = _declaration(arguments.declaration)
    for name in ("title", "description", "image_ids"):
        declared |= {name: value} if (value := getattr(arguments, name)) else {}
    form, edge = _form({"declaration": json.dumps(declared).encode()}, {"workflow": read_file(arguments.workflow)})
    answer = asking.json(_path(arguments.name), "PUT", form, f"multipart/form-data; boundary={edge}")
    lines = _described(answer)
    return _shown(arguments, answer, lines if arguments.json else [*lines, *_lacking(arguments.name, asking)])


def _lacking(name: str, asking: Asking) -> list[str]:
    """What an app would miss if it were run now; nothing, if the server cannot say."""
    try:
        missing = asking.json(f"{_path(name)}/check", "POST", b"{}")["missing"]
    except LimnerError:
        return []
    lines = [
        f"  It cannot run yet: {entry['name']} is not in {entry['kind']}{_source(entry)}."
        for entry in missing["models"]
    ]
    return lines + [f"  It cannot run yet: no node here is a {node['class_type']}." for node in missing["nodes"]]


def _source(entry: Mapping[str, Any]) -> str:
    return f" ({entry['pull']})" if "pull" in entry else ""


def _declaration(path: Path | None) -> dict[str, Any]:
    """What a file says of an app.

    Raises:
        LimnerError: if it is no JSON object.
    """
    if path is None:
        return {}
    try:
        found = json.loads(read_file(path))
    except ValueError as error:
        raise LimnerError(f"{path} is no JSON ({error}).") from error
    if not isinstance(found, dict):
        raise LimnerError(f"{path} should hold a JSON object with 'inputs', 'title' and so on.")
    return found


def _form(fields: Mapping[str, bytes], files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """A multipart body and its boundary."""
    edge = "limner-7f3c2ad5e0b84f61"
    heads = {name: f'form-data; name="{name}"' for name in fields} | {
        name: f'form-data; name="{name}"; filename="{name}"' for name in files
    }
    parts = [
        f"--{edge}\r\nContent-Disposition: {heads[name]}\r\n\r\n".encode() + data + b"\r\n"
        for name, data in {**fields, **files}.items()
    ]
    return b"".join(parts) + f"--{edge}--\r\n".encode(), edge


def _list(arguments: argparse.Namespace, asking: Asking) -> int:
    answer = asking.json("/apps")
    width = max((len(entry["name"]) for entry in answer["apps"]), default=0)
    lines = [f"{entry['name']:{width}}  v{entry['version']}  {_asked(entry)}" for entry in answer["apps"]]
    return _shown(arguments, answer, lines)


def _show(arguments: argparse.Namespace, asking: Asking) -> int:
    answer = asking.json(_path(arguments.name))
    return _shown(arguments, answer, _described(answer))


def _described(entry: Mapping[str, Any]) -> list[str]:
    """An app in lines for people."""
    lines = [f"{entry['name']}, version {entry['version']}: {entry['title']}"]
    lines += [f"  {entry['description']}"] if entry["description"] else []
    for asked in entry["inputs"]:
        default = "needed" if asked["required"] else "drawn" if asked.get("random") else repr(asked.get("default"))
        lines.append(f"  {asked['name']} ({asked['type']}, {default}): {', '.join(asked.get('places', ()))}")
    lines += [f"  {note}" for note in entry.get("notes", ())]
    return [*lines, f"  POST {entry['urls']['run']}", f"  {entry['urls']['openapi']}"]


def _asked(entry: Mapping[str, Any]) -> str:
    return ", ".join(asked["name"] for asked in entry["inputs"])


def _configure_run(parser: argparse.ArgumentParser) -> None:
    _configure_name(parser)
    parser.add_argument(
        "values", nargs="*", metavar="INPUT=VALUE", help="a value for an input; @FILE sends a picture, or a long text"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path(), help="folder for the files (default: here)")


def _start(arguments: argparse.Namespace, asking: Asking) -> int:
    body = {"wait": WAIT, **dict(map(_value, arguments.values))}
    answer = asking.json(f"{_path(arguments.name)}/run", "POST", json.dumps(body).encode())
    while answer["status"] in ("queued", "running"):
        answer = asking.json(f"/runs/{answer['id']}?wait={WAIT}")
    lines = [*answer.get("notes", ())]
    for entry in answer["outputs"]:
        data = asking.bytes(entry.get("local_url") or entry["url"])
        lines.append(str(save_fetched(arguments.out, {"filename": entry["filename"]}, data)))
    if answer["error"]:
        print(answer["error"], file=sys.stderr)
    _shown(arguments, answer, [*lines, *answer.get("texts", ())])
    return 0 if answer["status"] == "succeeded" else 1


def _value(written: str) -> tuple[str, str]:
    """An input's name and its value.

    Raises:
        LimnerError: if there is no '=' in it.
        StorageError: if its file cannot be read.
    """
    name, sign, value = written.partition("=")
    if not sign or not name:
        raise LimnerError(f"{written!r} is no value: write INPUT=VALUE, for instance prompt='a red apple'.")
    if not value.startswith("@"):
        return name, value
    path = Path(value[1:])
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}).") from error
    kind = media_type(path.name)
    if kind.startswith("text/"):
        return name, data.decode("utf-8", "replace")
    return name, f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _configure_remove(parser: argparse.ArgumentParser) -> None:
    _configure_name(parser)
    parser.add_argument("--version", type=int, default=0, metavar="N", help="only this version")


def _remove(arguments: argparse.Namespace, asking: Asking) -> int:
    query = f"?version={arguments.version}" if arguments.version else ""
    answer = asking.json(f"{_path(arguments.name)}{query}", "DELETE")
    gone = ", ".join(map(str, answer["removed"]))
    return _shown(arguments, answer, [f"{arguments.name}: removed, version {gone}"])


def _configure_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the app's name: small letters, digits, '-' and '_'")


def _nothing(parser: argparse.ArgumentParser) -> None:
    """Adds no arguments."""


def _path(name: str) -> str:
    return f"/apps/{urllib.parse.quote(name, safe='')}"


def _shown(arguments: argparse.Namespace, answer: Any, lines: Sequence[str]) -> int:
    text = json.dumps(answer, indent=1, ensure_ascii=False) if arguments.json else "\n".join(lines)
    if text:
        print(text)
    return 0


_ACTIONS = {
    "add": _Action("save a workflow as an app, or as the next version of one", _configure_add, _add),
    "list": _Action("the apps of a server and what they ask for", _nothing, _list),
    "show": _Action("one app and what it asks for", _configure_name, _show),
    "run": _Action("run an app and fetch its files", _configure_run, _start),
    "remove": _Action("remove an app, or one version of it", _configure_remove, _remove),
}

APPS = Command("apps", "Workflows as apps on a server: add, list, show, run, remove.", _configure, _run)
