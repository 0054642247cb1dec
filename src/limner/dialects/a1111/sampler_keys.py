"""Samplers whose noise on the way can be set: the nodes that make them, and their inputs that are always the same."""

from typing import Any

NOISY: dict[str, tuple[str, dict[str, Any]]] = {
    "euler_ancestral": ("SamplerEulerAncestral", {}),
    "dpmpp_2s_ancestral": ("SamplerDPMPP_2S_Ancestral", {}),
    "dpmpp_sde": ("SamplerDPMPP_SDE", {"r": 0.5, "noise_device": "cpu"}),
    "dpmpp_2m_sde": ("SamplerDPMPP_2M_SDE", {"solver_type": "midpoint", "noise_device": "cpu"}),
    "dpmpp_2m_sde_heun": ("SamplerDPMPP_2M_SDE", {"solver_type": "heun", "noise_device": "cpu"}),
    "dpmpp_3m_sde": ("SamplerDPMPP_3M_SDE", {"noise_device": "cpu"}),
}

CHURNED = ("euler", "heun", "dpm_2")
"""Samplers that can take on noise before their steps (``s_churn``)."""
