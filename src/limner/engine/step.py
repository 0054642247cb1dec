"""One call, and what can come of it.

The engine knows results only by name: a Ref is the fingerprint of the node that makes them, and the
number of the output.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from limner.engine.events import NodePlace
from limner.engine.fingerprint import Key
from limner.engine.overlay import Overlay
from limner.graph.graph import Graph, Link


class Ref(msgspec.Struct, frozen=True):
    """Output number ``output`` of the result that is held under ``key``."""

    key: Key
    output: int


class _Missing:
    """The class of MISSING."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
"""Stands for a lazy input that has not been evaluated."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One use of a node type, ready to be called.

    Attributes:
        key: Its fingerprint, under which the result is kept.
        place: The node.
        type: Name of its type.
        inputs: By name: a constant, a Ref, or MISSING.
        ephemeral: Nothing will ever be equal to it: its result is useless once nobody in the run needs it.
        graph: The run's nodes with all expansions so far.
    """

    key: Key
    place: NodePlace
    type: str
    inputs: Mapping[str, Any]
    ephemeral: bool
    graph: Overlay


class Held(msgspec.Struct, frozen=True):
    """What is known of a result without touching its values: what clients are told of it."""

    ui: Mapping[str, Any] | None = None


class Done(msgspec.Struct, frozen=True):
    """The result is held.

    Attributes:
        held: What is known of it.
        blocked: Messages of the blockers that kept calls from being made.
    """

    held: Held
    blocked: tuple[str, ...] = ()


class Needs(msgspec.Struct, frozen=True):
    """The step cannot go on without these lazy inputs, all of which are linked and MISSING."""

    names: tuple[str, ...]


class Lost(msgspec.Struct, frozen=True):
    """Results that the step refers to are no longer held; they have to be made again."""

    keys: frozenset[Key]


class Expanded(msgspec.Struct, frozen=True):
    """The step's result is computed by further nodes.

    Attributes:
        graph: The new nodes, with ids that are unique in the run (see ``overlay.qualify``).
        links: The outputs among them that the result consists of.
    """

    graph: Graph
    links: tuple[Link, ...]


class Pending(msgspec.Struct, frozen=True):
    """The step goes on by itself; ``wake`` is called when it is over, then ``resume`` tells what came of it."""


class Broken(msgspec.Struct, frozen=True):
    """The node's function failed.

    Attributes:
        error_type: Qualified class name of the exception; builtins without module.
        message: Its text.
        traceback: Lines.
        inputs: What the function was called with, printable.
        tips: What to do about it, if anything is known.
    """

    error_type: str
    message: str
    traceback: tuple[str, ...] = ()
    inputs: dict[str, Any] = {}
    tips: str = ""


Outcome = Done | Needs | Lost | Expanded | Pending | Broken
