"""Control networks: pictures that steer what is painted, beside the text."""

from typing import Annotated, Any

from torch import Tensor

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.graph.errors import NumericsError
from limner.media.resize import resize_masks
from limner.models.control.control import AppliedControl, ControlNet
from limner.models.control.registry import open_control_net
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import CONDITIONING, CONTROL_NET, IMAGE, MASK, MODEL, VAE
from limner.sampling.conditioning import CONTROL, FOR_OTHERS

CATEGORY = "conditioning/controlnet"
UNION_TYPES = (
    "openpose",
    "depth",
    "hed/pidi/scribble/ted",
    "canny/lineart/anime_lineart/mlsd",
    "normal",
    "segment",
    "tile",
    "repaint",
)
"""In the order in which union networks number them."""

ControlName = Annotated[str, Choice(source="controlnet")]
Strength = Annotated[float, Number(min=0.0, max=10.0, step=0.01)]
PartOfWalk = Annotated[float, Number(min=0.0, max=1.0, step=0.001)]
OptionalVae = Annotated[Any, Socket("VAE"), Flags(optional=True)]


@node(
    name="ControlNetLoader",
    title="Load ControlNet Model",
    category="loaders",
    fingerprint=file_stamp("controlnet", "control_net_name"),
)
def control_net_loader(*, control_net_name: ControlName, library: Library) -> CONTROL_NET:
    """A network that steers another one by a picture: a ControlNet, a control LoRA, a T2I-Adapter.

    Its kind is told from the file.
    """
    return open_control_net(library, control_net_name)


@node(
    name="DiffControlNetLoader",
    title="Load ControlNet Model (diff)",
    category="loaders",
    fingerprint=file_stamp("controlnet", "control_net_name"),
)
def diff_control_net_loader(*, model: MODEL, control_net_name: ControlName, library: Library) -> CONTROL_NET:
    """The same for files that only hold differences from the model they were trained with: its weights are added.

    Files that hold whole networks are loaded as they are, and control LoRAs, which borrow from the model that they
    steer.
    """
    return open_control_net(library, control_net_name, getattr(model, "network", None))


@node(name="ControlNetApply", title="Apply ControlNet (OLD)", category=CATEGORY)
def control_net_apply(
    *, conditioning: CONDITIONING, control_net: CONTROL_NET, image: IMAGE, strength: Strength = 1.0
) -> CONDITIONING:
    """Steers by a picture, what is wanted and what is not alike. ``ControlNetApplyAdvanced`` can do more."""
    if strength == 0:
        return conditioning
    control = applied_control(control_net, image, strength, 0.0, 1.0)
    return [[text, _steered(options, control, shared=True)] for text, options in conditioning]


@node(
    name="ControlNetApplyAdvanced",
    title="Apply ControlNet",
    category=CATEGORY,
    outputs=("positive", "negative"),
)
def control_net_apply_advanced(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    control_net: CONTROL_NET,
    image: IMAGE,
    strength: Strength = 1.0,
    start_percent: PartOfWalk = 0.0,
    end_percent: PartOfWalk = 1.0,
    vae: OptionalVae = None,
) -> tuple[CONDITIONING, CONDITIONING]:
    """Steers by a picture, during a part of the walk.

    The picture is cut and resized to the size that is painted. ``vae`` is needed by networks that look at latents
    (Flux, SD3, inpainting). Several controls can follow each other; they add up.
    """
    if strength == 0:
        return positive, negative
    control = applied_control(control_net, image, strength, start_percent, end_percent, vae)
    return on_both(positive, negative, control)


@node(
    name="ControlNetApplySD3",
    title="Apply Controlnet with VAE",
    category=CATEGORY,
    outputs=("positive", "negative"),
)
def control_net_apply_sd3(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    control_net: CONTROL_NET,
    vae: VAE,
    image: IMAGE,
    strength: Strength = 1.0,
    start_percent: PartOfWalk = 0.0,
    end_percent: PartOfWalk = 1.0,
) -> tuple[CONDITIONING, CONDITIONING]:
    """The same for networks that always look at latents."""
    if strength == 0:
        return positive, negative
    return on_both(positive, negative, applied_control(control_net, image, strength, start_percent, end_percent, vae))


@node(name="SetUnionControlNetType", title="SetUnionControlNetType", category=CATEGORY)
def set_union_control_net_type(
    *,
    control_net: CONTROL_NET,
    type: Annotated[str, Choice("auto", *UNION_TYPES)],  # noqa: A002 - the input's name
) -> CONTROL_NET:
    """Says what kind of picture a union network will be shown; ``auto`` leaves it to the network."""
    return control_net.with_settings(union_type=-1 if type == "auto" else UNION_TYPES.index(type))


@node(
    name="ControlNetInpaintingAliMamaApply",
    title="ControlNetInpaintingAliMamaApply",
    category=CATEGORY,
    outputs=("positive", "negative"),
)
def control_net_inpainting_apply(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    control_net: CONTROL_NET,
    vae: VAE,
    image: IMAGE,
    mask: MASK,
    strength: Strength = 1.0,
    start_percent: PartOfWalk = 0.0,
    end_percent: PartOfWalk = 1.0,
) -> tuple[CONDITIONING, CONDITIONING]:
    """Steers by a picture with a hole, for networks trained on that: the masked part is painted anew."""
    if strength == 0:
        return positive, negative
    height, width = image.shape[1:3]
    hole = resize_masks(mask.reshape(-1, *mask.shape[-2:]), width, height)[:, None]
    control = applied_control(control_net, image, strength, start_percent, end_percent, vae, hole)
    return on_both(positive, negative, control)


def applied_control(
    control_net: Any,
    image: Tensor,
    strength: float,
    start: float,
    end: float,
    vae: Any = None,
    masks: Tensor | None = None,
    region: Tensor | None = None,
) -> AppliedControl:
    """A control network with its picture. Args: as AppliedControl's.

    Raises:
        NumericsError: if it is another program's.
    """
    if not isinstance(control_net, ControlNet):
        raise NumericsError(
            f"A control network of Limner should come, but a {type(control_net).__name__} came. Connect the node that "
            "loaded it to nodes of the same pack."
        )
    pictures = image[..., :3].movedim(-1, 1).contiguous()
    return AppliedControl(control_net, pictures, strength, start, end, autoencoder=vae, masks=masks, region=region)


def _steered(options: dict[str, Any], control: AppliedControl, *, shared: bool) -> dict[str, Any]:
    """A conditioning's options with one more control."""
    before = options.get(CONTROL)
    return {**options, CONTROL: control.after(before), FOR_OTHERS: shared}


def on_both(positive: list[Any], negative: list[Any], control: AppliedControl) -> tuple[list[Any], list[Any]]:
    """What is wanted and what is not, both steered."""
    first, second = (
        [[text, _steered(options, control, shared=False)] for text, options in conditioning]
        for conditioning in (positive, negative)
    )
    return first, second
