"""Controls of Qwen-Image that come as model patches."""

from typing import Annotated, Any

import torch

from limner.graph.declare import Flags, Number, Socket, node
from limner.graph.errors import NumericsError
from limner.media.resize import resize_masks
from limner.models.model_patches.model_patch import ModelPatch
from limner.models.model_patches.qwen_blockwise import QWEN_BLOCKWISE, BlockwisePicture
from limner.models.patches.patch import with_patch
from limner.models.vision.picture_influence import digest_of
from limner.nodes.model_patches import MODEL_PATCH
from limner.nodes.sockets import IMAGE, MODEL, VAE


@node(name="QwenImageDiffsynthControlnet", title="QwenImageDiffsynthControlnet", category="advanced/loaders/qwen")
def qwen_image_diffsynth_control_net(
    *,
    model: MODEL,
    model_patch: MODEL_PATCH,
    vae: VAE,
    image: IMAGE,
    strength: Annotated[float, Number(min=-10.0, max=10.0, step=0.01)] = 1.0,
    mask: Annotated[Any, Socket("MASK"), Flags(optional=True)] = None,
) -> MODEL:
    """Steers Qwen-Image by a picture, behind each of its blocks: edges, depth, or a picture with a hole.

    The picture is cut and resized to the size that is painted. ``mask`` says where its hole is, for files that were
    trained on that. Several of these nodes add up.
    """
    if not isinstance(model_patch, ModelPatch) or model_patch.kind is not QWEN_BLOCKWISE:
        kind = getattr(getattr(model_patch, "kind", None), "name", type(model_patch).__name__)
        raise NumericsError(f"A control of Qwen-Image should come, but a model patch of the kind {kind} came.")
    if strength == 0:
        return model
    picture = image[:1, ..., :3].movedim(-1, 1).contiguous()
    hole = None
    if mask is not None:
        height, width = image.shape[1:3]
        hole = resize_masks(mask.reshape(-1, *mask.shape[-2:])[:1], width, height)[:, None]
    shown = picture if hole is None else torch.cat([picture, hole], dim=1)
    digest = digest_of(shown), model_patch.network.key, vae.network.key
    return with_patch(model, BlockwisePicture(model_patch, picture, hole, vae, model.latent_format, strength, digest))
