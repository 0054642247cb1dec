"""Names that other programs give to samplers and schedules, as ours."""

from limner.dialects.a1111.names import choose_walk
from limner.graph.errors import GraphError

NAMES = {
    "euler_a": "euler_ancestral",
    "k_euler_ancestral": "euler_ancestral",
    "kdpm_2": "dpm_2",
    "kdpm_2_a": "dpm_2_ancestral",
    "k_dpm_2_ancestral": "dpm_2_ancestral",
    "unipc": "uni_pc",
    "dpmpp_2s": "dpmpp_2s_ancestral",
    "k_dpmpp_2s_ancestral": "dpmpp_2s_ancestral",
    "ddim_v3": "ddim",
    "pndm": "ipndm",
}
"""What the other programs call them that the table of A1111's names lacks."""

SCHEDULES = {"native": "normal", "default": "", "automatic": "", "uniform": "normal"}
KARRAS = "_k"
"""Ends names of samplers that walk on Karras' noise levels."""


def walk_settings(sampler: str | None, schedule: str | None = None) -> dict[str, str]:
    """Sampler and schedule by role; a name that nobody knows stays as it is."""
    if not sampler:
        return {} if not schedule else {"sampler.scheduler": schedule}
    name = sampler.strip()
    if name.endswith(KARRAS) and name != "dpm_2_k":
        name, schedule = name.removesuffix(KARRAS), schedule or "karras"
    plain = NAMES.get(name.casefold(), name)
    said = SCHEDULES.get((schedule or "").casefold(), schedule or "")
    try:
        walk = choose_walk(plain, said or None, [plain], [said] if said else [])
    except GraphError:
        return {"sampler.name": plain} | ({"sampler.scheduler": said} if said else {})
    named = bool(said) or walk.schedule_label.casefold() != "automatic"
    return {"sampler.name": walk.sampler} | ({"sampler.scheduler": walk.schedule} if named and walk.schedule else {})
