"""An option of a conditioning entry of which every sample of a batch takes its own part."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class PerSample:
    """Tensors for the samples of a batch; where there are fewer, they begin anew.

    Attributes:
        values: [b ...].
    """

    values: Tensor

    @property
    def rows(self) -> int:
        """How many samples differ."""
        return len(self.values)

    def row(self, number: int) -> "PerSample":
        """What one sample takes."""
        place = number % len(self.values)
        return PerSample(self.values[place : place + 1])
