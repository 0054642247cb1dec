"""Which of several values goes on, and numbers as other numbers."""

from typing import Annotated, Any

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.graph.errors import NumericsError

Lazy = Annotated[Any, Socket("*"), Flags(lazy=True)]


def _chosen(*, switch: Any, **_: object) -> list[str]:
    """The one side that is needed."""
    return ["on_true" if switch else "on_false"]


@node(name="ComfySwitchNode", title="Switch", category="utils/logic", outputs=("output",), needs=_chosen)
def switch_node(*, on_false: Lazy = None, on_true: Lazy = None, switch: bool = False) -> Annotated[Any, Socket("*")]:
    """One of two values. What leads to the other one is not run.

    Newer than ComfyUI 0.3.64.
    """
    return on_true if switch else on_false


@node(name="CustomCombo", title="Custom Combo", category="utils", outputs=("STRING", "INDEX"), takes_any=True)
def custom_combo(
    *, choice: Annotated[str, Choice()], index: Annotated[int, Number(min=0)] = 0, **options: Any
) -> tuple[str, int]:
    """A choice among texts that the user wrote, and its place among them, from 0.

    Newer than ComfyUI 0.3.64. The page lists the texts as ``option1``, ``option2`` ...
    """
    written = [value for name, value in options.items() if name.startswith("option")]
    return choice, written.index(choice) if choice in written else index


@node(name="ComfyNumberConvert", title="Convert Number", category="utils", outputs=("FLOAT", "INT"))
def number_convert(*, value: Annotated[Any, Socket("INT,FLOAT,STRING,BOOLEAN")]) -> tuple[float, int]:
    """A number, a switch or a text that says a number, as a number with and without fraction.

    Newer than ComfyUI 0.3.64.
    """
    try:
        number = float(value)
        return number, value if type(value) is int else int(number)
    except (TypeError, ValueError, OverflowError) as error:
        raise NumericsError(f"{str(value)[:80]!r} is no number: {error}.") from error
