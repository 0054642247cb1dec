"""Writes a Python module with one function per node type of a server, so that editors complete names and arguments."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from limner_client.catalogue import SCALARS, InputSpec, NodeSpec, identifier

LISTED_CHOICES = 60
"""A list of choices that is longer is only said to be text."""

HEAD = '''"""Node types of {server}, written by ``limner client stubs``. Write it again when nodes or models change."""

# ruff: noqa
from __future__ import annotations

from typing import Any, Literal

from limner_client.nodes import Node, Output

Link = Node | Output
'''


def write_stubs(specs: Iterable[NodeSpec], server: str) -> str:
    """The text of the module.

    Args:
        specs: Node types.
        server: Whose they are, for the module's first line.
    """
    return HEAD.format(server=server) + "".join(_function(spec) for spec in sorted(specs, key=lambda spec: spec.name))


def _function(spec: NodeSpec) -> str:
    entries = sorted(spec.inputs, key=lambda entry: not _is_bare(entry))
    parameters = [_parameter(entry) for entry in entries]
    parameters += ["title: str | None = None", "node_id: str | None = None"]
    listed = ",\n    ".join(parameters)
    inputs = ", ".join(f"{entry.name!r}: {identifier(entry.name)}" for entry in spec.inputs)
    doc = textwrap.indent(_doc(spec), "    ")
    return (
        f"\n\ndef {identifier(spec.name)}(\n    *,\n    {listed},\n) -> Node:\n{doc}\n"
        f"    return Node({spec.name!r}, {{{inputs}}}, {list(spec.outputs)!r}, title=title, node_id=node_id)\n"
    )


def _is_bare(entry: InputSpec) -> bool:
    """Whether it must be given: a required input without any default."""
    return entry.required and entry.default is None and not entry.choices


def _parameter(entry: InputSpec) -> str:
    name, annotation = identifier(entry.name), _annotation(entry)
    if _is_bare(entry):
        return f"{name}: {annotation}"
    if not entry.required:
        return f"{name}: {annotation} | None = None"
    default = entry.default if entry.default is not None else entry.choices[0] if entry.choices else None
    return f"{name}: {annotation} = {default!r}"


def _annotation(entry: InputSpec) -> str:
    if entry.type in SCALARS:
        return f"{SCALARS[entry.type]} | Link"
    if entry.type != "COMBO":
        return "Link" if entry.type != "*" else "Any"
    choices = entry.choices or ()
    if 0 < len(choices) <= LISTED_CHOICES and all(isinstance(choice, str | int | bool) for choice in choices):
        return f"Literal[{', '.join(map(repr, choices))}] | Link"
    return "str | Link"


def _doc(spec: NodeSpec) -> str:
    about = (spec.doc or spec.title).replace("\\", "\\\\").replace('"""', "'''").strip()
    outputs = ", ".join(f"{name} ({kind})" if name != kind else name for name, kind in spec.outputs) or "none"
    sockets = "\n".join(f"    {identifier(one.name)}: {one.type}" for one in spec.inputs if not one.is_widget)
    linked = f"\n\nLinks:\n{sockets}" if sockets else ""
    return f'"""{about}\n\nCategory: {spec.category}. Outputs: {outputs}.{linked}\n"""'
