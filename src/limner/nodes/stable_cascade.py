"""What the stages of Stable Cascade tell each other."""

from limner.graph.declare import node
from limner.models.families.stable_cascade_b import PRIOR
from limner.models.parts.cascade import Prior
from limner.nodes.conditioning import with_options
from limner.nodes.sockets import CONDITIONING, LATENT


@node(
    name="StableCascade_StageB_Conditioning",
    title="StableCascade_StageB_Conditioning",
    category="conditioning/stable_cascade",
)
def stable_cascade_stage_b_conditioning(*, conditioning: CONDITIONING, stage_c: LATENT) -> CONDITIONING:
    """Shows stage B the latent that stage C made."""
    return with_options(conditioning, **{PRIOR: Prior(stage_c["samples"])})
