"""Samplers with their options: those on the manifold of the data, adaptive ones, and solvers with many options."""

from typing import Annotated

import numpy as np

from limner.graph.declare import Choice, Number, node
from limner.nodes.conditioning import Percent
from limner.nodes.samplers import EXACT, SAMPLERS, Amount
from limner.nodes.sampling import Registry
from limner.nodes.sockets import MODEL, SAMPLER
from limner.sampling.sampler import Sampler
from limner.sampling.samplers.er_sde import Scaler, extended_scaler
from limner.sampling.samplers.euler_cfg_pp import euler_pp

SmallEta = Annotated[float, Number(min=0.0, max=1.0, step=0.01, options=EXACT)]
SmallNoise = Annotated[float, Number(min=0.0, max=10.0, step=0.01, options=EXACT)]
AdamsOrder = Annotated[int, Number(min=0, max=6)]
SOLVERS = ("ER-SDE", "Reverse-time SDE", "ODE")


@node(name="SamplerEulerAncestralCFGPP", title="SamplerEulerAncestralCFG++", category=SAMPLERS)
def sampler_euler_ancestral_cfg_pp(*, eta: SmallEta = 1.0, s_noise: SmallNoise = 1.0, registry: Registry) -> SAMPLER:
    """Euler's method that keeps to the data's manifold, with fresh noise at every step; for a ``cfg`` of 1 to 2."""
    return registry.sampler("euler_ancestral_cfg_pp").with_options(eta=eta, s_noise=s_noise)


@node(name="SamplerEulerCFGpp", title="SamplerEulerCFG++", category="_for_testing")
def sampler_euler_cfg_pp(*, version: Annotated[str, Choice("regular", "alternative")], registry: Registry) -> SAMPLER:
    """Euler's method that keeps to the data's manifold, in two forms; for a ``cfg`` of 1 to 2."""
    if version == "regular":
        return registry.sampler("euler_cfg_pp")
    return Sampler("euler_pp", euler_pp, order=1, needs_negative=True, source=euler_pp.__module__)


@node(name="SamplerDPMAdaptative", title="SamplerDPMAdaptative", category=SAMPLERS)
def sampler_dpm_adaptive(
    *,
    order: Annotated[int, Number(min=2, max=3)] = 3,
    rtol: Amount = 0.05,
    atol: Amount = 0.0078,
    h_init: Amount = 0.05,
    pcoeff: Amount = 0.0,
    icoeff: Amount = 1.0,
    dcoeff: Amount = 0.0,
    accept_safety: Amount = 0.81,
    eta: Amount = 0.0,
    s_noise: Amount = 1.0,
    registry: Registry,
) -> SAMPLER:
    """A solver that chooses its steps so that an error stays below ``rtol`` times the values, or below ``atol``."""
    return registry.sampler("dpm_adaptive").with_options(
        order=order,
        rtol=rtol,
        atol=atol,
        h_init=h_init,
        pcoeff=pcoeff,
        icoeff=icoeff,
        dcoeff=dcoeff,
        accept_safety=accept_safety,
        eta=eta,
        s_noise=s_noise,
    )


def scaler_of(solver_type: str, eta: float) -> Scaler:
    """How noise is renewed by its level. Source: Cui et al. 2023."""
    if solver_type == "ODE" or (solver_type == "Reverse-time SDE" and eta == 0):
        return np.asarray
    if solver_type == "Reverse-time SDE":
        return lambda level: level ** (eta + 1)
    return extended_scaler


@node(name="SamplerER_SDE", title="SamplerER_SDE", category=SAMPLERS)
def sampler_er_sde(
    *,
    solver_type: Annotated[str, Choice(*SOLVERS)],
    max_stage: Annotated[int, Number(min=1, max=3)] = 3,
    eta: Amount = 1.0,
    s_noise: Amount = 1.0,
    registry: Registry,
) -> SAMPLER:
    """The extended reverse-time solver. ``eta`` says how much noise the plain reverse-time equation renews."""
    quiet = solver_type == "ODE" or (solver_type == "Reverse-time SDE" and eta == 0)
    return registry.sampler("er_sde").with_options(
        max_stage=max_stage, s_noise=0.0 if quiet else s_noise, scaler=scaler_of(solver_type, eta)
    )


@node(name="SamplerSASolver", title="SamplerSASolver", category=SAMPLERS)
def sampler_sa_solver(
    *,
    model: MODEL,
    eta: SmallNoise = 1.0,
    sde_start_percent: Percent = 0.2,
    sde_end_percent: Percent = 0.8,
    s_noise: Amount = 1.0,
    predictor_order: Annotated[int, Number(min=1, max=6)] = 3,
    corrector_order: AdamsOrder = 4,
    use_pece: bool,
    simple_order_2: bool,
    registry: Registry,
) -> SAMPLER:
    """The stochastic Adams solver; noise is renewed between two shares of the walk.

    ``use_pece`` evaluates corrected points again. ``simple_order_2`` takes the midpoint's weights at order 2.
    """
    return registry.sampler("sa_solver").with_options(
        eta=eta,
        s_noise=s_noise,
        start=sde_start_percent,
        end=sde_end_percent,
        predictor_order=predictor_order,
        corrector_order=corrector_order,
        use_pece=use_pece,
        simple=simple_order_2,
    )
