"""Files with networks that step into another one, and the nodes that use them."""

from typing import Annotated, Any

from limner.graph.declare import Choice, Socket, node
from limner.models.model_patches.registry import open_model_patch
from limner.models.model_patches.uso import style_reference
from limner.models.patches.patch import with_patch
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import CLIP_VISION_OUTPUT, MODEL

MODEL_PATCH = Annotated[Any, Socket("MODEL_PATCH")]


@node(
    name="ModelPatchLoader",
    title="ModelPatchLoader",
    category="advanced/loaders",
    fingerprint=file_stamp("model_patches", "name"),
)
def model_patch_loader(*, name: Annotated[str, Choice(source="model_patches")], library: Library) -> MODEL_PATCH:
    """A network that steps into another, from the folder ``model_patches``. Its kind is told from the file."""
    return open_model_patch(library, name)


@node(name="USOStyleReference", title="USOStyleReference", category="advanced/model_patches/flux")
def uso_style_reference(*, model: MODEL, model_patch: MODEL_PATCH, clip_vision_output: CLIP_VISION_OUTPUT) -> MODEL:
    """Lets Flux.1 with USO's LoRA see the style of pictures, by USO's projector and SigLIP."""
    return with_patch(model, style_reference(model_patch, clip_vision_output))
