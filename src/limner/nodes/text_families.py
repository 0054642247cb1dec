"""Prompts for single families: a text for each of their encoders, or what they want beside it."""

from dataclasses import replace
from typing import Annotated

from limner.graph.declare import Choice, Number, node
from limner.models.text.reading import TextBranch
from limner.nodes.conditioning import with_options
from limner.nodes.sockets import CLIP, CONDITIONING
from limner.nodes.text import present
from limner.nodes.widgets import LARGEST_SIDE, Prompt

ADVANCED = "advanced/conditioning"
TESTING = "_for_testing/conditioning"
GuidanceScale = Annotated[float, Number(min=0.0, max=100.0, step=0.1)]
Pixels = Annotated[int, Number(min=0, max=LARGEST_SIDE)]
TokenCount = Annotated[int, Number(min=0, max=10000, step=1)]

T5 = ("t5", "umt5", "pile_t5")
"""How names of T5's encoders begin."""

LUMINA2 = {
    "superior": (
        "You are an assistant designed to generate superior images with the superior degree of image-text alignment "
        "based on textual prompts or user prompts."
    ),
    "alignment": (
        "You are an assistant designed to generate high-quality images with the highest degree of image-text "
        "alignment based on textual prompts."
    ),
}
"""What Lumina 2 was trained behind; it belongs to the format, to the letter."""


@node(name="CLIPTextEncodeFlux", title="CLIPTextEncodeFlux", category="advanced/conditioning/flux")
def clip_text_encode_flux(*, clip: CLIP, clip_l: Prompt, t5xxl: Prompt, guidance: GuidanceScale = 3.5) -> CONDITIONING:
    """Encodes a prompt for each of Flux's two encoders, with how strictly they are to be followed."""
    return with_options(present(clip).encode_each({"clip_l": clip_l}, t5xxl), guidance=guidance)


@node(name="CLIPTextEncodeSD3", title="CLIPTextEncodeSD3", category=ADVANCED)
def clip_text_encode_sd3(
    *,
    clip: CLIP,
    clip_l: Prompt,
    clip_g: Prompt,
    t5xxl: Prompt,
    empty_padding: Annotated[str, Choice("none", "empty_prompt")],
) -> CONDITIONING:
    """Encodes a prompt for each of SD3's three encoders.

    Without padding, an encoder whose text is empty says nothing at all; else it reads an empty prompt.
    """
    encoder, texts = present(clip), {"clip_l": clip_l, "clip_g": clip_g, "t5xxl": t5xxl}
    chunks = encoder.chunks_each(texts, clip_l)
    silent = {name for name, text in texts.items() if not text and empty_padding == "none"}
    return encoder.encode_chunks({name: [] if name in silent else found for name, found in chunks.items()})


@node(name="CLIPTextEncodeHiDream", title="CLIPTextEncodeHiDream", category=ADVANCED)
def clip_text_encode_hidream(
    *, clip: CLIP, clip_l: Prompt, clip_g: Prompt, t5xxl: Prompt, llama: Prompt
) -> CONDITIONING:
    """Encodes a prompt for each of HiDream's four encoders."""
    return present(clip).encode_each({"clip_l": clip_l, "clip_g": clip_g, "t5xxl": t5xxl}, llama)


@node(name="CLIPTextEncodePixArtAlpha", title="CLIPTextEncodePixArtAlpha", category=ADVANCED)
def clip_text_encode_pixart_alpha(
    *, width: Pixels = 1024, height: Pixels = 1024, text: Prompt, clip: CLIP
) -> CONDITIONING:
    """Encodes a prompt for PixArt, with the size that it is told. PixArt Sigma is told none."""
    return with_options(present(clip).encode(text), width=width, height=height)


@node(name="CLIPTextEncodeLumina2", title="CLIP Text Encode for Lumina2", category="conditioning")
def clip_text_encode_lumina2(
    *, system_prompt: Annotated[str, Choice(*LUMINA2)], user_prompt: Prompt, clip: CLIP
) -> CONDITIONING:
    """Encodes a prompt for Lumina 2, behind one of the two instructions that it knows."""
    return present(clip).encode(f"{LUMINA2[system_prompt]} <Prompt Start> {user_prompt}")


@node(name="CLIPTextEncodeControlnet", title="CLIPTextEncodeControlnet", category=TESTING)
def clip_text_encode_controlnet(*, clip: CLIP, conditioning: CONDITIONING, text: Prompt) -> CONDITIONING:
    """Conditioning whose control networks read a text of their own."""
    ((states, options),) = present(clip).encode(text)
    pooled = options.get("pooled_output")
    return with_options(conditioning, cross_attn_controlnet=states, pooled_output_controlnet=pooled)


@node(name="T5TokenizerOptions", title="T5TokenizerOptions", category=TESTING)
def t5_tokenizer_options(*, clip: CLIP, min_padding: TokenCount = 0, min_length: TokenCount = 0) -> CLIP:
    """A text encoder whose T5 is filled up further: by so many tokens at least, or to so many."""
    lengths = {"min_padding": min_padding, "min_length": min_length}

    def change(branch: TextBranch) -> TextBranch:
        return replace(branch, lengths=lengths) if branch.name.startswith(T5) else branch

    return present(clip).with_branches(change)
