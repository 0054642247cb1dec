"""From a workflow file and what the command line says to a checked graph that can run."""

import argparse
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner.engine.run import RunRequest
from limner.graph.api_document import to_document
from limner.graph.catalog import Catalog, Lists
from limner.graph.check import Checked, check
from limner.graph.document import read_workflow
from limner.graph.elsewhere import SENT_TO
from limner.graph.embedded.models import is_safetensors
from limner.graph.errors import DocumentError, GraphError, StorageError
from limner.graph.graph import Graph
from limner.graph.problem import Problem
from limner.graph.prompts import find_prompts, set_input, set_value
from limner.graph.substitution import StandIn, substitute
from limner.hub.catalogue import find_file
from limner.providers.directory import Directory
from limner.server.elsewhere import Here, Placed, check_there, place
from limner.storage.builtin import BUILTIN_CHECKPOINT, BUILTIN_SIZE
from limner.storage.folders import KINDS, Folders

STAND_IN = StandIn(checkpoint=BUILTIN_CHECKPOINT, native_size=BUILTIN_SIZE)


@dataclass(frozen=True)
class Changes:
    """What the command line changes in a workflow.

    Attributes:
        prompt: Text of the positive prompt, or None.
        negative: Text of the negative prompt, or None.
        seed: Seed of every sampler, or None.
        values: ``NODE.INPUT=VALUE``; node by id or title.
    """

    prompt: str | None = None
    negative: str | None = None
    seed: int | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """A graph that can run, with what people should know of it."""

    request: RunRequest
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def add_changes(parser: argparse.ArgumentParser) -> None:
    """Adds the options that Changes holds."""
    parser.add_argument("--prompt", metavar="TEXT", help="what the picture shows")
    parser.add_argument("--negative", metavar="TEXT", help="what it should not show")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of every sampler, 0..2^64-1")
    parser.add_argument(
        "--set", metavar="NODE.INPUT=VALUE", action="append", default=[], help="set one input; repeatable"
    )


def changes_of(arguments: argparse.Namespace) -> Changes:
    """The Changes that the command line asks for."""
    return Changes(arguments.prompt, arguments.negative, arguments.seed, tuple(arguments.set))


def prepare(
    file: Path,
    changes: Changes,
    catalog: Catalog,
    lists: Lists,
    folders: Folders,
    *,
    stand_in: bool = False,
    elsewhere: Directory | None = None,
) -> Prepared:
    """Reads, changes, and checks a workflow.

    Args:
        file: API format, UI format, or a picture that carries either.
        changes: What the command line changes.
        catalog: What the worker can do.
        lists: Named lists.
        folders: Where the files lie that nodes name.
        stand_in: The built-in model stands in for missing ones.
        elsewhere: Other services, which may draw or run it.

    Raises:
        DocumentError: if the file is no workflow.
        StorageError: if it cannot be read.
        GraphError: with all its problems, if nothing of the graph can run.
        UnknownNameError: if a change names what is not there.
    """
    try:
        workflow = read_workflow(read_file(file), catalog, lists)
    except DocumentError as error:
        raise DocumentError(f"{file}: {error}") from error
    graph = apply_changes(workflow.graph, changes, catalog)
    extra: dict[str, Any] = {"extra_pnginfo": dict(workflow.extra_pnginfo or {})}
    notes: tuple[str, ...] = ()
    placed = Placed(graph)
    if elsewhere is not None:
        placed = place(elsewhere, Here(folders, catalog, lists), graph, extra)
        graph = placed.graph
    if stand_in and not placed.sent_to:
        substituted = substitute(graph, catalog, lists, STAND_IN)
        graph, notes = substituted.graph, tuple(substituted.notes)
        if notes:
            extra["extra_pnginfo"]["limner"] = {"substituted": list(notes)}
    if placed.sent_to and elsewhere is not None:
        extra[SENT_TO] = placed.sent_to
        checked = check_there(elsewhere, placed.sent_to, graph, lists, None, folders.has)
    else:
        checked = check(graph, catalog, lists, exists=folders.has)
    problems = tuple(problem for several in checked.problems.values() for problem in several)
    if checked.problem is not None:
        raise GraphError(describe(checked, stand_in=stand_in), problems)
    request = RunRequest(
        job=str(uuid.uuid4()),
        graph=checked.graph,
        targets=tuple(checked.targets),
        document=to_document(checked.graph),
        extra=extra,
        substitute=stand_in,
    )
    return Prepared(request, notes, problems)


