"""What a model family has to say of itself: one record, filled by one file in ``families``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import Parametrization


@dataclass(frozen=True)
class InputRequest:
    """What a family makes the inputs of its network from, for one conditioning entry.

    Attributes:
        entry: The entry's options (``pooled_output``, ``guidance``, ``width`` ...).
        context: Text [1 t d].
        latent: The walk's latent [b c h w] or [b c t h w] at the network's scale, for its size.
        latent_format: Scales further latents.
        facts: What was inferred of the network.
    """

    entry: Mapping[str, Any]
    context: Tensor
    latent: Tensor
    latent_format: LatentFormat
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Pass:
    """One forward pass of a denoising network, everything on its device.

    Attributes:
        x: [n c h w] or [n c t h w], scaled for the network, in its type.
        timestep: [n], float32.
        inputs: What ``Family.inputs`` gave, by name, [n ...]; in the network's type but for those called exact.
        options: What model-patching nodes set.
        reports: For tensors [n ...] that patches give beside the output.
        control: What control networks add inside the network, by side; see ``models.control``.
    """

    x: Tensor
    timestep: Tensor
    inputs: Mapping[str, Tensor]
    options: Mapping[str, Any] = field(default_factory=dict)
    reports: dict[str, Tensor] = field(default_factory=dict)
    control: Mapping[str, Sequence[Tensor | None]] = field(default_factory=dict)


Inputs = Callable[[InputRequest], dict[str, Tensor]]
"""Network inputs by name, each with a batch of 1. Inputs of equal shapes may share a forward pass."""

Forward = Callable[[Any, Pass], Tensor]
"""Calls a network of the family. Shapes: returns like ``Pass.x``."""


@dataclass(frozen=True)
class Family:
    """One architecture: how to recognise, load and describe it.

    Attributes:
        name: Short name, ``sdxl``.
        doc: One sentence for people.
        recognise: Whether a file's tensors are of this family.
        network: How to build the denoising network.
        parametrization: What the network's output means.
        latent_format: How latents are scaled and seen.
        native_size: Width and height in pixels that the family was trained at.
        inputs: What the network is given beside the latent.
        forward: How it is called.
        text_places: Where checkpoints keep text encoders beside the places that all families know, with their names.
        text_type: What the recipes of text encoders call the family; empty: by its name.
        exact: Inputs that keep their type: numbers that a short one would round.
        wide: Its numbers leave the range of float16, so it computes in bfloat16 where others would in that.
    """

    name: str
    doc: str
    recognise: Callable[[Layout], bool]
    network: Callable[[Layout], Blueprint]
    parametrization: Callable[[Layout], Parametrization]
    latent_format: LatentFormat
    native_size: int
    inputs: Inputs
    forward: Forward
    text_places: Mapping[str, str] = field(default_factory=dict)
    text_type: str = ""
    exact: frozenset[str] = frozenset()
    wide: bool = False
