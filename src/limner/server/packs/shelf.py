"""What the server may do with node packs as folders; the composition says how."""

from collections.abc import Sequence
from typing import Any, Protocol


class Shelf(Protocol):
    """Node packs. All methods block; what they change takes effect when the worker starts again."""

    may_install: bool
    """Whether packs may be installed over HTTP."""

    def listed(self) -> Sequence[dict[str, Any]]:
        """All packs: ``name path state reason``."""
        ...

    def switch(self, name: str, *, on: bool) -> bool:
        """Switches a pack on or off; whether anything changed.

        Raises:
            UnknownNameError: if there is none.
        """
        ...

    def bring(self, source: str) -> dict[str, Any]:
        """Installs a pack with what it requires; gives ``name path installed conflicts notes``.

        Raises:
            LimnerError: if it cannot be installed.
        """
        ...
