"""Nodes of workflows that were made with BizyAir's nodes for Kolors, under the names that those workflows use.

There, models lie on a server and a text encoder has no file; here they are files like all others.
"""

from dataclasses import replace
from typing import Annotated

import msgspec

from limner.graph.declare import Choice, Flags, NodeDefinition, node
from limner.models.text.search import find_encoder
from limner.nodes.autoencoding import vae_decode
from limner.nodes.growing import OWN
from limner.nodes.loaders import Library, file_stamp, vae_loader
from limner.nodes.sampling import ksampler
from limner.nodes.sockets import CONDITIONING, MODEL
from limner.nodes.text import present
from limner.nodes.widgets import Prompt

CATEGORY = "limner/kolors"
ChosenEncoder = Annotated[str | None, Choice(source="text_encoders"), Flags(optional=True)]


@node(
    name="BizyAir_MZ_KolorsUNETLoaderV2",
    title="Load Kolors",
    category=CATEGORY,
    module=OWN,
    fingerprint=file_stamp("diffusion_models", "unet_name"),
)
def kolors_unet_loader(*, unet_name: Annotated[str, Choice(source="diffusion_models")], library: Library) -> MODEL:
    """The denoising network of Kolors from a file of its own."""
    return library.diffusion_model(unet_name)


@node(
    name="BizyAir_MinusZoneChatGLM3TextEncode",
    title="ChatGLM3 Text Encode",
    category=CATEGORY,
    module=OWN,
    fingerprint=file_stamp("text_encoders", "clip_name"),
)
def chatglm3_text_encode(*, text: Prompt, clip_name: ChosenEncoder = None, library: Library) -> CONDITIONING:
    """Encodes a prompt for Kolors, in Chinese or English.

    Workflows name no file: the first text encoder of the kind among the files is taken, unless one is chosen here.
    """
    name = clip_name or find_encoder(library, "glm", "glm")
    return present(library.text_encoder(name, purpose="kolors")).encode(text)


def _under(definition: NodeDefinition, name: str) -> NodeDefinition:
    """A node under another name."""
    return replace(definition, type=msgspec.structs.replace(definition.type, name=name, category=CATEGORY, module=OWN))


KSAMPLER = _under(ksampler, "BizyAir_KSampler")
VAE_LOADER = _under(vae_loader, "BizyAir_VAELoader")
VAE_DECODE = _under(vae_decode, "BizyAir_VAEDecode")
