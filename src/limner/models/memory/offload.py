"""How a network may lie in part where it computes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Offload:
    """A choice.

    Attributes:
        share: How much of what could come and go stays at most, 1: all that fits, 0: nothing; None: the network comes
            whole or not at all.
        streams: Blocks are copied ahead, beside the computation, where the device can do that.
    """

    share: float | None = 1.0
    streams: bool = True
