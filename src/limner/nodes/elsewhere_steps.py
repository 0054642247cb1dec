"""Single steps that another Limner computes: texts, autoencoders, upscalers. What comes back is what it would be here.

The machine that denoises then needs no text encoder and no autoencoder in its memory.
"""

from typing import Annotated, Any

from limner.graph.declare import Choice, Flags, Service, Text, node
from limner.graph.elsewhere import PROVIDERS_ROUTE, Elsewhere
from limner.graph.errors import SettingsError, StepError
from limner.graph.graph import Graph, Link, Node
from limner.graph.progress import Progress
from limner.media.tensor_files import decode_value, encode_value
from limner.nodes.growing import OWN
from limner.nodes.sockets import CONDITIONING, IMAGE, LATENT
from limner.nodes.widgets import Prompt

CATEGORY = "advanced/elsewhere"
SENT, BACK = "sent.safetensors", "back"

ElsewhereService = Annotated[Elsewhere, Service()]
ProgressService = Annotated[Progress, Service()]
Provider = Annotated[str, Choice(remote={"route": PROVIDERS_ROUTE, "refresh_button": True})]
NameThere = Annotated[str, Text()]
OptionalName = Annotated[str, Text(), Flags(optional=True)]


@node(name="EncodeTextElsewhere", title="Encode Text Elsewhere", category=CATEGORY, module=OWN)
async def encode_text_elsewhere(
    *,
    provider: Provider,
    model: NameThere = "",
    text: Prompt = "",
    text_encoder: OptionalName = "",
    text_kind: OptionalName = "stable_diffusion",
    elsewhere: ElsewhereService,
    progress: ProgressService,
) -> CONDITIONING:
    """A text as another Limner encodes it, with a checkpoint of its own, or with a text encoder of its own.

    Without a text encoder the one inside the checkpoint is taken.
    """
    loader = {"clip_name": text_encoder, "type": text_kind}
    nodes = {
        "loader": _node("CLIPLoader", **loader) if text_encoder else _checkpoint(model),
        "encoded": _node("CLIPTextEncode", clip=Link("loader", 0 if text_encoder else 1), text=text),
    }
    return await _computed(elsewhere, progress, provider, nodes, "encoded")


@node(name="DecodeElsewhere", title="Decode Elsewhere", category=CATEGORY, module=OWN)
async def decode_elsewhere(
    *,
    provider: Provider,
    samples: LATENT,
    model: NameThere = "",
    vae: OptionalName = "",
    elsewhere: ElsewhereService,
    progress: ProgressService,
) -> IMAGE:
    """A latent as another Limner decodes it, with the autoencoder of a checkpoint of its own, or with one by itself."""
    nodes = _autoencoder(model, vae) | {
        "sent": _node("LoadTensors", file=SENT),
        "decoded": _node("VAEDecode", samples=Link("sent", 0), vae=_vae(vae)),
    }
    return await _computed(elsewhere, progress, provider, nodes, "decoded", samples)


@node(name="EncodeElsewhere", title="Encode Elsewhere", category=CATEGORY, module=OWN)
async def encode_elsewhere(
    *,
    provider: Provider,
    pixels: IMAGE,
    model: NameThere = "",
    vae: OptionalName = "",
    elsewhere: ElsewhereService,
    progress: ProgressService,
) -> LATENT:
    """An image as another Limner encodes it, with the autoencoder of a checkpoint of its own, or with one by itself."""
    nodes = _autoencoder(model, vae) | {
        "sent": _node("LoadTensors", file=SENT),
        "encoded": _node("VAEEncode", pixels=Link("sent", 0), vae=_vae(vae)),
    }
    return await _computed(elsewhere, progress, provider, nodes, "encoded", pixels)


@node(name="UpscaleElsewhere", title="Upscale Elsewhere", category=CATEGORY, module=OWN)
async def upscale_elsewhere(
    *,
    provider: Provider,
    image: IMAGE,
    upscale_model: NameThere = "",
    elsewhere: ElsewhereService,
    progress: ProgressService,
) -> IMAGE:
    """An image that another Limner makes larger, with an upscaler of its own."""
    nodes = {
        "loader": _node("UpscaleModelLoader", model_name=upscale_model),
        "sent": _node("LoadTensors", file=SENT),
        "larger": _node("ImageUpscaleWithModel", upscale_model=Link("loader", 0), image=Link("sent", 0)),
    }
    return await _computed(elsewhere, progress, provider, nodes, "larger", image)


async def _computed(
    elsewhere: Elsewhere, progress: Progress, provider: str, nodes: dict[str, Node], result: str, sent: Any = None
) -> Any:
    """What a node of a small graph gives there.

    Args:
        elsewhere: Computes it.
        progress: Is told how far it is.
        provider: Where.
        nodes: The graph.
        result: The node.
        sent: The value that the graph loads; None: it loads none.
    """
    graph = Graph(nodes | {BACK: _node("SaveTensors", value=Link(result, 0))})
    files = {} if sent is None else {SENT: encode_value(sent)}
    found = await elsewhere.compute(provider, graph, files, progress)
    if BACK not in found:
        raise StepError(f"{provider} ran the step and gave no value back. Is it a Limner of this version?")
    return decode_value(found[BACK], f"the answer of {provider}")


def _autoencoder(model: str, vae: str) -> dict[str, Node]:
    return {"loader": _node("VAELoader", vae_name=vae) if vae else _checkpoint(model)}


def _vae(vae: str) -> Link:
    return Link("loader", 0 if vae else 2)


def _checkpoint(model: str) -> Node:
    if not model:
        raise SettingsError("Name a checkpoint that the other service has, or a file of its own for this step.")
    return _node("CheckpointLoaderSimple", ckpt_name=model)


def _node(kind: str, **inputs: Any) -> Node:
    return Node(type=kind, inputs=inputs)