def read_file(file: Path) -> bytes:
    """The content of a workflow file; of a safetensors file, which may be huge, its header.

    Raises:
        StorageError: if it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            head = opened.read(9)
            length = int.from_bytes(head[:8], "little") - 1 if is_safetensors(head) else -1
            return head + opened.read(length)
    except OSError as error:
        raise StorageError(f"{file} cannot be read ({error.strerror}): give the path of a workflow.") from error


def apply_changes(graph: Graph, changes: Changes, catalog: Catalog) -> Graph:
    """The graph with prompt, seed and single inputs set.

    Raises:
        DocumentError: if it has no prompt to set, or a change is not ``NODE.INPUT=VALUE``.
        UnknownNameError: if there is no such node or input.
    """
    found = find_prompts(graph, catalog)
    texts = (("--prompt", changes.prompt, found.positive), ("--negative", changes.negative, found.negative))
    for option, text, places in (*texts, ("--seed", changes.seed, found.seeds)):
        if text is None:
            continue
        if not places:
            raise DocumentError(f"{option}: no sampler of this workflow has such an input; use --set NODE.INPUT=VALUE.")
        for node, name in places:
            graph = set_value(graph, node, name, text, catalog)
    for change in changes.values:
        place, equals, value = change.partition("=")
        if not equals:
            raise DocumentError(f"--set {change}: write NODE.INPUT=VALUE, for instance --set 3.steps=30.")
        graph = set_input(graph, place, _value(value), catalog)
    return graph


def _value(text: str) -> Any:
    """A JSON number, boolean or null as such; anything else as text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, str | list | dict) else value


def describe(checked: Checked, *, stand_in: bool) -> str:
    """All problems of a graph, one a line, for people."""
    lines = [checked.problem.message if checked.problem else "The graph has problems."]
    if checked.problem and checked.problem.details and not checked.problems:
        lines.append(f"  {checked.problem.details}{advice(checked.problem)}")
    if checked.problem and checked.problem.code == "missing_node_type":
        lines += _missing_lines(checked.problem)
    lines += problem_lines([problem for several in checked.problems.values() for problem in several], checked.graph)
    absent = [p for several in checked.problems.values() for p in several if p.extra.get("list") in KINDS]
    if absent and not stand_in:
        lines += _fetching(absent)
        lines.append("To draw with the built-in model instead of the missing ones, add --substitute.")
    return "\n".join(lines)


def _fetching(absent: Sequence[Problem]) -> list[str]:
    """How files that are missing are had; of well-known ones it is known where from."""
    known = [find_file(str(problem.extra.get("received_value")), problem.extra["list"]) for problem in absent]
    pulls = dict.fromkeys(f"  limner pull hf://{file.place}" for file in known if file is not None)
    if pulls:
        return ["To fetch what is well known: `limner run --pull` with this workflow, or", *pulls]
    return ["To fetch what is missing: `limner pull`, or `limner run --pull` where the workflow says where from."]


def _missing_lines(problem: Problem) -> list[str]:
    """The other nodes whose types nobody has, and what to do about all of them."""
    others = problem.extra.get("missing", ())[1:]
    lines = [f"  node {other['node_id']} ({other['class_type']}): not found either" for other in others]
    if problem.extra.get("class_type"):
        lines.append(
            "Bring the pack that has such nodes with `limner nodes install PATH_OR_URL`, or put it into custom_nodes;"
        )
        lines.append("`limner nodes doctor` tells which packs do not load.")
    return lines


def problem_lines(problems: Sequence[Problem], graph: Graph) -> list[str]:
    """One line a problem: the node, its type, what is wrong."""
    lines = []
    for problem in problems:
        node = graph.nodes.get(problem.node or "")
        where = f"node {problem.node} ({node.type})" if node else f"node {problem.node}"
        lines.append(f"  {where}: {problem.message}: {problem.details}".rstrip(": ") + advice(problem))
    return lines


def advice(problem: Problem) -> str:
    """What may help against a problem: the nearest names, what to do; empty if nothing is known."""
    nearest, told = problem.extra.get("nearest"), problem.extra.get("advice")
    return (f". Nearest: {', '.join(map(str, nearest))}" if nearest else "") + (f". {told}" if told else "")
