"""A small catalog: the node types of the sample workflows, declared by hand and without code."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

from limner.graph.api_document import from_document
from limner.graph.catalog import Catalog, Named
from limner.graph.declare import Choice, Flags, NodeDefinition, Number, Socket, Text, node
from limner.graph.graph import Graph

MODEL = Annotated[Any, Socket("MODEL")]
CLIP = Annotated[Any, Socket("CLIP")]
VAE = Annotated[Any, Socket("VAE")]
LATENT = Annotated[Any, Socket("LATENT")]
IMAGE = Annotated[Any, Socket("IMAGE")]
MASK = Annotated[Any, Socket("MASK")]
CONDITIONING = Annotated[Any, Socket("CONDITIONING")]
ANYTHING = Annotated[Any, Socket("*")]
Prompt = Annotated[str, Text(multiline=True, dynamic_prompts=True)]
Side = Annotated[int, Number(min=16, max=16384, step=8)]
Seed = Annotated[int, Number(min=0, max=2**64 - 1, options={"control_after_generate": True})]
Strength = Annotated[float, Number(min=-100.0, max=100.0, step=0.01)]
Names = Annotated[str, Choice(source="samplers")]


@node(title="Load Checkpoint", category="loaders")
def CheckpointLoaderSimple(*, ckpt_name: Annotated[str, Choice(source="checkpoints")]) -> tuple[MODEL, CLIP, VAE]:
    """Loads."""


@node(title="Load VAE", category="loaders")
def VAELoader(*, vae_name: Annotated[str, Choice(source="vae")]) -> VAE:
    """Loads."""


@node(title="Load LoRA", category="loaders")
def LoraLoader(
    *,
    model: MODEL,
    clip: CLIP,
    lora_name: Annotated[str, Choice(source="loras")],
    strength_model: Strength = 1.0,
    strength_clip: Strength = 1.0,
) -> tuple[MODEL, CLIP]:
    """Adapts."""


@node(title="Empty Latent Image", category="latent")
def EmptyLatentImage(
    *, width: Side = 512, height: Side = 512, batch_size: Annotated[int, Number(min=1, max=4096)] = 1
) -> LATENT:
    """Makes."""


@node(title="Upscale Latent", category="latent")
def LatentUpscale(
    *,
    samples: LATENT,
    upscale_method: Annotated[str, Choice("nearest-exact", "bilinear")],
    width: Annotated[int, Number(min=0, max=16384, step=8)] = 512,
    height: Annotated[int, Number(min=0, max=16384, step=8)] = 512,
    crop: Annotated[str, Choice("disabled", "center")],
) -> LATENT:
    """Enlarges."""


@node(title="CLIP Text Encode (Prompt)", category="conditioning")
def CLIPTextEncode(*, text: Prompt, clip: CLIP) -> CONDITIONING:
    """Encodes."""


@node(title="Conditioning Zero Out", category="conditioning")
def ConditioningZeroOut(*, conditioning: CONDITIONING) -> CONDITIONING:
    """Empties."""


@node(title="Apply ControlNet", category="conditioning", outputs=("positive", "negative"))
def ControlNetApplyAdvanced(
    *, positive: CONDITIONING, negative: CONDITIONING, strength: Strength = 1.0
) -> tuple[CONDITIONING, CONDITIONING]:
    """Guides."""


@node(title="KSampler", category="sampling")
def KSampler(
    *,
    model: MODEL,
    seed: Seed = 0,
    steps: Annotated[int, Number(min=1, max=10000)] = 20,
    cfg: Annotated[float, Number(min=0.0, max=100.0, step=0.1)] = 8.0,
    sampler_name: Names,
    scheduler: Annotated[str, Choice(source="schedules")],
    positive: CONDITIONING,
    negative: CONDITIONING,
    latent_image: LATENT,
    denoise: Annotated[float, Number(min=0.0, max=1.0, step=0.01)] = 1.0,
) -> LATENT:
    """Draws."""


@node(title="VAE Decode", category="latent")
def VAEDecode(*, samples: LATENT, vae: VAE) -> IMAGE:
    """Decodes."""


@node(title="Save Image", category="image", output=True)
def SaveImage(*, images: IMAGE, filename_prefix: str = "ComfyUI") -> None:
    """Saves."""


@node(title="Preview Image", category="image", output=True)
def PreviewImage(*, images: IMAGE) -> None:
    """Shows."""


@node(title="Load Image", category="image")
def LoadImage(*, image: Annotated[str, Choice(source="input pictures", image_upload=True)]) -> tuple[IMAGE, MASK]:
    """Reads."""


@node(title="Load Image (as Mask)", category="mask")
def LoadImageMask(
    *,
    image: Annotated[str, Choice(source="input pictures", image_upload=True)],
    channel: Annotated[str, Choice("alpha", "red", "green", "blue")],
) -> MASK:
    """Reads."""


@node(title="Empty Image", category="image")
def EmptyImage(*, width: Annotated[int, Number(min=1, max=16384, step=1)] = 512) -> IMAGE:
    """Makes."""


@node(title="Blend", category="image")
def Blend(*, first: IMAGE, second: Annotated[Any, Socket("IMAGE"), Flags(optional=True)]) -> IMAGE:
    """Two into one."""


@node(title="Int", category="utils/primitive")
def PrimitiveInt(*, value: Annotated[int, Number(options={"control_after_generate": True})] = 0) -> int:
    """A number."""


@node(title="String", category="utils/primitive")
def PrimitiveString(*, value: str = "") -> str:
    """A text."""


@node(title="Show", category="utils", output=True)
def Show(
    *,
    text: Annotated[str, Flags(force_input=True)],
    flag: bool = False,
    mode: Annotated[str, Choice("a", "b")] = "a",
    several: Annotated[str, Choice("p", "q", multiselect=True), Flags(optional=True)] = "p",
    anything: Annotated[Any, Socket("*"), Flags(optional=True)],
) -> None:
    """Shows many kinds."""


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    found = [value for value in globals().values() if isinstance(value, NodeDefinition)]
    names = ("euler", "euler_ancestral", "heun", "dpm_2", "lms", "ddim", *(f"other_{number}" for number in range(20)))
    return Catalog(
        nodes={definition.type.name: definition.type for definition in found},
        samplers=tuple(Named(name=name) for name in names),
        schedules=(Named(name="normal"), Named(name="karras")),
    )


@pytest.fixture(scope="session")
def lists() -> Callable[[str], list[str]]:
    known = {
        "checkpoints": ["sub/model.safetensors", "limner-mini.safetensors"],
        "vae": ["limner-mini.safetensors"],
        "loras": [],
        "input pictures": ["here.png"],
    }
    return known.__getitem__


@pytest.fixture(scope="session")
def workflows() -> Path:
    return Path(__file__).parents[2] / "golden" / "workflows"


@pytest.fixture
def read() -> Callable[..., Graph]:
    """Builds a graph from ``id=(type, inputs)`` with ids ``n1``, ``n2`` for nodes 1 and 2."""

    def build(**nodes: tuple[str, dict[str, Any]]) -> Graph:
        return from_document(
            {name.removeprefix("n"): {"class_type": kind, "inputs": inputs} for name, (kind, inputs) in nodes.items()}
        )

    return build
