"""What a node is, as data: names, sockets, constraints, text.

A NodeType crosses process borders (a worker publishes it, the server checks against it), so it holds no code. The code
is bound to it by a NodeDefinition (see ``declare``).
"""

from functools import lru_cache
from typing import Any

import msgspec

ANY = "*"
"""The socket type that accepts every other one."""

WILD = frozenset({ANY, "COMFY_MATCHTYPE_V3"})
"""Socket types that fit every other one: any, and whatever the other side is."""

VALUE_TYPES = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"})
"""Socket types whose values are typed in (widgets) as well as linked."""


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One input of a node type.

    Attributes:
        name: As in documents.
        type: ``INT``, ``FLOAT``, ``STRING``, ``BOOLEAN``, ``COMBO``, or a socket type such as ``IMAGE``.
        required: False: may be absent, the function then gets its own default.
        options: ``default min max step round multiline tooltip forceInput ...``, as clients know them.
        choices: The allowed values of a fixed COMBO: any plain JSON values, texts as a rule.
        choices_from: Name of a list that is looked up when asked (``checkpoints``, ``samplers``); see Catalog.
        unlisted: Further values that are taken, though clients are not shown them.
        lazy: Evaluated only when the node asks for it.
    """

    name: str
    type: str
    required: bool = True
    options: dict[str, Any] = {}
    choices: tuple[Any, ...] | None = None
    choices_from: str | None = None
    unlisted: tuple[str, ...] = ()
    lazy: bool = False


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One output of a node type."""

    name: str
    type: str
    is_list: bool = False


class NodeType(msgspec.Struct, frozen=True, kw_only=True):
    """What a node is.

    Attributes:
        name: The class name that documents use.
        title: What people see.
        category: Menu path, ``a/b``.
        doc: What it does, for people.
        inputs: In the order of declaration.
        outputs: In order.
        hidden: Parameter name to kind: ``PROMPT``, ``EXTRA_PNGINFO``, ``UNIQUE_ID``, ``DYNPROMPT`` ...
        is_output: A graph is run for the sake of such nodes.
        takes_lists: One call with whole lists instead of one call per item.
        version: Raised when the same inputs give another result; part of the fingerprint.
        idempotent: False: equal inputs at two places are two results.
        asks_fingerprint: The worker has a function that adds to the fingerprint (a file's hash, for instance).
        asks_validation: The worker has a function that checks values.
        validated: Inputs that this function takes by name: their limits and choices are its business alone;
            ``*`` stands for all (a node pack's ``**kwargs``), ``input_types`` for the types of links.
        asks_needs: The worker has a function that says which lazy inputs are needed.
        module: Python module, as shown to clients.
        needs: What it waits for, if it is declared only and cannot run yet.
        takes_any: Constants under names that are not declared are passed to it as well.
        pack: The node pack that it comes from; empty for Limner's own.
    """

    name: str
    title: str
    category: str
    doc: str
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    hidden: dict[str, str] = {}
    is_output: bool = False
    takes_lists: bool = False
    version: int = 1
    idempotent: bool = True
    asks_fingerprint: bool = False
    asks_validation: bool = False
    validated: tuple[str, ...] = ()
    asks_needs: bool = False
    deprecated: bool = False
    experimental: bool = False
    module: str = ""
    needs: str = ""
    takes_any: bool = False
    pack: str = ""

    def input(self, name: str) -> Input | None:
        """The input of that name, or None."""
        return next((entry for entry in self.inputs if entry.name == name), None)


@lru_cache(maxsize=4096)
def fits(received: str, declared: str) -> bool:
    """Whether an output of type ``received`` may be linked to an input of type ``declared``.

    Either may be a union (``"IMAGE,MASK"``); ``*`` on either side, also inside a union, matches everything, and so
    does a socket that takes the type of what it is linked to.
    """
    if received == declared:
        return True
    offered = {part.strip() for part in received.split(",")}
    wanted = {part.strip() for part in declared.split(",")}
    return not (WILD.isdisjoint(offered) and WILD.isdisjoint(wanted) and offered.isdisjoint(wanted))
