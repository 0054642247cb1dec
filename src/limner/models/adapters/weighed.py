"""A change at a share of itself: what an adapter changes may count more in one block of a network than in another."""

from dataclasses import dataclass

from torch import Tensor

from limner.models.adapters.adapter import Change, Rewrite


@dataclass(frozen=True)
class WeighedChange:
    """A share of a change."""

    change: Change
    share: float

    def amount(self, shape: tuple[int, ...]) -> Tensor:
        """See ``Change``."""
        return self.change.amount(shape) * self.share


@dataclass(frozen=True)
class WeighedRewrite:
    """A rewrite at a share of the strength that it is put on with."""

    change: Rewrite
    share: float

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """See ``Rewrite``."""
        return self.change.rewritten(weight, strength * self.share)


def weighed(change: Change | Rewrite, share: float) -> Change | Rewrite:
    """A share of a change; itself for a share of 1."""
    if share == 1.0:
        return change
    return WeighedRewrite(change, share) if isinstance(change, Rewrite) else WeighedChange(change, share)
