"""Networks and text encoders from files of their own, and whole pipelines from folders."""

from collections.abc import Callable
from typing import Annotated, Any

from limner.graph.declare import Choice, Flags, node
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import CLIP, MODEL, VAE

TextFile = Annotated[str, Choice(source="text_encoders")]
Device = Annotated[str | None, Choice("default", "cpu", advanced=True), Flags(optional=True)]
WeightType = Annotated[str, Choice("default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2")]

SINGLE = (
    *("stable_diffusion", "stable_cascade", "sd3", "stable_audio", "mochi", "ltxv", "pixart", "cosmos", "lumina2"),
    *("wan", "hidream", "chroma", "ace", "omnigen2", "qwen_image", "hunyuan_image"),
)
"""What one encoder can be for, as the list names it."""

DOUBLE = ("sdxl", "sd3", "flux", "hunyuan_video", "hidream", "hunyuan_image")
PURPOSES = tuple(dict.fromkeys((*SINGLE, *DOUBLE, "flux2", "z_image", "auraflow", "kolors")))
"""All that are taken, though lists of ComfyUI's age do not name them."""


def text_stamps(*names: str) -> Callable[..., str]:
    """A fingerprint that changes when one of the text encoders behind some inputs is replaced."""
    stamps = [file_stamp("text_encoders", name) for name in names]

    def stamp(*, library: Any, **inputs: Any) -> str:
        return "|".join(of(library=library, **inputs) for of in stamps)

    return stamp


@node(
    name="UNETLoader",
    title="Load Diffusion Model",
    category="advanced/loaders",
    fingerprint=file_stamp("diffusion_models", "unet_name"),
)
def unet_loader(
    *,
    unet_name: Annotated[str, Choice(source="diffusion_models")],
    weight_dtype: WeightType,
    library: Library,
) -> MODEL:
    """A denoising network from a file of its own: one file, one of several parts, or a GGUF file.

    ``weight_dtype`` packs the weights of a file of full precision into 8 bits each; what is computed stays as it is.
    """
    storage = None if weight_dtype == "default" else weight_dtype.removesuffix("_fast")
    return library.diffusion_model(unet_name, storage)


@node(
    name="CLIPLoader",
    title="Load CLIP",
    category="advanced/loaders",
    fingerprint=text_stamps("clip_name"),
)
def clip_loader(
    *,
    clip_name: TextFile,
    type: Annotated[str, Choice(*SINGLE, unlisted=PURPOSES)],  # noqa: A002
    device: Device = None,
    library: Library,
) -> CLIP:
    """One text encoder from a file of its own: CLIP, T5, or a language model.

    Which one it is, is read off the file. ``type`` says what it is for, and counts where one encoder serves several
    families in different ways.
    """
    return library.text_encoder(clip_name, purpose=type, device=device)


@node(
    name="DualCLIPLoader",
    title="DualCLIPLoader",
    category="advanced/loaders",
    fingerprint=text_stamps("clip_name1", "clip_name2"),
)
def dual_clip_loader(
    *,
    clip_name1: TextFile,
    clip_name2: TextFile,
    type: Annotated[str, Choice(*DOUBLE, unlisted=PURPOSES)],  # noqa: A002
    device: Device = None,
    library: Library,
) -> CLIP:
    """Two text encoders that belong together, in any order: SDXL, SD3, Flux, HunyuanVideo, HiDream."""
    return library.text_encoder(clip_name1, clip_name2, purpose=type, device=device)


@node(
    name="TripleCLIPLoader",
    title="TripleCLIPLoader",
    category="advanced/loaders",
    fingerprint=text_stamps("clip_name1", "clip_name2", "clip_name3"),
)
def triple_clip_loader(*, clip_name1: TextFile, clip_name2: TextFile, clip_name3: TextFile, library: Library) -> CLIP:
    """The three text encoders of SD3, in any order."""
    return library.text_encoder(clip_name1, clip_name2, clip_name3, purpose="sd3")


@node(
    name="QuadrupleCLIPLoader",
    title="QuadrupleCLIPLoader",
    category="advanced/loaders",
    fingerprint=text_stamps("clip_name1", "clip_name2", "clip_name3", "clip_name4"),
)
def quadruple_clip_loader(
    *, clip_name1: TextFile, clip_name2: TextFile, clip_name3: TextFile, clip_name4: TextFile, library: Library
) -> CLIP:
    """The four text encoders of HiDream, in any order."""
    return library.text_encoder(clip_name1, clip_name2, clip_name3, clip_name4, purpose="hidream")


@node(
    name="CheckpointLoader",
    title="Load Checkpoint With Config (DEPRECATED)",
    category="advanced/loaders",
    outputs=("MODEL", "CLIP", "VAE"),
    fingerprint=file_stamp("checkpoints", "ckpt_name"),
)
def checkpoint_loader(
    *,
    config_name: Annotated[str, Choice(source="configs")],
    ckpt_name: Annotated[str, Choice(source="checkpoints")],
    library: Library,
) -> tuple[MODEL, CLIP, VAE]:
    """Everything in a checkpoint. The configuration is not needed: what it says is read off the file."""
    checkpoint = library.checkpoint(ckpt_name)
    return checkpoint.model, checkpoint.clip, checkpoint.vae


@node(
    name="DiffusersLoader",
    title="DiffusersLoader",
    category="advanced/loaders/deprecated",
    outputs=("MODEL", "CLIP", "VAE"),
    fingerprint=file_stamp("diffusers", "model_path"),
)
def diffusers_loader(
    *, model_path: Annotated[str, Choice(source="diffusers")], library: Library
) -> tuple[MODEL, CLIP, VAE]:
    """Everything in the folder of a pipeline of diffusers: network, text encoders with tokenizers, autoencoder."""
    checkpoint = library.open_checkpoint(library.folders.find("diffusers", model_path))
    return checkpoint.model, checkpoint.clip, checkpoint.vae
