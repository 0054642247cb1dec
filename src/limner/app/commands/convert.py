"""``limner convert FILE``: the API prompt of a UI workflow, or of whatever file carries a workflow."""

import argparse
import json
import sys
from pathlib import Path

from limner.app.commands.command import Command, add_device, add_packs, add_places
from limner.app.preparation import describe, problem_lines, read_file
from limner.app.settings import read_settings
from limner.graph.check import check
from limner.graph.document import Workflow, read_workflow
from limner.graph.errors import DocumentError, StorageError

_MOST_SHOWN = 5


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "workflow", type=Path, help="workflow in UI or API format, or a picture, sound, video or latent with one in it"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there (default: standard output)")
    parser.add_argument("--check", action="store_true", help="also say whether it would run here; status 2 if not")
    add_places(parser)
    add_device(parser)
    add_packs(parser)


def _run(arguments: argparse.Namespace) -> int:
    from limner.app.pack_catalog import catalog_for
    from limner.server.lists import FolderLists

    settings = read_settings({**vars(arguments), "output": None})
    folders = settings.folders()
    lists = FolderLists(folders)
    catalog = catalog_for(arguments.workflow, settings, lists)
    try:
        workflow = read_workflow(read_file(arguments.workflow), catalog, lists)
    except DocumentError as error:
        raise DocumentError(f"{arguments.workflow}: {error}") from error
    for line in note_lines(workflow):
        print(line, file=sys.stderr)
    _write(arguments.output, json.dumps(workflow.document, ensure_ascii=False, indent=2))
    if not arguments.check:
        return 0
    checked = check(workflow.graph, catalog, lists, exists=folders.has)
    problems = [problem for several in checked.problems.values() for problem in several]
    if checked.problem is not None:
        print(f"{arguments.workflow} cannot run. {describe(checked, stand_in=True)}", file=sys.stderr)
        return 2
    for line in problem_lines(problems, checked.graph):
        print(line, file=sys.stderr)
    print(f"{arguments.workflow}: {len(workflow.graph.nodes)} nodes, can run.", file=sys.stderr)
    return 0


def note_lines(workflow: Workflow) -> list[str]:
    """What people should know of a workflow that was read: node types that nobody has, and what was lost."""
    lines = []
    for kind, ids in sorted(workflow.unknown.items()):
        shown = ", ".join(ids[:_MOST_SHOWN]) + (f" and {len(ids) - _MOST_SHOWN} more" if len(ids) > _MOST_SHOWN else "")
        lines.append(f"Node type {kind[:80]!r} is unknown here (node {shown}): kept as its file has it.")
    return lines + [f"Node {note}." for note in workflow.notes]


def _write(file: Path | None, text: str) -> None:
    if file is None:
        print(text)
        return
    try:
        file.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise StorageError(f"{file} cannot be written ({error.strerror}): give another path with -o.") from error


CONVERT = Command("convert", "Write the API prompt of a workflow, or of a file that carries one.", _configure, _run)
