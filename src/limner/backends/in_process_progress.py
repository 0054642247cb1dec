"""What a running node says, turned into events at a bearable rate."""

import time
from typing import Any

from limner.engine.cancellation import Cancellation
from limner.engine.events import Charged, NodePlace, NodePreview, NodeProgress, NodeText
from limner.engine.run import Emit
from limner.graph.charge import Charge
from limner.graph.progress import Preview

INTERVAL = 0.03
"""Seconds between two reports that are passed on; the first, the last and final pictures always are."""


class StepProgress:
    """The Progress of one step; implements ``limner.graph.progress.Progress``. May be used from any thread."""

    def __init__(
        self, job: str, place: NodePlace, emit: Emit, cancellation: Cancellation, preview_size: int = 0
    ) -> None:
        self.preview_size = preview_size
        self._job, self._place, self._emit, self._cancellation = job, place, emit, cancellation
        self._told = float("-inf")

    def report(self, value: float, total: float, preview: Preview | None = None, *, quiet: bool = False) -> None:
        """See ``Progress.report``. A value above the total counts as the total; glimpses nobody wants are dropped."""
        self._cancellation.check()
        value = min(value, total)
        moment = time.monotonic()
        final = preview is not None and preview.final
        if not final and value < total and moment - self._told < INTERVAL:
            return
        self._told = moment
        if preview is not None and not final and not self.preview_size:
            preview = None
        self._tell(NodeProgress, value=value, total=total, quiet=quiet, pictured=preview is not None)
        if preview is not None:
            picture: dict[str, Any] = {"image": preview.image, "media_type": preview.media_type}
            self._tell(NodePreview, **picture, final=preview.final)

    def picture(self, picture: Preview) -> None:
        """See ``Progress.picture``."""
        self._tell(NodePreview, image=picture.image, media_type=picture.media_type, final=True)

    def text(self, text: str) -> None:
        """See ``Progress.text``."""
        self._tell(NodeText, text=text)

    def charged(self, charge: Charge) -> None:
        """See ``Progress.charged``."""
        self._tell(Charged, charge=charge)

    def check(self) -> None:
        """See ``Progress.check``."""
        self._cancellation.check()

    def _tell(self, kind: type[Any], **fields: Any) -> None:
        self._emit(kind(job=self._job, time=time.time_ns() // 1_000_000, place=self._place, **fields))
