"""Controls: what adds residuals to a network's blocks. Packs bring their own; loading files is not there yet."""

from __future__ import annotations

from comfy_host.control import ControlBase, T2IAdapter
from comfy_host.missing import absent
from limner.graph.errors import ModelFileError


class ControlNet(ControlBase):
    """A control network; packs subclass it."""


class ControlLora(ControlNet):
    """A control network stored as a change of the network that it controls."""


class StrengthType:
    """How a strength counts."""

    CONSTANT = 1
    LINEAR_UP = 2


def _later(name):
    def load(*_, **__):
        raise ModelFileError(
            f"comfy.controlnet.{name}: Limner does not load control networks yet. Controls that a pack brings itself "
            "(subclasses of ControlBase) work."
        )

    return load


load_controlnet = _later("load_controlnet")
load_controlnet_state_dict = _later("load_controlnet_state_dict")
load_t2i_adapter = _later("load_t2i_adapter")


def broadcast_image_to(tensor, target_batch_size, batched_number):
    """A hint for a batch of several conditionings."""
    from comfy_host.conditions import repeated

    if tensor.shape[0] == 1:
        return tensor
    return repeated(tensor, max(1, target_batch_size // batched_number)).repeat(batched_number, 1, 1, 1)[
        :target_batch_size
    ]


__getattr__ = absent(__name__)
