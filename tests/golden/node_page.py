"""Writes ``docs/nodes.md``: which nodes run, which are declared only, which are left out.

python -m tests.golden.node_page
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.golden.running import definitions

from limner.nodes.declared.loading import declared_groups
from limner.nodes.growing import NEWER, OWN

LISTING = Path(__file__).parent / "catalog" / "object-info-core.json"
PAGE = Path(__file__).parents[2] / "docs" / "nodes.md"
PARTNER = "api node"
"""Category of nodes that call paid services."""

INTRODUCTION = """# Nodes

The nodes of ComfyUI 0.3.64 and what Limner does with them. This page is written by `python -m tests.golden.node_page`,
from the nodes that discovery finds; a test fails when it is not current. `limner list nodes` shows the same for an
installation, packs included.
"""


def _listing() -> dict[str, Any]:
    return json.loads(LISTING.read_text())


def core_listing() -> dict[str, Any]:
    """The recorded signatures by class name, without those of partner nodes."""
    return {name: entry for name, entry in _listing().items() if not entry["category"].startswith(PARTNER)}


def partner_names() -> list[str]:
    """Nodes that call paid services."""
    return sorted(name for name, entry in _listing().items() if entry["category"].startswith(PARTNER))


def _ticked(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def page() -> str:
    """The text of the page."""
    written, groups, partner = definitions(), declared_groups(), partner_names()
    declared = sum(len(group.nodes) for group in groups.values())
    topics: dict[str, list[str]] = defaultdict(list)
    newer = [name for name, definition in sorted(written.items()) if NEWER in definition.type.doc]
    own = [name for name, definition in sorted(written.items()) if definition.type.module == OWN]
    for name, definition in sorted(written.items()):
        if name in newer or name in own:
            continue
        topics[definition.type.category.split("/")[0]].append(name)
    lines = [INTRODUCTION]
    lines += ["| group | nodes |", "|---|---|"]
    lines += [f"| run | {len(written)} |", f"| declared | {declared} |", f"| left out | {len(partner)} |", ""]
    lines += [f"## Run ({len(written)})", "", "Signatures are equal to the recorded ones, input by input.", ""]
    lines += [f"* **{topic}** ({len(names)}): {_ticked(names)}" for topic, names in sorted(topics.items())]
    lines += ["", "Newer than that listing, after what workflows show of their names and sockets:", "", _ticked(newer)]
    lines += [
        "",
        "Limner's own, which a node pack's of the same name replace; [utility nodes](utility-nodes.md) shows many:",
        "",
        _ticked(own),
    ]
    lines += ["", f"## Declared ({declared})", ""]
    lines += [
        "Known with their signatures (those of newer ones as far as workflows show them), so that a workflow that",
        "contains one where nothing needs it is accepted.",
        'One that must run fails with an error that says what is missing: the words behind "need" below.',
        "",
    ]
    for key, group in groups.items():
        title = key.replace("_", " ")
        lines.append(
            f"* **{title}** ({len(group.nodes)}) need {group.needs}: {_ticked(one.name for one in group.nodes)}"
        )
    lines += ["", f"## Left out ({len(partner)})", ""]
    lines += ["Nodes that call paid services of others. Limner does not register them.", "", _ticked(partner), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
    print(PAGE)
