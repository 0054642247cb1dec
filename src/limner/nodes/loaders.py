"""Networks from files."""

from collections.abc import Callable
from typing import Annotated, Any

from limner.graph.declare import Choice, Service, node
from limner.graph.errors import LimnerError
from limner.models.library import ModelLibrary
from limner.nodes.sockets import CLIP, MODEL, VAE
from limner.nodes.widgets import AdapterStrength

Library = Annotated[ModelLibrary, Service()]
AdapterName = Annotated[str, Choice(source="loras")]


def file_stamp(kind: str, name: str) -> Callable[..., str]:
    """A fingerprint that changes when the file behind an input is replaced: place, size, time of change."""

    def stamp(*, library: ModelLibrary, **inputs: Any) -> str:
        try:
            path = library.folders.find(kind, str(inputs.get(name)))
            status = path.stat()
        except (LimnerError, OSError):
            return "missing"
        return f"{path}:{status.st_size}:{status.st_mtime_ns}"

    return stamp


@node(
    name="CheckpointLoaderSimple",
    title="Load Checkpoint",
    category="loaders",
    outputs=("MODEL", "CLIP", "VAE"),
    fingerprint=file_stamp("checkpoints", "ckpt_name"),
)
def checkpoint_loader_simple(
    *, ckpt_name: Annotated[str, Choice(source="checkpoints")], library: Library
) -> tuple[MODEL, CLIP, VAE]:
    """Everything in a checkpoint: the diffusion network, the text encoder, the autoencoder.

    The kind of network is recognised from the file. A part that the file lacks is None.
    """
    checkpoint = library.checkpoint(ckpt_name)
    return checkpoint.model, checkpoint.clip, checkpoint.vae


@node(name="VAELoader", title="Load VAE", category="loaders", fingerprint=file_stamp("vae", "vae_name"))
def vae_loader(*, vae_name: Annotated[str, Choice(source="vae")], library: Library) -> VAE:
    """An autoencoder from a file of its own."""
    return library.autoencoder(vae_name)


def _adapted(part: Any, adapter: Any, strength: float) -> Any:
    """A model or text encoder with an adapter; itself where there is nothing to do."""
    return part if part is None or strength == 0 else part.with_adapter(adapter, strength)


@node(
    name="LoraLoader",
    title="Load LoRA",
    category="loaders",
    outputs=("MODEL", "CLIP"),
    fingerprint=file_stamp("loras", "lora_name"),
)
def lora_loader(
    *,
    model: MODEL,
    clip: CLIP,
    lora_name: AdapterName,
    strength_model: AdapterStrength = 1.0,
    strength_clip: AdapterStrength = 1.0,
    library: Library,
) -> tuple[MODEL, CLIP]:
    """A network and its text encoder, changed by a LoRA. Several can follow each other; negative strengths subtract."""
    if strength_model == 0 and strength_clip == 0:
        return model, clip
    adapter = library.adapter(lora_name)
    return _adapted(model, adapter, strength_model), _adapted(clip, adapter, strength_clip)


@node(
    name="LoraLoaderModelOnly",
    title="LoraLoaderModelOnly",
    category="loaders",
    fingerprint=file_stamp("loras", "lora_name"),
)
def lora_loader_model_only(
    *, model: MODEL, lora_name: AdapterName, strength_model: AdapterStrength = 1.0, library: Library
) -> MODEL:
    """A network changed by a LoRA; the text encoder is left alone."""
    return model if strength_model == 0 else _adapted(model, library.adapter(lora_name), strength_model)
