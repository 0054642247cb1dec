"""The noise levels of a part of a walk, as its sampler wants them."""

from limner.graph.declare import node
from limner.nodes.growing import OWN
from limner.nodes.sampling import Registry
from limner.nodes.sampling_parts import CUSTOM
from limner.nodes.sockets import MODEL, SIGMAS
from limner.nodes.widgets import SamplerName, ScheduleName, StepNumber, Steps
from limner.sampling.steps import sigmas_between, sigmas_for


@node(name="SamplerSigmas", title="Noise levels of some steps", category=f"{CUSTOM}/sigmas", module=OWN)
def sampler_sigmas(
    *,
    model: MODEL,
    sampler_name: SamplerName,
    scheduler: ScheduleName,
    steps: Steps = 20,
    start_at_step: StepNumber = 0,
    end_at_step: StepNumber = 10000,
    registry: Registry,
) -> SIGMAS:
    """The noise levels of a walk of ``steps`` steps, from one step to another.

    Some samplers leave the next-to-last level out; that is why their name is asked for. What the last step ends at
    stays as it is: if more steps follow elsewhere, the latent keeps its noise for them.
    """
    sampler = registry.sampler(sampler_name)
    whole = sigmas_for(registry.schedule(scheduler), sampler, model.parametrization, steps)
    return sigmas_between(whole, start_at_step, end_at_step)
