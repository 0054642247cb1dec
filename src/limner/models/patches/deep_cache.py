"""DeepCache: the depth of a UNet runs at some steps only; between them its last result stands in for it.

A walk that runs the whole network reports what comes up from the depth; at the steps between, that report is an input
of a pass through the outer blocks. So nothing is kept inside the network, and walks at equal depth still share passes.

Source: Ma et al. 2023, "DeepCache: accelerating diffusion models for free", section 3.2.
"""

from dataclasses import dataclass
from typing import Any

from limner.models.patches.patch import Hooks, with_patch
from limner.models.unet_walk import DEPTH
from limner.sampling.variants import RECALLS, REPORTS, WHOLE, Moment, Span


@dataclass(frozen=True)
class OuterBlocks:
    """A pass that tells what comes up from the depth, or leaves it out where that is among its inputs.

    Attributes:
        count: Input blocks outside of the depth.
    """

    count: int

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""
        hooks.extras["outer_blocks"] = self.count


@dataclass(frozen=True)
class DeepCache:
    """A variation of a model.

    Attributes:
        interval: Every how many evaluations the whole network runs.
        count: Input blocks that always run.
        span: Part of the walk in which it holds.
    """

    interval: int
    count: int
    span: Span = WHOLE

    def __call__(self, denoiser: Any, moment: Moment) -> Any:
        """The model that answers at a moment."""
        if self.interval < 2 or not self.span.holds(moment.sigma, denoiser):
            return denoiser
        taken = moment.number % self.interval != 0 and DEPTH in moment.reported
        patched = with_patch(denoiser, OuterBlocks(self.count))
        option = RECALLS if taken else REPORTS
        return patched.with_options(**{option: (*denoiser.options.get(option, ()), DEPTH)})
