"""Texts in boxes: what stands where in a picture (GLIGEN)."""

from typing import Annotated

from limner.graph.declare import Choice, Number, Text, node
from limner.models.patches.gligen import Box, grounded, open_gligen
from limner.models.text.pooled import pooled_text
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import CLIP, CONDITIONING, GLIGEN

PIXELS = 8
"""Per latent element."""

Side = Annotated[int, Number(min=8, max=16384, step=8)]
Offset = Annotated[int, Number(min=0, max=16384, step=8)]


@node(name="GLIGENLoader", title="GLIGENLoader", category="loaders", fingerprint=file_stamp("gligen", "gligen_name"))
def gligen_loader(*, gligen_name: Annotated[str, Choice(source="gligen")], library: Library) -> GLIGEN:
    """Layers for Stable Diffusion 1 that let it look at boxes with texts."""
    return open_gligen(library, gligen_name)


@node(name="GLIGENTextBoxApply", title="GLIGENTextBoxApply", category="conditioning/gligen")
def gligen_text_box_apply(
    *,
    conditioning_to: CONDITIONING,
    clip: CLIP,
    gligen_textbox_model: GLIGEN,
    text: Annotated[str, Text(multiline=True, dynamic_prompts=True)],
    width: Side = 64,
    height: Side = 64,
    x: Offset = 0,
    y: Offset = 0,
) -> CONDITIONING:
    """Says what stands in a box of the picture, in pixels; up to 30 boxes by as many of these nodes.

    The prompt should name the same things. Only this conditioning is told; the negative one knows that it has no boxes.
    """
    left, top, wide, high = (pixels // PIXELS for pixels in (x, y, width, height))
    box = Box(pooled_text(clip, text), left, top, wide, high)
    return [[states, grounded(options, gligen_textbox_model, box)] for states, options in conditioning_to]
