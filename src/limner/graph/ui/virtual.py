"""Node types that exist in the page only: they hold notes, values and names, or lead links around."""

SILENT = frozenset(
    {
        "Note",
        "MarkdownNote",
        "Note Plus (mtb)",
        "Label (rgthree)",
        "Bookmark (rgthree)",
        "Fast Muter (rgthree)",
        "Fast Bypasser (rgthree)",
        "Fast Groups Muter (rgthree)",
        "Fast Groups Bypasser (rgthree)",
        "Fast Actions Button (rgthree)",
        "Mute / Bypass Relay (rgthree)",
        "Mute / Bypass Repeater (rgthree)",
        "Random Unmuter (rgthree)",
        "Node Collector (rgthree)",
    }
)
"""Node types that compute nothing and hand on nothing."""

PRIMITIVE = "PrimitiveNode"
"""Holds a value for the widgets that it is linked to."""

SETTERS = frozenset({"SetNode", "easy setNode"})
"""Give their input a name: the value of their first widget."""

GETTERS = frozenset({"GetNode", "easy getNode"})
"""Stand for the input of the setter whose name they hold."""


def is_virtual(kind: str) -> bool:
    """Whether nodes of this type exist in the page only."""
    return kind in SILENT or kind in GETTERS or kind == PRIMITIVE or passes(kind)


def passes(kind: str) -> bool:
    """Whether nodes of this type only hand on their first input (``Reroute``, ``Reroute (rgthree)`` ...)."""
    return kind in SETTERS or kind.lower().startswith("reroute")
