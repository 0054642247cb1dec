"""``limner validate WORKFLOW``: would it run here? All problems at once."""

import argparse
import sys
from pathlib import Path

from limner.app.commands.command import Command, add_device, add_packs, add_places
from limner.app.preparation import add_changes, changes_of, prepare, problem_lines
from limner.app.settings import read_settings
from limner.graph.errors import GraphError


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", type=Path, help="workflow in API or UI format, or a picture that carries one")
    add_changes(parser)
    add_places(parser)
    add_device(parser)
    add_packs(parser)


def _run(arguments: argparse.Namespace) -> int:
    from limner.app.pack_catalog import catalog_for
    from limner.server.lists import FolderLists

    settings = read_settings(vars(arguments))
    folders = settings.folders()
    lists = FolderLists(folders)
    try:
        prepared = prepare(
            arguments.workflow,
            changes_of(arguments),
            catalog_for(arguments.workflow, settings, lists),
            lists,
            folders,
            stand_in=settings.substitute,
        )
    except GraphError as error:
        print(f"{arguments.workflow} cannot run. {error}", file=sys.stderr)
        return 2
    for line in (*prepared.notes, *problem_lines(prepared.problems, prepared.request.graph)):
        print(line, file=sys.stderr)
    graph = prepared.request.graph
    outputs = len(prepared.request.targets)
    print(f"{arguments.workflow}: {len(graph.nodes)} nodes, {outputs} output{'s'[outputs == 1 :]}, can run.")
    return 0


VALIDATE = Command("validate", "Say whether a workflow would run here, and all that is wrong.", _configure, _run)
