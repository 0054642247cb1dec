"""Frames that lie in a latent and must stay, for networks that see them without noise at time 0."""

from torch import Tensor

from limner.models.family import InputRequest


def kept_inputs(request: InputRequest) -> dict[str, Tensor]:
    """What a walk must not change; nothing where it is free everywhere.

    Shapes: ``kept`` [1 c t h w]; ``free`` [1 1 t h w], 1 where the walk is free.
    """
    mask = request.entry.get("denoise_mask")
    if mask is None:
        return {}
    return {"kept": request.latent[:1].float().cpu(), "free": mask[:1, :1].float().cpu()}
