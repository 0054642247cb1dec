"""The schedule of DDIM."""

from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import ended, schedule


@schedule("ddim_uniform", rank=40)
def ddim_uniform(parametrization: Parametrization, steps: int) -> Tensor:
    """Every n-th entry of the network's table from its second one up, walked downwards.

    Shapes: returns [steps + 1], or a few more where the table's length is no multiple of steps.
    Source: Song et al. 2021, "Denoising diffusion implicit models", section 4.2.
    """
    stride = max(len(parametrization.sigmas) // steps, 1)
    return ended(parametrization.sigmas[1::stride].flip(0))
