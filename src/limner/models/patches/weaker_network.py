"""Guidance away from a weaker version of the same network: a correction for any patch that makes it worse.

Source: Ahn et al. 2024, "Self-rectifying diffusion sampling with perturbed-attention guidance", equation 16; with
blocks left out, Hyung et al. 2024, "Spatiotemporal skip guidance", equation 5. The rescaling is that of Lin et al.
2023, "Common diffusion noise schedules and sample steps are flawed", section 3.4.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from torch import Tensor

from limner.models.patches.patch import with_patch
from limner.sampling.corrections import Ask, Corrections, Seen
from limner.sampling.variants import WHOLE, Span

TINY = 1e-8
POSITIVE = 0
"""The branch whose prediction is compared."""


@dataclass(frozen=True)
class WeakerNetwork:
    """Adds what the positive prediction has and that of the patched network lacks.

    Attributes:
        patch: Makes the network worse.
        scale: How much is added; 0 changes nothing.
        span: When.
        rescaling: Share by which the result is given the contrast of the positive prediction.
    """

    patch: Hashable
    scale: float
    span: Span = WHOLE
    rescaling: float = 0.0

    def corrected(self, seen: Seen) -> Corrections:
        """See ``Correction``."""
        if self.scale == 0 or not self.span.holds(seen.sigma, seen.denoiser):
            return seen.x0
        weaker = yield Ask(with_patch(seen.denoiser, self.patch), seen.x, POSITIVE)
        result = seen.x0 + (seen.positive - weaker) * self.scale
        return result if self.rescaling == 0 else rescaled(result, seen.positive, self.rescaling)


def rescaled(values: Tensor, like: Tensor, share: float) -> Tensor:
    """Values whose deviation is, by a share, that of others; each sample by itself. Shapes: [b ...]."""
    across = tuple(range(1, values.ndim))
    factor = like.std(across, keepdim=True) / values.std(across, keepdim=True).clamp(min=TINY)
    return values * (share * factor + 1 - share)
