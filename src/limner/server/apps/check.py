"""What would become of a run, without running it: what is wrong with its inputs and its graph, and what is missing."""

from collections.abc import Iterable, Sequence
from typing import Any

from limner.dialects.apps.answer import RunMark, input_entry, problem_entry
from limner.dialects.apps.values import read_values
from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import GraphError
from limner.graph.graph import Graph
from limner.graph.problem import Problem
from limner.hub.missing import Missing, find_missing
from limner.server.admission import Admission
from limner.server.apps.runs import Asked


def verdict(admission: Admission, asked: Asked, lists: Lists) -> dict[str, Any]:
    """What would become of a run. Blocks; nothing enters the queue.

    Args:
        admission: The way in, which judges.
        asked: What is asked for.
        lists: Named lists of choices.
    """
    inputs = asked.read.inputs
    problems: list[Problem] = []
    try:
        mark = asked.mark(0)
    except GraphError as error:
        problems = list(error.problems)
        wrong = {problem.extra.get("input_name") for problem in problems}
        sound = [entry for entry in inputs if entry.name not in wrong]
        mark = RunMark(app=asked.app, version=asked.version, inputs=read_values(sound, asked.sent, 0))
    wish = asked.wish("check", mark)
    judged = admission.judge(wish)
    unsent = {place for entry in inputs if entry.name not in mark.inputs for place in entry.places}
    problems += _of_graph(judged.checked.problem, judged.checked.problems.values(), unsent)
    models = find_missing(wish.graph, admission.catalog, lists, [asked.read.workflow.extra_pnginfo])
    replaced = not problems  # The built-in model stands in for them, if it may.
    return {
        "ok": not problems,
        "problems": [problem_entry(problem) for problem in problems],
        "missing": {"models": [_model(one) for one in models], "nodes": _nodes(wish.graph, admission.catalog)},
        "notes": [*asked.notes, *judged.notes, *asked.read.workflow.notes],
        "inputs": [input_entry(entry) for entry in inputs],
        "values": {name: value for name, value in mark.inputs.items() if not _is_drawn(asked, name)},
        "substituted": bool(models) and replaced,
    }


def _is_drawn(asked: Asked, name: str) -> bool:
    return any(entry.name == name and entry.random and asked.sent.get(name) is None for entry in asked.read.inputs)


def _of_graph(
    problem: Problem | None, found: Iterable[Sequence[Problem]], unsent: set[tuple[str, str]]
) -> list[Problem]:
    """What is wrong with a graph, but for places that wait for an input which is told of already."""
    known = [one for several in found for one in several]
    told = [one for one in known if (one.node or "", str(one.extra.get("input_name"))) not in unsent]
    if problem is not None and not known:
        return [problem]
    return told


def _model(missing: Missing) -> dict[str, Any]:
    entry = {
        "name": missing.name,
        "kind": missing.kind,
        "node": missing.node,
        "input": missing.input,
        "reference": missing.reference,
        "sha256": missing.sha256,
        "pull": f"limner pull {missing.reference}" if missing.reference else "",
    }
    return {name: value for name, value in entry.items() if value}


def _nodes(graph: Graph, catalog: Catalog) -> list[dict[str, Any]]:
    """The node types that nobody here has; each belongs to a node pack that is not installed."""
    found: dict[str, list[str]] = {}
    for name, node in graph.nodes.items():
        if node.type not in catalog.nodes:
            found.setdefault(node.type, []).append(name)
    return [{"class_type": kind, "nodes": names} for kind, names in found.items()]
