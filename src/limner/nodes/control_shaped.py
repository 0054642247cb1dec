"""Control networks that count differently from block to block, or in a part of the picture only."""

from dataclasses import replace
from typing import Annotated, Any

from limner.graph.declare import Flags, Number, Socket, node
from limner.models.control.shaping import DECAY, REGION
from limner.nodes.control import CATEGORY, OptionalVae, PartOfWalk, Strength, applied_control, on_both
from limner.nodes.growing import OWN
from limner.nodes.masks import stacked
from limner.nodes.sockets import CONDITIONING, CONTROL_NET, IMAGE

Decay = Annotated[float, Number(min=0.0, max=1.0, step=0.005)]
OptionalMask = Annotated[Any, Socket("MASK"), Flags(optional=True)]


@node(
    name="ControlNetApplyShaped",
    title="Apply ControlNet (blocks and region)",
    category=CATEGORY,
    outputs=("positive", "negative"),
    module=OWN,
)
def control_net_apply_shaped(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    control_net: CONTROL_NET,
    image: IMAGE,
    strength: Strength = 1.0,
    start_percent: PartOfWalk = 0.0,
    end_percent: PartOfWalk = 1.0,
    decay: Decay = 1.0,
    vae: OptionalVae = None,
    mask: OptionalMask = None,
) -> tuple[CONDITIONING, CONDITIONING]:
    """Steers by a picture as ``ControlNetApplyAdvanced`` does, with a weight for each block and each place.

    ``decay`` 1 is the plain network; below, each block counts the less the shallower it is, so that the text wins where
    text and picture disagree (0.825 is what the web UIs call "my prompt is more important"). Where ``mask`` is black
    the picture does not steer; networks of UNets only.
    """
    if strength == 0:
        return positive, negative
    region = None if mask is None else stacked(mask)[:1, None]
    control = applied_control(control_net, image, strength, start_percent, end_percent, vae, region=region)
    settings = ({} if decay == 1.0 else {DECAY: decay}) | ({} if region is None else {REGION: True})
    return on_both(positive, negative, replace(control, net=control.net.with_settings(**settings)))
