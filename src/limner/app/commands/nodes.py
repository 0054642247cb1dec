"""``limner nodes list|enable|disable|install|doctor``: node packs."""

import argparse
import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from limner.app.commands.command import Command, add_device, add_places
from limner.app.isolation import is_isolated
from limner.app.node_packs import PackShelf, run_program
from limner.app.pack_doctor import Examined, examine
from limner.app.pack_environment import environment_of, install_own
from limner.app.pack_requirements import install_requirements
from limner.app.restarting import restart_worker
from limner.app.settings import Settings, read_settings
from limner.graph.errors import LimnerError

RESTART = "It takes effect when the server starts again, or at once with --restart URL."


def _list(arguments: argparse.Namespace, settings: Settings, shelf: PackShelf) -> int:
    entries = shelf.entries()
    if arguments.json:
        print(json.dumps([dataclasses.asdict(entry) for entry in entries], indent=1))
        return 0
    width = max((len(entry.name) for entry in entries), default=0)
    for entry in entries:
        print(f"{entry.name:{width}}  {entry.state:8}  {entry.reason or entry.path}")
    print(f"{len(entries)} node packs")
    return 0


def _enable(arguments: argparse.Namespace, settings: Settings, shelf: PackShelf) -> int:
    return _each(arguments.names, lambda name: f"{name}: {'on' if shelf.enable(name) else 'was on already'}", arguments)


def _disable(arguments: argparse.Namespace, settings: Settings, shelf: PackShelf) -> int:
    return _each(
        arguments.names, lambda name: f"{name}: {'off' if shelf.disable(name) else 'was off already'}", arguments
    )


def _install(arguments: argparse.Namespace, settings: Settings, shelf: PackShelf) -> int:
    def install(source: str) -> str:
        installed = shelf.install(source)
        plan = installed.requirements
        lines = [f"{installed.name}: installed in {installed.path}", *(f"  {note}" for note in installed.notes)]
        lines += [f"  kept as it is, though the pack asks for {conflict}" for conflict in plan.conflicts]
        lines += [f"  not understood: {line}" for line in plan.unread]
        if plan.missing and not arguments.no_requirements:
            where = _install_required(arguments, settings, installed.name, plan.missing)
            lines.append(f"  installed {', '.join(plan.missing)} in {where}")
        elif plan.missing:
            lines.append(f"  it still needs {', '.join(plan.missing)}")
        return "\n".join(lines)

    return _each(arguments.sources, install, arguments)


def _install_required(arguments: argparse.Namespace, settings: Settings, name: str, missing: Sequence[str]) -> str:
    """Installs what a pack requires; says where."""
    folders = settings.folders()
    if arguments.isolate or is_isolated(settings, name):
        install_own(folders, name, missing, run_program)
        return str(environment_of(folders, name))
    target = folders.data / "packs" / "site" / name if arguments.into == "pack" else None
    install_requirements(missing, run_program, target)
    return str(target or "Limner's own environment")


def _doctor(arguments: argparse.Namespace, settings: Settings, shelf: PackShelf) -> int:
    names = arguments.names or [entry.name for entry in shelf.entries() if entry.state != "disabled"]
    examined = [examine(shelf.pack(name), settings) for name in names]
    if arguments.json:
        print(msgspec.json.format(msgspec.json.encode(examined), indent=1).decode())
    else:
        for found in examined:
            print("\n".join(_told(found)))
        print(f"{sum(found.is_well for found in examined)} of {len(examined)} node packs load whole")
    return 0 if all(found.is_well for found in examined) else 1


def _told(found: Examined) -> Iterable[str]:
    report = found.report
    yield f"{report.name}: {report.state}, {len(report.nodes)} nodes in {report.seconds:.1f} s"
    if report.reason:
        yield f"  {report.reason}"
    yield from (f"  node {name} is left out: {reason}" for name, reason in report.failures.items())
    yield from (f"  Limner's host modules lack {name}" for name in report.missing)
    advice = f"`limner nodes install {report.path}`"
    yield from (f"  requires {line}, which is not installed: {advice}" for line in found.missing)
    yield from (f"  requires {line}: Limner keeps what is installed" for line in found.conflicts)
    yield from (f"  | {line}" for line in found.output)


def _each(names: Iterable[str], work: Callable[[str], str], arguments: argparse.Namespace) -> int:
    """Does something for each; one that fails does not keep the others from being done."""
    failed = 0
    for name in names:
        try:
            print(work(name))
        except LimnerError as error:
            print(f"{name}: {error}")
            failed = 1
    if arguments.restart is None:
        print(RESTART)
    return failed


ACTIONS: Mapping[str, Callable[[argparse.Namespace, Settings, PackShelf], int]] = {
    "list": _list,
    "enable": _enable,
    "disable": _disable,
    "install": _install,
    "doctor": _doctor,
}


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="which packs there are, and whether they are switched on")
    listed.add_argument("--json", action="store_true", help="print JSON")
    enabled = actions.add_parser("enable", help="load packs at the next start")
    enabled.add_argument("names", nargs="+", metavar="NAME")
    disabled = actions.add_parser("disable", help="load packs no more")
    disabled.add_argument("names", nargs="+", metavar="NAME")
    installed = actions.add_parser("install", help="bring packs, with what they require")
    installed.add_argument("sources", nargs="+", metavar="PATH_OR_URL", help="folder, .py, .zip, or git URL")
    installed.add_argument("--no-requirements", action="store_true", help="bring only the packs themselves")
    installed.add_argument(
        "--into", choices=("environment", "pack"), default="environment", help="where requirements go"
    )
    installed.add_argument(
        "--isolate", action="store_true", help="requirements go into an environment of the pack's own (--isolate-packs)"
    )
    for action in (enabled, disabled, installed):
        action.add_argument("--restart", metavar="URL", help="have the server there load packs anew; no job is lost")
    examined = actions.add_parser("doctor", help="import packs in processes of their own and tell what is wrong")
    examined.add_argument("names", nargs="*", metavar="NAME", help="all if none are named")
    examined.add_argument("--json", action="store_true", help="print JSON")
    for action in (listed, enabled, disabled, installed, examined):
        add_places(action)
        add_device(action)


def _run(arguments: argparse.Namespace) -> int:
    settings = read_settings(vars(arguments))
    folders = settings.folders()
    Path(folders.data).mkdir(parents=True, exist_ok=True)
    status = ACTIONS[arguments.action](arguments, settings, PackShelf(folders))
    server = getattr(arguments, "restart", None)
    if server is not None:
        print(restart_worker(server))
    return status


NODES = Command("nodes", "List, switch, install and examine node packs.", _configure, _run)
