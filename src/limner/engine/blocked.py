"""The value that stops what comes after it, without being an error."""

import msgspec


class Blocked(msgspec.Struct, frozen=True):
    """Returned by a node instead of its result, of one output or of one item of a list output.

    A call that would receive one is not made; its own outputs become silent ones. The run goes on and succeeds.

    Attributes:
        message: Shown once, at the first node that is not called because of it; None: silent.
    """

    message: str | None = None
