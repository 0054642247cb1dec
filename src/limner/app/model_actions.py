"""The actions of ``limner models`` that look after files: scan, verify, dedupe, rm, trash, import, catalogue."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from limner.app.settings import Settings
from limner.hub.holdings import Holding, Holdings
from limner.hub.records import Records
from limner.hub.room import in_words


@dataclass(frozen=True)
class Action:
    """One action: its word, one sentence, its arguments, and what it does; that gives the exit status."""

    name: str
    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Settings], int]


def _holdings(settings: Settings) -> Holdings:
    folders = settings.folders()
    return Holdings(folders, Records(folders.data))


def _show(arguments: argparse.Namespace, rows: list[Any], lines: list[str]) -> None:
    """Prints JSON if that was asked for, or lines for people."""
    text = json.dumps(rows, indent=1, default=str) if arguments.json else "\n".join(lines)
    if text:
        print(text)


def _reading(path: Path) -> None:
    print(f"reading {path}", file=sys.stderr)


def _named(held: Holding) -> str:
    return f"{held.kind}/{held.name}"


def _nothing(parser: argparse.ArgumentParser) -> None:
    """Adds no arguments."""


def _scan(arguments: argparse.Namespace, settings: Settings) -> int:
    from limner.hub.examination import scan, unfinished

    holdings = _holdings(settings)
    findings, parts = list(scan(holdings)), unfinished(holdings)
    bad = [found for found in findings if found.problem]
    lines = [f"{_named(found.held)}: {found.problem}" for found in bad]
    lines += [f"{path}: not whole; the same pull goes on with it, or delete it" for path in parts]
    total = in_words(sum(found.size for found in findings))
    lines.append(f"{len(findings)} files, {total}; {len(bad)} with a problem, {len(parts)} not whole")
    rows = [{"kind": f.held.kind, "name": f.held.name, "size": f.size, "problem": f.problem} for f in findings]
    _show(arguments, rows, lines)
    return 1 if bad else 0


def _configure_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="files to read (default: all)")


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    from limner.hub.examination import CHANGED, DAMAGED, verify

    holdings = _holdings(settings)
    chosen = [holdings.find(name) for name in arguments.names] or list(holdings)
    verdicts = [verify(holdings, held, _reading) for held in chosen]
    lines = [f"{v.state:9} {_named(v.held)}{': ' + v.message if v.message else ''}" for v in verdicts]
    rows = [
        {"kind": v.held.kind, "name": v.held.name, "state": v.state, "sha256": v.sha256, "message": v.message}
        for v in verdicts
    ]
    _show(arguments, rows, lines)
    return 1 if any(verdict.state in (CHANGED, DAMAGED) for verdict in verdicts) else 0


def _configure_dedupe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def _dedupe(arguments: argparse.Namespace, settings: Settings) -> int:
    from limner.hub.duplicates import find_twins, unite

    holdings = _holdings(settings)
    found = find_twins(holdings, _reading)
    lines = [f"{in_words(twins.size)}: {', '.join(map(_named, twins.files))}" for twins in found]
    if not arguments.dry_run:
        lines += [line for twins in found for line in unite(holdings, twins)]
    lines.append(f"{in_words(sum(twins.gain for twins in found))} {'could be' if arguments.dry_run else 'are'} saved")
    rows = [{"sha256": t.sha256, "size": t.size, "files": [held.path for held in t.files]} for t in found]
    _show(arguments, rows, lines)
    return 0


def _configure_rm(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", metavar="NAME", help="a name from `limner models list`, or kind/name")
    parser.add_argument("--force", action="store_true", help="delete for good, and in other programs' folders too")


def _rm(arguments: argparse.Namespace, settings: Settings) -> int:
    from limner.hub.trash import remove

    holdings = _holdings(settings)
    lines, rows = [], []
    for held in [holdings.find(name) for name in arguments.names]:
        place = remove(holdings, held, force=arguments.force)
        lines.append(f"{_named(held)} is in the trash: {place}" if place else f"{_named(held)} is deleted")
        rows.append({"kind": held.kind, "name": held.name, "trash": place})
    _show(arguments, rows, lines)
    return 0


def _configure_trash(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--empty", action="store_true", help="delete for good what is in it")


def _trash(arguments: argparse.Namespace, settings: Settings) -> int:
    from limner.hub.trash import empty_trash, trashed

    folders = settings.folders()
    paths = trashed(folders)
    lines = [str(path) for path in paths]
    if arguments.empty:
        lines = [f"{len(paths)} files deleted, {in_words(empty_trash(folders))}"]
    _show(arguments, [str(path) for path in paths], lines)
    return 0


def _configure_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, help="folder of a ComfyUI, AUTOMATIC1111, Forge or InvokeAI")


def _import(arguments: argparse.Namespace, settings: Settings) -> int:
    from limner.hub.importing import import_installation

    data = settings.folders().data
    file = Path(settings.extra_model_paths) if settings.extra_model_paths else data / "extra_model_paths.yaml"
    done = import_installation(arguments.path, file.absolute(), data)
    lines = [f"{done.root}: {done.program}; nothing is copied, its folders are searched from the next start on:"]
    lines += [f"  {kind:18} {path}" for kind, paths in done.folders.items() for path in paths]
    lines += [*done.notes, f"Written into {done.file}"]
    _show(arguments, [asdict(done)], lines)
    return 0


def _catalogue(arguments: argparse.Namespace, settings: Settings) -> int:
    from limner.hub.catalogue import read_catalogue

    entries = read_catalogue()
    lines = [f"{e.name:22} {e.gb:6.1f} GB  {e.title}  [{e.licence}{', restricted' * e.restricted}]" for e in entries]
    lines.append("Sizes are approximate. Fetch one: limner pull NAME")
    rows = [{"name": e.name, "title": e.title, "licence": e.licence, "gb": e.gb, "page": e.page} for e in entries]
    _show(arguments, rows, lines)
    return 0


ACTIONS = (
    Action("catalogue", "well-known models that `limner pull` knows by name", _nothing, _catalogue),
    Action("scan", "look at the headers of all model files and say what is amiss", _nothing, _scan),
    Action("verify", "read files whole and compare their digests with the recorded ones", _configure_verify, _verify),
    Action("dedupe", "keep the bytes of files that are here twice only once", _configure_dedupe, _dedupe),
    Action("rm", "put model files into the trash", _configure_rm, _rm),
    Action("trash", "say what is in the trash, or empty it", _configure_trash, _trash),
    Action("import", "use the models of another program where they are", _configure_import, _import),
)
