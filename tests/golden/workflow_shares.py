"""How many workflows Limner reads: ``python -m tests.golden.workflow_shares [FOLDER ...]``.

Reads every UI workflow in tests/golden/workflows, in the installed package ``comfyui-workflow-templates-json`` (if it
is there; its files are read where they lie) and in folders that are named. Prints four shares: files that can be read,
files whose every node type is known, those of them that convert to a prompt with all required inputs, and values of
arrays that got the name that newer files write beside them.

Node types are those of ``catalog/object-info-core.json`` unless another listing is named. ``make workflows-test``.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from limner.app.remote import read_object_info
from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import LimnerError
from limner.graph.ui.document import Converted, convert_ui_document, is_ui_workflow
from limner.graph.ui.nodes import UiNode, records
from limner.graph.ui.widgets import read_array

HERE = Path(__file__).parent
OWN = HERE / "workflows"
LISTING = HERE / "catalog" / "object-info-core.json"
TEMPLATES = "comfyui_workflow_templates_json"
EXPECTED = 95.0
_SIDE_VALUES = ("control_after_generate", "upload", "audioUI", "videopreview")


@dataclass
class Tally:
    """What was found."""

    files: int = 0
    nodes: int = 0
    unreadable: list[str] = field(default_factory=list)
    known: int = 0
    incomplete: dict[str, list[str]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    differing: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--object-info", type=Path, help="node types from this answer of /object_info")
    parser.add_argument("--own", action="store_true", help="only the node types that Limner has itself")
    parser.add_argument("--unknown", type=int, default=20, metavar="N", help="how many unknown node types to list")
    parser.add_argument("--verbose", action="store_true", help="name every file that is not as it should be")
    arguments = parser.parse_args()
    catalog, lists = read_catalog(None if arguments.own else arguments.object_info or LISTING)
    tally = measure_all([OWN, *templates(), *arguments.folders], catalog, lists)
    report(tally, arguments.unknown, verbose=arguments.verbose)
    return 0 if is_good(tally) else 1


def measure_all(folders: list[Path], catalog: Catalog, lists: Lists) -> Tally:
    tally = Tally()
    for path, document in ui_workflows(folders):
        tally.files += 1
        measure(path.name, document, catalog, lists, tally)
    return tally


def is_good(tally: Tally) -> bool:
    """Every file can be read; of those whose node types are all known, 95 % have all required inputs."""
    return not tally.unreadable and share(tally.known - len(tally.incomplete), tally.known) >= EXPECTED


def read_catalog(file: Path | None) -> tuple[Catalog, Lists]:
    """Node types of a listing, or those that Limner has."""
    if file is not None:
        catalog, lists = read_object_info(json.loads(file.read_text()))
        return catalog, lists.__getitem__
    from limner.app.catalogue import local_catalog

    return local_catalog(), lambda name: ()


def templates() -> list[Path]:
    found = find_spec(TEMPLATES)
    return [Path(found.origin).parent / "templates"] if found and found.origin else []


def ui_workflows(folders: list[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for folder in folders:
        for path in sorted(folder.rglob("*.json")):
            document = json.loads(path.read_text("utf-8"))
            if is_ui_workflow(document):
                yield path, document


def measure(name: str, document: dict[str, Any], catalog: Catalog, lists: Lists, tally: Tally) -> None:
    began = time.perf_counter()
    try:
        converted = convert_ui_document(document, catalog, lists, draw=lambda _: 0)
    except LimnerError as error:
        tally.unreadable.append(f"{name}: {error}")
        return
    finally:
        tally.seconds += time.perf_counter() - began
    tally.nodes += len(converted.graph.nodes)
    tally.unknown.update({kind: len(ids) for kind, ids in converted.unknown.items()})
    compare_names(document, catalog, tally)
    if converted.unknown:
        return
    tally.known += 1
    missing = list(missing_inputs(converted, catalog))
    if missing:
        tally.incomplete[name] = missing


def missing_inputs(converted: Converted, catalog: Catalog) -> Iterator[str]:
    for name, node in converted.graph.nodes.items():
        for entry in catalog.nodes[node.type].inputs:
            grown = any(key.startswith(f"{entry.name}.") for key in node.inputs)
            if entry.required and entry.name not in node.inputs and not grown:
                yield f"{name} ({node.type}) lacks {entry.name}"


def compare_names(document: dict[str, Any], catalog: Catalog, tally: Tally) -> None:
    """Newer files hold some values by name as well: what arrays are read as is compared with that."""
    definitions = document.get("definitions") or {}
    for drawing in [document, *records(definitions.get("subgraphs"))]:
        for written in drawing["nodes"]:
            named, kind = written.get("widgets_values_named"), catalog.nodes.get(written["type"])
            if kind is None or not isinstance(named, dict) or not isinstance(written.get("widgets_values"), list):
                continue
            node = UiNode.read(written)
            if len(named) != len(node.values):
                continue
            for expected, name in zip(named, read_array(node, kind).names, strict=True):
                if expected in _SIDE_VALUES or kind.input(expected) is not None:
                    tally.compared += 1
                    if name != (None if expected in _SIDE_VALUES else expected):
                        tally.differing[f"{kind.name}.{expected}"] += 1


def share(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


def report(tally: Tally, most: int, *, verbose: bool) -> None:
    read = tally.files - len(tally.unreadable)
    complete = tally.known - len(tally.incomplete)
    equal = tally.compared - sum(tally.differing.values())
    rows = (
        ("can be read", read, tally.files),
        ("every node type known", tally.known, tally.files),
        ("  of those with all required inputs", complete, tally.known),
        ("values named as their files do", equal, tally.compared),
    )
    for label, part, whole in rows:
        print(f"{label:<36} {part:>6} of {whole:>6}  {share(part, whole):6.2f} %")
    per_node = 1e6 * tally.seconds / max(tally.nodes, 1)
    print(f"{tally.nodes} nodes sent; {tally.seconds:.2f} s, {per_node:.0f} us a node")
    for line in tally.unreadable:
        print(f"cannot be read: {line}")
    for name, missing in tally.incomplete.items() if verbose else ():
        print(f"incomplete: {name}: {'; '.join(missing)}")
    for name, count in tally.differing.most_common() if verbose else ():
        print(f"named otherwise: {name} {count}")
    print(f"unknown node types: {len(tally.unknown)}, {sum(tally.unknown.values())} uses; the most frequent:")
    print("  " + ", ".join(f"{kind} {count}" for kind, count in tally.unknown.most_common(most)))


if __name__ == "__main__":
    sys.exit(main())
