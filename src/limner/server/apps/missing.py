"""Which models a refused graph misses, in a sentence: people who call an app cannot see its nodes."""

from collections.abc import Mapping
from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.graph import Graph
from limner.hub.missing import Missing, find_missing

SHOWN = 8


def missing_models(graph: Graph, catalog: Catalog, lists: Lists, extra: Mapping[str, Any]) -> str:
    """What is missing and where it can be had; empty: nothing that is a model. Blocks.

    Args:
        graph: As it was refused.
        catalog: What the worker can do.
        lists: Named lists of choices.
        extra: What came beside the graph; the page's document in it may say where models are.
    """
    found = find_missing(graph, catalog, lists, [extra.get("extra_pnginfo")])
    if not found:
        return ""
    told = ", ".join(map(_named, found[:SHOWN])) + (" and more" if len(found) > SHOWN else "")
    return f"Models that are not here: {told}. With --substitute the built-in model stands in."


def _named(missing: Missing) -> str:
    return f"{missing.name} (limner pull {missing.reference})" if missing.reference else missing.name
