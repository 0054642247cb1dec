"""Pictures as prompts for networks that were trained on what vision encoders see in them (unCLIP)."""

from typing import Annotated

from limner.graph.declare import Choice, Number, node
from limner.models.parts.unclip import PICTURES
from limner.models.vision.blueprint import vision_blueprint
from limner.models.vision.encoder import vision_encoder_in
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import CLIP, CLIP_VISION, CLIP_VISION_OUTPUT, CONDITIONING, MODEL, VAE


@node(
    name="unCLIPCheckpointLoader",
    title="unCLIPCheckpointLoader",
    category="loaders",
    outputs=("MODEL", "CLIP", "VAE", "CLIP_VISION"),
    fingerprint=file_stamp("checkpoints", "ckpt_name"),
)
def unclip_checkpoint_loader(
    *, ckpt_name: Annotated[str, Choice(source="checkpoints")], library: Library
) -> tuple[MODEL, CLIP, VAE, CLIP_VISION]:
    """Everything in a checkpoint, with the network that looks at pictures. A part that the file lacks is None."""
    file = library.open("checkpoints", ckpt_name)
    checkpoint = library.checkpoint_in(file)
    vision = None if vision_blueprint(file.layout) is None else vision_encoder_in(library, file)
    return checkpoint.model, checkpoint.clip, checkpoint.vae, vision


@node(name="unCLIPConditioning", title="unCLIPConditioning", category="conditioning")
def unclip_conditioning(
    *,
    conditioning: CONDITIONING,
    clip_vision_output: CLIP_VISION_OUTPUT,
    strength: Annotated[float, Number(min=-10.0, max=10.0, step=0.01)] = 1.0,
    noise_augmentation: Annotated[float, Number(min=0.0, max=1.0, step=0.01)] = 0.0,
) -> CONDITIONING:
    """Lets a network see pictures beside the text: unCLIP networks, and SDXL in the place of its pooled text.

    ``noise_augmentation`` says how freely a picture is taken, from 0 (closely) to 1. Several pictures, by several of
    these nodes or in one batch, are mixed by their strengths.
    """
    if strength == 0:
        return conditioning
    picture = {
        "clip_vision_output": clip_vision_output,
        "strength": strength,
        "noise_augmentation": noise_augmentation,
    }
    return [[text, {**options, PICTURES: [*options.get(PICTURES, ()), picture]}] for text, options in conditioning]
