"""Guiders of more than two conditionings, and noise put on by hand."""

from typing import Annotated

import torch

from limner.graph.declare import Choice, Number, node
from limner.nodes.latents import with_samples
from limner.nodes.sampling import EXCHANGE
from limner.nodes.sampling_parts import CUSTOM, GuidedModel
from limner.nodes.sockets import CONDITIONING, GUIDER, LATENT, MODEL, NOISE, SIGMAS
from limner.nodes.widgets import Guidance
from limner.sampling.denoise import fitted
from limner.sampling.guider import Guider
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.guiders.dual_cfg import DualCfgGuider
from limner.sampling.guiders.perp_neg import PerpNegGuider


@node(name="DualCFGGuider", title="DualCFGGuider", category=f"{CUSTOM}/guiders")
def dual_cfg_guider(
    *,
    model: MODEL,
    cond1: CONDITIONING,
    cond2: CONDITIONING,
    negative: CONDITIONING,
    cfg_conds: Guidance = 8.0,
    cfg_cond2_negative: Guidance = 8.0,
    style: Annotated[str, Choice("regular", "nested")],
) -> GUIDER:
    """A network that goes from the negative text to ``cond2`` and from there to ``cond1``, each by its own strength.

    Nested: what the first two conditionings give together is what the negative text is compared with.
    """
    guider = DualCfgGuider(cond1, cond2, negative, cfg_conds, cfg_cond2_negative, style == "nested")
    return GuidedModel(model, guider)


@node(name="PerpNegGuider", title="PerpNegGuider", category="_for_testing")
def perp_neg_guider(
    *,
    model: MODEL,
    positive: CONDITIONING,
    negative: CONDITIONING,
    empty_conditioning: CONDITIONING,
    cfg: Guidance = 8.0,
    neg_scale: Annotated[float, Number(min=0.0, max=100.0, step=0.01)] = 1.0,
) -> GUIDER:
    """A network that avoids the negative text only where it does not contradict the positive one."""
    return GuidedModel(model, PerpNegGuider(positive, negative, empty_conditioning, cfg, neg_scale))


@node(name="PerpNeg", title="Perp-Neg (DEPRECATED by PerpNegGuider)", category="_for_testing")
def perp_neg(
    *,
    model: MODEL,
    empty_conditioning: CONDITIONING,
    neg_scale: Annotated[float, Number(min=0.0, max=100.0, step=0.01)] = 1.0,
) -> MODEL:
    """The same as PerpNegGuider for samplers that take their own ``cfg``. Older workflows use it."""

    def exchanged(guider: Guider) -> Guider:
        if not isinstance(guider, CfgGuider):
            return guider
        return PerpNegGuider(guider.positive, guider.negative, empty_conditioning, guider.cfg, neg_scale)

    return model.with_options(**{EXCHANGE: exchanged})


@node(name="AddNoise", title="AddNoise", category="_for_testing/custom_sampling/noise")
def add_noise(*, model: MODEL, noise: NOISE, sigmas: SIGMAS, latent_image: LATENT) -> LATENT:
    """Latents under the noise that lies between the first and the last of the levels."""
    if not len(sigmas):
        return latent_image
    layout = model.latent_format
    clean = fitted(latent_image["samples"], layout).float()
    drawn = noise.generate_noise(with_samples(latent_image, clean))
    unit = torch.zeros_like(clean) if drawn is None else drawn.to(clean)
    level = float(abs(sigmas[0] - sigmas[-1])) if len(sigmas) > 1 else float(sigmas[0])
    inside = layout.to_model(clean) if bool(clean.count_nonzero()) else clean
    noisy = layout.to_stored(model.parametrization.noised(inside, unit, level))
    return with_samples(latent_image, torch.nan_to_num(noisy, nan=0.0, posinf=0.0, neginf=0.0))
