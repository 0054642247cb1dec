"""How a running node speaks: progress, previews, text, and the question whether to go on."""

from typing import Protocol

import msgspec

from limner.graph.charge import Charge


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """An encoded picture of an intermediate state.

    Attributes:
        image: The encoded bytes.
        media_type: ``image/jpeg`` or ``image/png``.
        final: True: a result that is meant to be taken (SaveImageWebsocket), not a glimpse that may be dropped.
    """

    image: bytes
    media_type: str = "image/jpeg"
    final: bool = False


class Progress(Protocol):
    """What a node may say while it runs. A Service (``Annotated[Progress, Service()]``)."""

    preview_size: int
    """Longest side of wanted previews in pixels; 0 when nobody wants any."""

    def report(self, value: float, total: float, preview: Preview | None = None, *, quiet: bool = False) -> None:
        """Tells how far the node is.

        Args:
            value: Of ``total``.
            total: All there is to do.
            preview: A picture of it.
            quiet: Only in the node's state; clients get no message of its own for it.

        Raises:
            InterruptedRun: if the run was asked to stop.
        """
        ...

    def picture(self, picture: Preview) -> None:
        """Shows a finished picture at the node, without a word about progress."""
        ...

    def text(self, text: str) -> None:
        """Shows a text at the node."""
        ...

    def charged(self, charge: Charge) -> None:
        """Tells of a request that the node made to another service."""
        ...

    def check(self) -> None:
        """Only asks whether to go on.

        Raises:
            InterruptedRun: if the run was asked to stop.
        """
        ...


class SilentProgress:
    """Says nothing and never stops; for tests and scripts."""

    preview_size = 0

    def report(self, value: float, total: float, preview: Preview | None = None, *, quiet: bool = False) -> None:
        """Ignores it."""

    def picture(self, picture: Preview) -> None:
        """Ignores it."""

    def text(self, text: str) -> None:
        """Ignores it."""

    def charged(self, charge: Charge) -> None:
        """Ignores it."""

    def check(self) -> None:
        """Never stops."""
