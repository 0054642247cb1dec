"""GLIGEN: texts in boxes. What stands where, told beside the prompt.

A box belongs to a conditioning entry; the layers that look at boxes are a patch of its network. Whoever was trained
with them was also told where there are no boxes, so predictions of other texts are told that.
Source: Li et al. 2023, "GLIGEN: open-set grounded text-to-image generation", sections 3.2 and 3.3; all steps are
grounded (scheduled sampling with tau = 1).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.family import InputRequest
from limner.models.library import ModelLibrary
from limner.models.network import Network
from limner.models.parts.gligen_layers import gligen_blueprint
from limner.models.patches.patch import Hooks

GROUNDING = "gligen"
"""Option of conditioning entries: a Grounding."""

MOST = 30
"""Boxes that a network is told of at once; fewer are filled up, as in training."""

BOXES, TEXTS, PRESENT = "gligen.boxes", "gligen.texts", "gligen.present"
"""Inputs of a pass: see ``GroundingLayers.forward``."""


@dataclass(frozen=True)
class Gligen:
    """GLIGEN's layers, loaded when leased: the value of GLIGEN sockets."""

    network: Network

    @property
    def text(self) -> int:
        """Length of the pooled text that it wants."""
        return int(str(self.network.blueprint.facts["text"]))


@dataclass(frozen=True, eq=False)
class Box:
    """A text and where it belongs.

    Attributes:
        text: Pooled, [p].
        left: In latent elements,
        top: likewise,
        width: likewise,
        height: likewise.
    """

    text: Tensor
    left: int
    top: int
    width: int
    height: int

    def shares(self, latent: Tensor) -> list[float]:
        """Left, top, right, bottom as shares of a latent [... h w]."""
        height, width = latent.shape[-2:]
        right, bottom = self.left + self.width, self.top + self.height
        return [self.left / width, self.top / height, right / width, bottom / height]


@dataclass(frozen=True, eq=False)
class Grounding:
    """Boxes of a conditioning entry. An ``EntryPatch``; other predictions are told that they have none."""

    net: Gligen
    boxes: tuple[Box, ...] = ()

    def absent(self) -> "Grounding":
        """No box. See ``Missed``."""
        return Grounding(self.net)

    def patch(self) -> Hashable:
        """See ``EntryPatch``."""
        return GroundedAttention(self.net.network.key, self.net)

    def patch_inputs(self, request: InputRequest) -> dict[str, Tensor]:
        """See ``EntryPatch``.

        Raises:
            NumericsError: if the network is no UNet with such a text.
        """
        width, found = self.net.network.blueprint.facts["width"], request.facts
        if "channels" not in found or found.get("context") != width:
            raise NumericsError(
                f"{self.net.network.what} goes with UNets whose text has {width} numbers per token; this model is none "
                "of them. Use it with Stable Diffusion 1, or take GLIGENTextBoxApply out."
            )
        boxes, texts = torch.zeros(1, MOST, 4), torch.zeros(1, MOST, self.net.text)
        present = torch.zeros(1, MOST)
        for number, box in enumerate(self.boxes):
            boxes[0, number] = torch.tensor(box.shares(request.latent))
            texts[0, number], present[0, number] = box.text, 1.0
        return {BOXES: boxes, TEXTS: texts, PRESENT: present}


@dataclass(frozen=True)
class GroundedAttention:
    """Attention to boxes in every transformer block of a UNet, between its two others. A ``UnetPatch``."""

    key: Hashable
    net: Gligen = field(compare=False, repr=False)

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``.

        Raises:
            NumericsError: if it was made for a network with other attentions.
        """
        places, layers = self.net.network.blueprint.facts["fusers"], self.net.network
        attentions = sum(name.endswith(".attn2") for name, _ in network.named_modules())
        if places != attentions:
            raise NumericsError(
                f"{layers.what} has layers for {places} attentions and the model {attentions}: it was made for another "
                "model family."
            )
        tokens: list[Tensor] = []  # of this pass

        def fuse(rows: Tensor, told: Mapping[str, Any]) -> Tensor:
            with layers.lease("boxes") as found:
                if not tokens:
                    given = (told["inputs"][name] for name in (BOXES, TEXTS, PRESENT))
                    tokens.append(found(*(self._placed(value) for value in given)))
                place = (*told["block"], told["block_index"])
                return found.fused(place, self._placed(rows), tokens[0]).to(rows)

        hooks.add("middle_patch", fuse)

    def _placed(self, value: Tensor) -> Tensor:
        return value.to(device=self.net.network.device, dtype=self.net.network.dtype)


def grounded(options: Mapping[str, Any], net: Gligen, box: Box) -> dict[str, Any]:
    """A conditioning entry's options with one more box.

    Raises:
        NumericsError: if there are too many, or the text is that of another encoder.
    """
    before = options.get(GROUNDING)
    boxes = (*(before.boxes if isinstance(before, Grounding) else ()), box)
    if len(boxes) > MOST:
        raise NumericsError(f"GLIGEN is told of {MOST} boxes at most, but this is one more: leave some out.")
    if len(box.text) != net.text:
        raise NumericsError(
            f"This GLIGEN model wants pooled text of {net.text} numbers, but the text encoder gives {len(box.text)}. "
            "Connect the CLIP of the Stable Diffusion 1 model that it is used with."
        )
    return {**options, GROUNDING: Grounding(net, boxes)}


def open_gligen(library: ModelLibrary, name: str) -> Gligen:
    """A GLIGEN model by name. Cost: reads the header.

    Raises:
        UnknownNameError: if there is no such file.
        ModelFileError: if it is none for boxes with texts.
    """
    file = library.open("gligen", name)
    blueprint = gligen_blueprint(file.layout)
    if blueprint is None:
        raise ModelFileError(
            f"{file.path.name} is no GLIGEN model for boxes with texts: it should hold position_net."
            "null_positive_feature and layers called fuser. Those for pictures, key points or depth are not supported."
        )
    return Gligen(library.network(f"{file.path.name} (GLIGEN)", file, blueprint))
