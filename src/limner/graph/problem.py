"""What is wrong with a graph, as data.

The codes are ComfyUI's, because they are the ones that clients know; a dialect only arranges them.
"""

from typing import Any

import msgspec


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong.

    Attributes:
        code: Stable identifier, for instance ``value_not_in_list``.
        message: One sentence that is the same for every occurrence of the code.
        details: What it is here: the input and what came.
        node: The node that it is about, or None for the graph as a whole.
        extra: Machine-readable facts (``input_name``, ``received_value`` ...).
    """

    code: str
    message: str
    details: str = ""
    node: str | None = None
    extra: dict[str, Any] = {}
