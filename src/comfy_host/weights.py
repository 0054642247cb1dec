"""Weights under the names that node packs use, and packs' patches of them as changes that our networks take.

A denoising network's weights are named as in original checkpoints, behind ``diffusion_model.``; those of a text encoder
as transformers names them, behind ``clip_l.transformer.`` and its like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import Adapter
from limner.models.adapters.lora import LowRank
from limner.models.network import Network
from limner.models.parts.unet import PREFIX
from limner.models.text.reading import TextBranch

UNET = "diffusion_model."
Patch = tuple[float, Any, float, Any, Any]
"""(strength, value, strength of the weight itself, offset, function)."""


@dataclass(frozen=True)
class Place:
    """Where a named weight is: which of a model's networks, and its name there."""

    network: int
    target: str


def unet_places(network: Network) -> dict[str, Place]:
    """A denoising network's weights by name."""
    places: dict[str, Place] = {}
    for target, source in network.blueprint.keys.items():
        name = source.names[0].removeprefix(PREFIX).removeprefix("unet.")
        places[UNET + name] = Place(0, target)
    return places


def text_places(branches: Sequence[TextBranch]) -> dict[str, Place]:
    """Text encoders' weights by name."""
    places: dict[str, Place] = {}
    for number, branch in enumerate(branches):
        for target in branch.network.blueprint.keys:
            places[f"{branch.name}.transformer.{_text_name(target)}"] = Place(number, target)
    return places


def _text_name(target: str) -> str:
    """What transformers calls a weight; only in our CLIP networks it has another name."""
    if target.startswith("projection"):
        return f"text_{target}"
    return f"text_model.{target.removeprefix('text.')}" if target.startswith("text.") else target


def weights_of(networks: Sequence[Network], places: Mapping[str, Place]) -> dict[str, Tensor]:
    """Tensors by name; they are the network's own and must not be written. Cost: loads the networks."""
    held: list[dict[str, Tensor]] = []
    for network in networks:
        with network.lease("state") as module:
            held.append({**dict(module.named_parameters()), **dict(module.named_buffers())})
    return {name: held[place.network][place.target] for name, place in places.items()}


@dataclass(frozen=True)
class Patched:
    """A weight's patches; a ``Rewrite``."""

    patches: tuple[Patch, ...]
    key: str

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with its patches; strength is theirs already."""
        return calculate_weight(self.patches, weight, self.key)


def patched(
    networks: Sequence[Network], places: Mapping[str, Place], patches: Mapping[str, Sequence[Patch]], identity: object
) -> list[Network]:
    """The networks with patches by name. Equal identities stand for equal patches."""
    result = []
    for number, network in enumerate(networks):
        changes = {
            places[key].target: Patched(tuple(found), key)
            for key, found in patches.items()
            if key in places and places[key].network == number
        }
        adapter = Adapter("a node pack's patches", ("patches", identity), changes)
        result.append(network.with_changes(adapter, 1.0) if changes else network)
    return result


def calculate_weight(
    patches: Sequence[Any],
    weight: Tensor,
    key: str,
    intermediate_dtype: torch.dtype = torch.float32,
    original_weights: Mapping[str, Any] | None = None,
) -> Tensor:
    """A weight after its patches, in their order.

    Raises:
        NumericsError: if a patch does not fit the weight or is of an unknown kind.
    """
    for strength, value, strength_model, offset, function in patches:
        whole = weight.clone() if offset is not None else weight
        part = whole if offset is None else whole.narrow(*offset)
        scaled = part if strength_model == 1.0 else part * strength_model
        after = _after(scaled, value, strength, function, key, intermediate_dtype, original_weights)
        if offset is None:
            weight = after
        else:
            part.copy_(after)
            weight = whole
    return weight


def _after(
    weight: Tensor,
    value: Any,
    strength: float,
    function: Any,
    key: str,
    dtype: torch.dtype,
    originals: Mapping[str, Any] | None,
) -> Tensor:
    if isinstance(value, LowRankPatch):
        amount = value.amount(tuple(weight.shape))
    elif hasattr(value, "calculate_weight"):
        return value.calculate_weight(weight, key, strength, 1.0, None, function or _itself, dtype, originals)
    elif isinstance(value, list):
        first, convert = value[0]
        amount = calculate_weight(value[1:], convert(first.to(weight), inplace=False), key, dtype, originals)
    else:
        kind, content = ("diff", value) if len(value) == 1 else (value[0], value[1])
        if kind == "set":
            return content[0].to(weight).reshape(weight.shape)
        amount = _amount(kind, content, weight, key, originals)
    amount = amount.to(weight)
    return weight + (amount if function is None else function(amount)) * strength


def _itself(value: Any) -> Any:
    return value


def _amount(kind: str, content: Any, weight: Tensor, key: str, originals: Mapping[str, Any] | None) -> Tensor:
    if kind == "diff":
        if content[0].numel() != weight.numel():
            raise NumericsError(
                f"A patch of {key} has shape {list(content[0].shape)}, the weight {list(weight.shape)}: "
                "it was made for another model."
            )
        return content[0].float().reshape(weight.shape)
    if kind == "lora":
        return LowRankPatch.of(content).amount(tuple(weight.shape))
    if kind == "model_as_lora" and originals is not None:
        return content[0].float() - originals[key][0][0].float()
    raise NumericsError(f"Patches of the kind {kind!r} (for {key}) are not supported; diff, set and lora are.")


class LowRankPatch:
    """A LoRA layer as packs hold it: ``weights`` is (up, down, alpha, mid, dora scale, shape)."""

    name = "lora"

    def __init__(self, loaded_keys: set[str], weights: tuple[Any, ...]) -> None:
        self.loaded_keys, self.weights = loaded_keys, weights

    @classmethod
    def of(cls, weights: Sequence[Any]) -> LowRankPatch:
        """Of a tuple that may leave out what is at its end."""
        return cls(set(), (*weights, *(None,) * (6 - len(weights))))

    def amount(self, shape: tuple[int, ...]) -> Tensor:
        """What is added at strength 1. Raises NumericsError if it does not fit, or is of a kind that we lack."""
        padded: tuple[Any, ...] = (*self.weights, *(None,) * (6 - len(self.weights)))
        up, down, alpha, mid, dora, _ = padded
        if dora is not None:
            raise NumericsError("LoRA layers with a weight decomposition (DoRA) are not supported yet.")
        return LowRank(up, down, mid, None if alpha is None else float(alpha)).amount(shape)

    def calculate_weight(
        self, weight: Tensor, key: str, strength: float, strength_model: float, offset: Any, function: Any, *_: Any
    ) -> Tensor:
        """The weight with the layer added."""
        return calculate_weight([(strength, self, strength_model, offset, function)], weight, key)
