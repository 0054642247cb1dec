"""Self-attention guidance: away from what the network would say if what it looks at most were blurred.

Source: Hong et al. 2022, "Improving sample quality of diffusion models using self-attention guidance", equations 10 to
14 and algorithm 1.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from limner.media.gaussian import blurred
from limner.models.patches.attention_map import ATTENTION_MAP
from limner.sampling.corrections import Ask, Corrections, Seen

SALIENT = 1.0
"""Attention above which a place is blurred; the mean is 1."""


@dataclass(frozen=True)
class SelfAttention:
    """Adds what the prediction without a text loses when its salient places are blurred.

    Attributes:
        scale: How much is added; 0 changes nothing.
        blur: Standard deviation of the blur, in latent elements.
    """

    scale: float
    blur: float

    def corrected(self, seen: Seen) -> Corrections:
        """See ``Correction``."""
        branch = seen.negative_branch
        plain, paid = seen.predictions[branch], seen.reports(branch).get(ATTENTION_MAP)
        if self.scale == 0 or plain is None or paid is None:
            return seen.x0
        worse = worsened(plain, paid, self.blur)
        # The same noise under the worsened picture: noising is linear, so only the difference has to be noised.
        moved = seen.denoiser.parametrization.noised(worse - plain, torch.zeros_like(plain), seen.sigma)
        answer = yield Ask(seen.denoiser, seen.x + moved, branch)
        return seen.x0 + (moved + plain - answer) * self.scale


def worsened(x0: Tensor, paid: Tensor, blur: float) -> Tensor:
    """A latent, blurred where much attention is paid. Shapes: x0 [b c h w], paid [b 1 h' w']."""
    salient = functional.interpolate((paid > SALIENT).to(x0), size=x0.shape[-2:], mode="nearest")
    return torch.lerp(x0, blurred(x0, blur), salient)
