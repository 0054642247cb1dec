"""How long results are remembered once no run needs them: ComfyUI's cache modes, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from limner.graph.errors import SettingsError

CacheMode = Literal["ram", "classic", "lru", "none"]
"""``ram``: until memory gets short. ``classic``: until a prompt starts that does not hold the node. ``lru``: the
latest so many. ``none``: every run makes everything anew."""


@dataclass(frozen=True, kw_only=True)
class CachePolicy:
    """What is remembered.

    Attributes:
        capacity: Bytes of results that no run needs, in every mode.
        remembers: Results outlive their run.
        prompt_only: A run that starts drops the results of all nodes that its prompt does not hold.
        nodes: At most so many results; None: any number.
        headroom: Bytes of main memory that are to stay free; below, old and large results go first.
        available: Bytes of main memory that are free.
    """

    capacity: int
    remembers: bool = True
    prompt_only: bool = False
    nodes: int | None = None
    headroom: int = 0
    available: Callable[[], int] | None = None

    @classmethod
    def of(
        cls,
        mode: str,
        *,
        capacity: int,
        nodes: int = 0,
        headroom: int = 0,
        available: Callable[[], int] | None = None,
    ) -> "CachePolicy":
        """The policy of a mode. ``lru`` with no nodes is ``classic``.

        Raises:
            SettingsError: if there is no such mode.
        """
        match mode:
            case "ram":
                return cls(capacity=capacity, headroom=headroom, available=available)
            case "lru" if nodes > 0:
                return cls(capacity=capacity, nodes=nodes)
            case "classic" | "lru":
                return cls(capacity=capacity, prompt_only=True)
            case "none":
                return cls(capacity=capacity, remembers=False)
            case _:
                known = ", ".join(get_args(CacheMode))
                raise SettingsError(f"There is no cache mode {mode!r}. Expected one of {known}.")
