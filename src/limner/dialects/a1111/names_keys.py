"""A1111's names of samplers and schedules, beside ours."""

from typing import NamedTuple


class SamplerName(NamedTuple):
    """A sampler.

    Attributes:
        label: What clients show and send.
        sampler: Ours.
        aliases: Further names that clients send, in lower case.
        schedule: A1111's name of the schedule that "Automatic" stands for.
    """

    label: str
    sampler: str
    aliases: tuple[str, ...] = ()
    schedule: str = "uniform"


class ScheduleName(NamedTuple):
    """A schedule.

    Attributes:
        name: A1111's.
        label: What clients show.
        schedule: Ours; empty: the sampler's own.
        aliases: Further names that clients send, in lower case.
        rho: The curve's exponent, where it has one; -1: none.
    """

    name: str
    label: str
    schedule: str
    aliases: tuple[str, ...] = ()
    rho: float = -1


SAMPLERS = (
    SamplerName("DPM++ 2M", "dpmpp_2m", ("k_dpmpp_2m", "dpm++2m", "dpm++2mv2"), "karras"),
    SamplerName("DPM++ SDE", "dpmpp_sde", ("k_dpmpp_sde",), "karras"),
    SamplerName("DPM++ 2M SDE", "dpmpp_2m_sde", ("k_dpmpp_2m_sde",), "exponential"),
    SamplerName("DPM++ 2M SDE Heun", "dpmpp_2m_sde_heun", ("k_dpmpp_2m_sde_heun",), "exponential"),
    SamplerName("DPM++ 2S a", "dpmpp_2s_ancestral", ("k_dpmpp_2s_a", "dpm++2s_a"), "karras"),
    SamplerName("DPM++ 3M SDE", "dpmpp_3m_sde", ("k_dpmpp_3m_sde",), "exponential"),
    SamplerName("Euler a", "euler_ancestral", ("k_euler_a", "k_euler_ancestral", "euler_a")),
    SamplerName("Euler", "euler", ("k_euler",)),
    SamplerName("LMS", "lms", ("k_lms",)),
    SamplerName("Heun", "heun", ("k_heun",)),
    SamplerName("DPM2", "dpm_2", ("k_dpm_2",), "karras"),
    SamplerName("DPM2 a", "dpm_2_ancestral", ("k_dpm_2_a",), "karras"),
    SamplerName("DPM fast", "dpm_fast", ("k_dpm_fast",)),
    SamplerName("DPM adaptive", "dpm_adaptive", ("k_dpm_ad",)),
    SamplerName("Restart", "restart", (), "karras"),
    SamplerName("HeunPP2", "heunpp2"),
    SamplerName("IPNDM", "ipndm"),
    SamplerName("IPNDM_V", "ipndm_v"),
    SamplerName("DEIS", "deis"),
    SamplerName("DDIM", "ddim", (), "ddim"),
    SamplerName("DDIM CFG++", "euler_cfg_pp", ("ddim_cfgpp",), "ddim"),
    SamplerName("PLMS", "ipndm", ("plms",), "ddim"),
    SamplerName("UniPC", "uni_pc", ("unipc",)),
    SamplerName("LCM", "lcm", ("k_lcm",)),
    SamplerName("DDPM", "ddpm"),
)
"""PLMS is IPNDM on a uniform grid of timesteps (Liu et al. 2022, "Pseudo numerical methods", section 3.3; Zhang and
Chen 2023, appendix H). DDIM CFG++ is Euler with CFG++ (Chung et al. 2024, algorithm 2, written in sigma)."""

SCHEDULES = (
    ScheduleName("automatic", "Automatic", ""),
    ScheduleName("uniform", "Uniform", "normal", ("discrete",)),
    ScheduleName("karras", "Karras", "karras", rho=7.0),
    ScheduleName("exponential", "Exponential", "exponential"),
    ScheduleName("polyexponential", "Polyexponential", "exponential", rho=1.0),
    ScheduleName("sgm_uniform", "SGM Uniform", "sgm_uniform", ("sgmuniform",)),
    ScheduleName("kl_optimal", "KL Optimal", "kl_optimal"),
    ScheduleName("align_your_steps", "Align Your Steps", "align_your_steps", ("ays", "align_your_steps_11")),
    ScheduleName("align_your_steps_sdxl", "Align Your Steps SDXL", "align_your_steps_sdxl", ("ays_sdxl",)),
    ScheduleName("simple", "Simple", "simple"),
    ScheduleName("normal", "Normal", "normal"),
    ScheduleName("ddim", "DDIM", "ddim_uniform"),
    ScheduleName("beta", "Beta", "beta"),
)
"""A polyexponential curve with rho 1, A1111's default, is the exponential one."""
