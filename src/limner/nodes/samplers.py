"""Samplers with their options; the value of SAMPLER sockets."""

from typing import Annotated

from limner.graph.declare import Choice, Number, node
from limner.nodes.sampling import Registry
from limner.nodes.sampling_parts import CUSTOM
from limner.nodes.sockets import SAMPLER

SAMPLERS = f"{CUSTOM}/samplers"
EXACT = {"round": False}

Amount = Annotated[float, Number(min=0.0, max=100.0, step=0.01, options=EXACT)]
NoiseDevice = Annotated[str, Choice("gpu", "cpu")]


def _by_device(name: str, noise_device: str) -> str:
    """The sampler whose noise is drawn on the walk's device, or on the CPU."""
    return f"{name}_gpu" if noise_device == "gpu" else name


@node(name="SamplerEulerAncestral", title="SamplerEulerAncestral", category=SAMPLERS)
def sampler_euler_ancestral(*, eta: Amount = 1.0, s_noise: Amount = 1.0, registry: Registry) -> SAMPLER:
    """Euler's method with fresh noise at every step: ``eta`` says how much is renewed, 0 none."""
    return registry.sampler("euler_ancestral").with_options(eta=eta, s_noise=s_noise)


@node(name="SamplerLMS", title="SamplerLMS", category=SAMPLERS)
def sampler_lms(*, order: Annotated[int, Number(min=1, max=100)] = 4, registry: Registry) -> SAMPLER:
    """The linear multistep method through so many past slopes."""
    return registry.sampler("lms").with_options(order=order)


@node(name="SamplerDPMPP_2S_Ancestral", title="SamplerDPMPP_2S_Ancestral", category=SAMPLERS)
def sampler_dpmpp_2s_ancestral(*, eta: Amount = 1.0, s_noise: Amount = 1.0, registry: Registry) -> SAMPLER:
    """The single-step solver of second order with fresh noise at every step."""
    return registry.sampler("dpmpp_2s_ancestral").with_options(eta=eta, s_noise=s_noise)


@node(name="SamplerDPMPP_SDE", title="SamplerDPMPP_SDE", category=SAMPLERS)
def sampler_dpmpp_sde(
    *, eta: Amount = 1.0, s_noise: Amount = 1.0, r: Amount = 0.5, noise_device: NoiseDevice, registry: Registry
) -> SAMPLER:
    """The two-stage stochastic solver; ``r`` says where between two levels the first stage ends."""
    name = _by_device("dpmpp_sde", noise_device)
    return registry.sampler(name).with_options(eta=eta, s_noise=s_noise, r=r)


@node(name="SamplerDPMPP_2M_SDE", title="SamplerDPMPP_2M_SDE", category=SAMPLERS)
def sampler_dpmpp_2m_sde(
    *,
    solver_type: Annotated[str, Choice("midpoint", "heun")],
    eta: Amount = 1.0,
    s_noise: Amount = 1.0,
    noise_device: NoiseDevice,
    registry: Registry,
) -> SAMPLER:
    """The stochastic multistep solver of second order."""
    name = _by_device("dpmpp_2m_sde", noise_device)
    return registry.sampler(name).with_options(eta=eta, s_noise=s_noise, heun=solver_type == "heun")


@node(name="SamplerDPMPP_3M_SDE", title="SamplerDPMPP_3M_SDE", category=SAMPLERS)
def sampler_dpmpp_3m_sde(
    *, eta: Amount = 1.0, s_noise: Amount = 1.0, noise_device: NoiseDevice, registry: Registry
) -> SAMPLER:
    """The stochastic multistep solver of third order."""
    name = _by_device("dpmpp_3m_sde", noise_device)
    return registry.sampler(name).with_options(eta=eta, s_noise=s_noise)
