"""Prompts into conditioning."""

from typing import Annotated, Any

from limner.graph.declare import Number, node
from limner.graph.errors import NumericsError
from limner.nodes.conditioning import with_options
from limner.nodes.sockets import CLIP, CONDITIONING
from limner.nodes.widgets import LARGEST_SIDE, Prompt

SideOrNothing = Annotated[int, Number(min=0, max=LARGEST_SIDE)]


def present(clip: Any) -> Any:
    """The text encoder.

    Raises:
        NumericsError: if there is none.
    """
    if clip is None:
        raise NumericsError(
            "ERROR: clip input is invalid: None\n\nThe file that was loaded holds no text encoder. Load one "
            "from a file of its own, or choose a complete checkpoint."
        )
    return clip


@node(name="CLIPTextEncode", title="CLIP Text Encode (Prompt)", category="conditioning")
def clip_text_encode(*, text: Prompt, clip: CLIP) -> CONDITIONING:
    """Encodes a prompt. ``(words:1.3)`` weighs words, ``embedding:name`` puts in a learned one."""
    return present(clip).encode(text)


@node(name="CLIPSetLastLayer", title="CLIP Set Last Layer", category="conditioning")
def clip_set_last_layer(
    *, clip: CLIP, stop_at_clip_layer: Annotated[int, Number(min=-24, max=-1, step=1)] = -1
) -> CLIP:
    """The text encoder read at an earlier layer; -1 is the last, -2 the one before ("clip skip 2")."""
    return present(clip).with_last_layer(stop_at_clip_layer)


@node(name="CLIPTextEncodeSDXL", title="CLIPTextEncodeSDXL", category="advanced/conditioning")
def clip_text_encode_sdxl(
    *,
    clip: CLIP,
    width: SideOrNothing = 1024,
    height: SideOrNothing = 1024,
    crop_w: SideOrNothing = 0,
    crop_h: SideOrNothing = 0,
    target_width: SideOrNothing = 1024,
    target_height: SideOrNothing = 1024,
    text_g: Prompt,
    text_l: Prompt,
) -> CONDITIONING:
    """Encodes a prompt for each of SDXL's two encoders, with the sizes and the crop that it was trained to look at."""
    return with_options(
        present(clip).encode_pair(text_l=text_l, text_g=text_g),
        width=width,
        height=height,
        crop_w=crop_w,
        crop_h=crop_h,
        target_width=target_width,
        target_height=target_height,
    )


@node(name="CLIPTextEncodeSDXLRefiner", title="CLIPTextEncodeSDXLRefiner", category="advanced/conditioning")
def clip_text_encode_sdxl_refiner(
    *,
    ascore: Annotated[float, Number(min=0.0, max=1000.0, step=0.01)] = 6.0,
    width: SideOrNothing = 1024,
    height: SideOrNothing = 1024,
    text: Prompt,
    clip: CLIP,
) -> CONDITIONING:
    """Encodes a prompt for SDXL's refiner, with the aesthetic score that it should aim at."""
    return with_options(present(clip).encode(text), aesthetic_score=ascore, width=width, height=height)
