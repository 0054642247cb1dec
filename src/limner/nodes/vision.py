"""Pictures as prompts: vision encoders and style models."""

from typing import Annotated, Any

import torch

from limner.graph.declare import Choice, Number, node
from limner.graph.errors import ModelFileError
from limner.models.parts.style_bias import STYLES, Style
from limner.models.vision.encoder import open_vision_encoder
from limner.models.vision.style import open_style_model
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import CLIP_VISION, CLIP_VISION_OUTPUT, CONDITIONING, IMAGE, STYLE_MODEL


@node(
    name="CLIPVisionLoader",
    title="Load CLIP Vision",
    category="loaders",
    fingerprint=file_stamp("clip_vision", "clip_name"),
)
def clip_vision_loader(*, clip_name: Annotated[str, Choice(source="clip_vision")], library: Library) -> CLIP_VISION:
    """A network that looks at pictures: CLIP ViT-L, H or bigG, SigLIP. Its kind is told from the file."""
    return open_vision_encoder(library, clip_name)


@node(name="CLIPVisionEncode", title="CLIP Vision Encode", category="conditioning")
def clip_vision_encode(
    *, clip_vision: CLIP_VISION, image: IMAGE, crop: Annotated[str, Choice("center", "none")]
) -> CLIP_VISION_OUTPUT:
    """What the network sees in pictures: of their middle square, or of everything squeezed into a square.

    Raises:
        ModelFileError: if the checkpoint that it should come from holds none.
    """
    if clip_vision is None:
        raise ModelFileError(
            "The checkpoint that was loaded holds no network that looks at pictures. Load one from the folder "
            "clip_vision with CLIPVisionLoader, or choose an unCLIP checkpoint."
        )
    return clip_vision.encode(image, crop=crop == "center")


@node(
    name="StyleModelLoader",
    title="Load Style Model",
    category="loaders",
    fingerprint=file_stamp("style_models", "style_model_name"),
)
def style_model_loader(
    *, style_model_name: Annotated[str, Choice(source="style_models")], library: Library
) -> STYLE_MODEL:
    """Redux for Flux, or the style adapter of Stable Diffusion 1."""
    return open_style_model(library, style_model_name)


@node(name="StyleModelApply", title="Apply Style Model", category="conditioning/style_model")
def style_model_apply(
    *,
    conditioning: CONDITIONING,
    style_model: STYLE_MODEL,
    clip_vision_output: CLIP_VISION_OUTPUT,
    strength: Annotated[float, Number(min=0.0, max=10.0, step=0.001)] = 1.0,
    strength_type: Annotated[str, Choice("multiply", "attn_bias")],
) -> CONDITIONING:
    """Puts what a style model makes of pictures beside the text.

    ``multiply`` makes its tokens larger or smaller by ``strength``. ``attn_bias`` leaves them as they are and
    multiplies the attention that text and picture pay to them, in Flux; other models do not know it.
    """
    biased = strength_type == "attn_bias"
    tokens = style_model.tokens(clip_vision_output).flatten(0, 1)[None] * (1.0 if biased else strength)
    return [
        [
            torch.cat([text, tokens.expand(text.shape[0], -1, -1)], dim=1),
            _with_style(options, text.shape[1], tokens.shape[1], strength if biased else 1.0),
        ]
        for text, options in conditioning
    ]


def _with_style(options: dict[str, Any], start: int, count: int, strength: float) -> dict[str, Any]:
    """A conditioning entry's options after tokens of a style were put behind its text."""
    found = dict(options)
    mask = options.get("attention_mask")
    if mask is not None:
        length = min(mask.shape[-1], start)
        shown = mask.new_ones(*mask.shape[:-1], start - length + count)
        found["attention_mask"] = torch.cat([mask[..., :length], shown], dim=-1)
    if strength != 1.0:
        found[STYLES] = [*options.get(STYLES, ()), Style(start, count, strength)]
    return found
