"""Samplers that take on noise before their steps."""

from typing import Annotated

from limner.graph.declare import Choice, Number, node
from limner.nodes.growing import OWN
from limner.nodes.samplers import EXACT, SAMPLERS, Amount
from limner.nodes.sampling import Registry
from limner.nodes.sockets import SAMPLER
from limner.sampling.churn import Churn

Level = Annotated[float, Number(min=0.0, max=1000.0, step=0.01, options=EXACT)]


@node(name="SamplerChurned", title="Sampler with churn", category=SAMPLERS, module=OWN)
def sampler_churned(
    *,
    sampler_name: Annotated[str, Choice("euler", "heun", "dpm_2")],
    s_churn: Amount = 0.0,
    s_tmin: Level = 0.0,
    s_tmax: Level = 0.0,
    s_noise: Amount = 1.0,
    registry: Registry,
) -> SAMPLER:
    """A sampler that goes back a little before each step, with fresh noise.

    ``s_churn`` says how much in all steps together; at noise levels below ``s_tmin`` and above ``s_tmax`` (0: no bound)
    nothing is taken on; ``s_noise`` makes the noise a little stronger.

    Source: Karras et al. 2022, algorithm 2.
    """
    churn = Churn(amount=s_churn, low=s_tmin, high=s_tmax, scale=s_noise)
    return registry.sampler(sampler_name).with_options(churn=churn)
