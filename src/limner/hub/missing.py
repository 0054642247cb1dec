"""Which model files a workflow names that are not here, and where they can be had."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import LimnerError
from limner.graph.graph import Graph
from limner.hub.catalogue import find_file
from limner.hub.kinds import UNFETCHED
from limner.storage.folders import KINDS, MODEL_SUFFIXES

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_ALIASES = {"clip": "text_encoders", "unet": "diffusion_models", "t2i_adapter": "controlnet"}


@dataclass(frozen=True)
class Hint:
    """What a workflow says of a file that it uses: its name, where it can be had, its digest, its kind."""

    name: str
    url: str
    sha256: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Missing:
    """A file that a graph names and that is not here.

    Attributes:
        node: The node that names it.
        input: Its input.
        kind: The model kind.
        name: The file's name, as the node has it.
        reference: Where it can be had, for `limner pull`; empty: nobody knows.
        sha256: What it should have, or empty.
    """

    node: str
    input: str
    kind: str
    name: str
    reference: str = ""
    sha256: str = ""


def find_missing(graph: Graph, catalog: Catalog, lists: Lists, documents: Iterable[Any] = ()) -> list[Missing]:
    """The files that a graph names and that are not here, each once.

    Args:
        graph: What is to run.
        catalog: Says which inputs name files of which kinds.
        lists: The files there are.
        documents: Documents that may tell where files can be had: the workflow as its page saved it.
    """
    hints = list(read_hints(documents))
    found: dict[tuple[str, str], Missing] = {}
    for node, input_, kind, name in _named(graph, catalog, lists):
        reference, sha256 = _source(name, kind, hints)
        found.setdefault((kind, name), Missing(node, input_, kind, name, reference, sha256))
    return list(found.values())


def read_hints(documents: Iterable[Any]) -> Iterator[Hint]:
    """What documents say of files: entries of ``models``, in nodes' properties, in subgraphs and at the top."""
    pending = list(documents)
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            entries = value.get("models")
            yield from (hint for entry in entries if (hint := _hint(entry))) if isinstance(entries, list) else ()
            pending += value.values()
        elif isinstance(value, list):
            pending += [entry for entry in value if isinstance(entry, Mapping | list)]


def _hint(entry: Any) -> Hint | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        return None
    digest, kind = str(entry.get("hash") or ""), str(entry.get("directory") or "")
    stated = str(entry.get("hash_type") or "sha256").lower().replace("-", "") == "sha256" and _SHA256.fullmatch(digest)
    return Hint(entry["name"], str(entry.get("url") or ""), digest.lower() if stated else "", _ALIASES.get(kind, kind))


def _named(graph: Graph, catalog: Catalog, lists: Lists) -> Iterator[tuple[str, str, str, str]]:
    """Node, input, kind and name of every file that a graph names and that its list lacks."""
    for node, used in graph.nodes.items():
        described = catalog.nodes.get(used.type)
        for entry in described.inputs if described else ():
            name, kind = used.inputs.get(entry.name), entry.choices_from or ""
            if kind not in KINDS or kind in UNFETCHED or not isinstance(name, str):
                continue
            if name.lower().endswith((*MODEL_SUFFIXES, ".gguf")) and name not in _choices(lists, kind):
                yield node, entry.name, kind, name


def _choices(lists: Lists, kind: str) -> Iterable[str]:
    try:
        return lists(kind)
    except (LimnerError, LookupError, OSError):
        return ()


def _source(name: str, kind: str, hints: list[Hint]) -> tuple[str, str]:
    """Where a file can be had, and its digest."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    fitting = [hint for hint in hints if hint.name.replace("\\", "/").rpartition("/")[2] == bare]
    hint = next((hint for hint in fitting if hint.kind == kind), fitting[0] if fitting else None)
    if hint is not None:
        return hint.url, hint.sha256
    known = find_file(name, kind)
    return (f"hf://{known.place}", known.sha256) if known is not None else ("", "")
