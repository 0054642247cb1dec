"""Graphs that are not for this machine alone: those that other services run, or draw a part of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.check import Checked, check
from limner.graph.elsewhere import SENT_TO
from limner.graph.errors import GraphError
from limner.graph.graph import Graph
from limner.graph.node_check import Exists
from limner.graph.problem import Problem
from limner.hub.missing import find_missing
from limner.providers.directory import Directory
from limner.providers.naming import named_models, with_model
from limner.providers.rewriting import LOADED, drawn_elsewhere
from limner.providers.roster import Roster
from limner.storage.folders import Folders

FOREIGN = ("BizyAir_",)
"""How names of nodes begin that a company runs on its own machines."""


@dataclass(frozen=True)
class Here:
    """What there is on this machine."""

    folders: Folders
    catalog: Catalog
    lists: Lists


@dataclass(frozen=True)
class Placed:
    """Where a graph is to run.

    Attributes:
        graph: As it runs here, if it does.
        sent_to: Who runs it; empty: this machine.
    """

    graph: Graph
    sent_to: str = ""


def place(directory: Directory, here: Here, graph: Graph, extra: Mapping[str, Any]) -> Placed:
    """Where a graph is to run, by what was asked for and by the models and nodes that it names. Blocks.

    Args:
        directory: The services.
        here: What there is on this machine.
        graph: As it came.
        extra: What came beside it.

    Raises:
        GraphError: if it cannot run where it was asked to, or draws elsewhere what only a network here could.
    """
    roster, asked = directory.roster(), extra.get(SENT_TO)
    if not roster.file.providers:
        return Placed(graph)  # What clients send beside graphs for purposes of their own is theirs.
    if asked is not None and asked != "":
        return Placed(graph, _asked(roster, asked))
    own = here.folders.list("checkpoints")
    names = {name: key for _, key, name in named_models(graph, roster) if name not in own}
    if names:
        whole = _whole(directory, roster, graph, names)
        return Placed(graph, whole) if whole else Placed(drawn_elsewhere(graph, names.keys(), _outputs(graph, here)))
    return Placed(graph, _foreign(directory, roster, here.catalog, graph, here.lists))


def _outputs(graph: Graph, here: Here) -> set[str]:
    """Nodes for whose sake a graph is run. Those of an unknown type stay, for the check to tell of them."""
    types = here.catalog.nodes
    return {name for name, node in graph.nodes.items() if node.type not in types or types[node.type].is_output}


def _asked(roster: Roster, asked: Any) -> str:
    """The services that somebody asked for by name."""
    if isinstance(asked, str) and (roster.runs_graphs(asked) or roster.runs_whole(asked)):
        return asked
    known = ", ".join(roster.graph_providers()) or "none"
    raise _refused("unknown_provider", f"{asked!r:.100} takes no graphs here; services that do: {known}.")


def _whole(directory: Directory, roster: Roster, graph: Graph, names: Mapping[str, str]) -> str:
    """The name that the whole graph can be sent to; empty if it cannot."""
    loaded = [name for name, key in names.items() if key == LOADED] or list(names)
    name = loaded[0]
    if not roster.runs_whole(name) or len(loaded) > 1 or not _same_service(roster, names):
        return ""
    route = roster.route(name)
    known = [directory.catalog(aim.provider) for aim in route.aims()] if route is not None else []
    types = {node.type for node in graph.nodes.values()}
    return name if all(catalog is None or types <= catalog.nodes.keys() for catalog in known) else ""


def _same_service(roster: Roster, names: Mapping[str, str]) -> bool:
    services = {tuple(aim.provider for aim in route.aims()) for name in names if (route := roster.route(name))}
    return len(services) == 1


def _foreign(directory: Directory, roster: Roster, catalog: Catalog, graph: Graph, lists: Lists) -> str:
    """A service for nodes that are at home elsewhere, if this machine lacks them or their models; empty: it runs here.

    Only a service that can run all of the graph will do.
    """
    types = {node.type for node in graph.nodes.values()}
    if not any(name.startswith(FOREIGN) for name in types):
        return ""
    if not any(_lacks(catalog, name) for name in types) and not find_missing(graph, catalog, lists):
        return ""
    for provider in roster.graph_providers():
        offered = directory.catalog(provider)
        if offered is not None and check(graph, offered, lists).problem is None:
            return provider
    return ""


def _lacks(catalog: Catalog, name: str) -> bool:
    found = catalog.nodes.get(name)
    return found is None or bool(found.needs)


def check_there(
    directory: Directory, name: str, graph: Graph, lists: Lists, targets: Sequence[str] | None, exists: Exists
) -> Checked:
    """Checks a graph against what the service can do that runs it; it stays as it came.

    A service that has not yet said what it can do checks it when it comes.
    """
    route = directory.roster().route(name)
    aim = route.aims()[0] if route is not None else None
    catalog = directory.catalog(aim.provider) if aim is not None else None
    if aim is None or catalog is None:
        return Checked(graph, targets=tuple(targets or ()))
    found = check(with_model(graph, name, aim), catalog, lists, targets, exists=exists)
    return Checked(graph, found.targets, found.problem, found.problems, found.dependents)


def _refused(code: str, details: str) -> GraphError:
    problem = Problem(code=code, message="The graph cannot be sent there", details=details)
    return GraphError(f"The graph cannot be sent there: {details}", [problem])
