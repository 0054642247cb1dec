"""Steps that ask no network: nodes that let a model's walks go on by themselves where they run straight."""

from typing import Annotated

from limner.graph.declare import Number, node
from limner.nodes.sockets import MODEL
from limner.nodes.widgets import Share
from limner.sampling.reuse import REUSE, ReusePolicy
from limner.sampling.variants import Span

DEBUGGING = "advanced/debug/model"

Threshold = Annotated[float, Number(min=0.0, max=3.0, step=0.01)]


@node(name="EasyCache", title="EasyCache", category=DEBUGGING)
def easy_cache(
    *,
    model: MODEL,
    reuse_threshold: Threshold = 0.2,
    start_percent: Share = 0.15,
    end_percent: Share = 0.95,
    verbose: bool = False,
) -> MODEL:
    """Leaves out evaluations whose answers can be foretold from those before; guidance still runs at every step.

    ``reuse_threshold`` is the relative error that may add up before the network is asked again; 0 asks always.
    ``verbose`` writes to the log what was left out.

    Source: Zhou et al. 2025, "Less is enough: training-free video diffusion acceleration via runtime-adaptive caching".
    """
    policy = ReusePolicy(reuse_threshold, Span(start_percent, end_percent), guided=False, told=verbose)
    return model.with_options(**{REUSE: policy})


@node(name="LazyCache", title="LazyCache", category=DEBUGGING)
def lazy_cache(
    *,
    model: MODEL,
    reuse_threshold: Threshold = 0.2,
    start_percent: Share = 0.15,
    end_percent: Share = 0.95,
    verbose: bool = False,
) -> MODEL:
    """EasyCache for the guided result: what guidance does is left out together with the evaluations."""
    policy = ReusePolicy(reuse_threshold, Span(start_percent, end_percent), guided=True, told=verbose)
    return model.with_options(**{REUSE: policy})
