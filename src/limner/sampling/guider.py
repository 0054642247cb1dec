"""What a guider is: which conditionings a walk has, and how their predictions become one."""

from collections.abc import Sequence
from typing import Any, Protocol

from torch import Tensor

from limner.sampling.conditioning import Conditioning
from limner.sampling.denoiser import Denoiser


class Guider(Protocol):
    """Combines predictions under several conditionings."""

    @property
    def conditionings(self) -> Sequence[Conditioning]:
        """One conditioning for each prediction."""
        ...

    def wanted(self, denoiser: Denoiser) -> Sequence[bool]:
        """Which of the predictions this guider needs."""
        ...

    def combine(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None], denoiser: Denoiser) -> Tensor:
        """The guided x0.

        Args:
            x: Where it was evaluated, [b c h w].
            sigma: The noise level.
            predictions: x0 under each conditioning, like x; None where not wanted.
            denoiser: The network, for the options that replace guidance.
        """
        ...


def hook_arguments(x: Tensor, sigma: float, denoiser: Denoiser, **more: Any) -> dict[str, Any]:
    """What functions that model-patching nodes install are told, in the names that they expect."""
    level = x.new_full((x.shape[0],), sigma)
    return {
        "input": x,
        "sigma": level,
        "timestep": level,
        "model": denoiser,
        "model_options": dict(denoiser.options),
        **more,
    }
