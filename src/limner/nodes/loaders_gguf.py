"""Loaders of GGUF files under the names that a node pack made common, so that its workflows run without it.

UNETLoader and CLIPLoader read the same files. A pack that brings nodes of these names takes their place.
"""

from typing import Annotated

from limner.graph.declare import Choice, node
from limner.nodes.growing import OWN
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.loaders_split import DOUBLE, PURPOSES, SINGLE, TextFile, text_stamps
from limner.nodes.sockets import CLIP, MODEL

CATEGORY = "advanced/loaders"


@node(
    name="UnetLoaderGGUF",
    title="Unet Loader (GGUF)",
    category=CATEGORY,
    module=OWN,
    fingerprint=file_stamp("diffusion_models", "unet_name"),
)
def unet_loader_gguf(
    *, unet_name: Annotated[str, Choice(source="diffusion_models", suffixes=[".gguf"])], library: Library
) -> MODEL:
    """A denoising network from a GGUF file; its weights stay packed, numbers are made layer by layer."""
    return library.diffusion_model(unet_name)


@node(
    name="CLIPLoaderGGUF",
    title="CLIPLoader (GGUF)",
    category=CATEGORY,
    module=OWN,
    fingerprint=text_stamps("clip_name"),
)
def clip_loader_gguf(
    *,
    clip_name: TextFile,
    type: Annotated[str, Choice(*SINGLE, unlisted=PURPOSES)],  # noqa: A002 (the input's name)
    library: Library,
) -> CLIP:
    """One text encoder from a GGUF or safetensors file."""
    return library.text_encoder(clip_name, purpose=type)


@node(
    name="DualCLIPLoaderGGUF",
    title="DualCLIPLoader (GGUF)",
    category=CATEGORY,
    module=OWN,
    fingerprint=text_stamps("clip_name1", "clip_name2"),
)
def dual_clip_loader_gguf(
    *,
    clip_name1: TextFile,
    clip_name2: TextFile,
    type: Annotated[str, Choice(*DOUBLE, unlisted=PURPOSES)],  # noqa: A002
    library: Library,
) -> CLIP:
    """Two text encoders that belong together, each from a GGUF or safetensors file, in any order."""
    return library.text_encoder(clip_name1, clip_name2, purpose=type)


@node(
    name="TripleCLIPLoaderGGUF",
    title="TripleCLIPLoader (GGUF)",
    category=CATEGORY,
    module=OWN,
    fingerprint=text_stamps("clip_name1", "clip_name2", "clip_name3"),
)
def triple_clip_loader_gguf(
    *, clip_name1: TextFile, clip_name2: TextFile, clip_name3: TextFile, library: Library
) -> CLIP:
    """The three text encoders of SD3, each from a GGUF or safetensors file, in any order."""
    return library.text_encoder(clip_name1, clip_name2, clip_name3, purpose="sd3")
