"""Inputs that stand for several: one that is repeated as often as needed, and a choice that brings others with it.

Prompts hold them under flat names, ``values.a``; pages read from the first entry of each what they have to show.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from limner.graph.node_type import Input

AUTOGROW = "COMFY_AUTOGROW_V3"
DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"

NEWER = "Newer than ComfyUI 0.3.64"
"""Ends the first paragraph of a node's text whose signature is known from workflows alone."""

OWN = "limner"
"""The module that clients are told of nodes which ComfyUI does not have."""

Declared = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Inputs as clients get them: type and options by name."""


def repeated(name: str, kind: str, inner: str, names: Sequence[str], least: int) -> tuple[Input, ...]:
    """An input that is repeated.

    Args:
        name: What all of them are called together.
        kind: The type of each.
        inner: What one is called.
        names: The names that there may be, in order.
        least: How many have to be there.
    """
    template = {"input": {"required": {inner: [kind, {}]}}, "names": list(names), "min": least}
    head = Input(name=name, type=AUTOGROW, required=False, options={"template": template})
    copies = (
        Input(name=f"{name}.{copy}", type=kind, required=number < least, options={"forceInput": True})
        for number, copy in enumerate(names)
    )
    return (head, *copies)


def choice_with_inputs(name: str, options: Mapping[str, Declared]) -> tuple[Input, ...]:
    """A choice and, by its value, the inputs that come with it."""
    listed = [
        {"key": key, "inputs": {"required": {inner: [kind, dict(facts)] for inner, (kind, facts) in inputs.items()}}}
        for key, inputs in options.items()
    ]
    head = Input(name=name, type=DYNAMIC_COMBO, options={"options": listed}, choices=tuple(options))
    known: dict[str, Input] = {}
    for inputs in options.values():
        for inner, (kind, facts) in inputs.items():
            flat = f"{name}.{inner}"
            choices = tuple(facts["options"]) if "options" in facts else None
            known.setdefault(flat, Input(name=flat, type=kind, required=False, options=dict(facts), choices=choices))
    return (head, *known.values())


def given(inputs: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What is there of a repeated input or behind a choice, by its inner names, in the order of declaration."""
    prefix = f"{name}."
    return {key.removeprefix(prefix): value for key, value in inputs.items() if key.startswith(prefix)}
