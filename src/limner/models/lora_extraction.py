"""LoRAs made of differences between networks: the two small matrices whose product comes nearest to each difference.

Source: Eckart and Young 1936 (the best approximation of a rank is that of the largest singular values); Halko,
Martinsson and Tropp 2011, algorithms 4.4 and 5.1, for large weights.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from limner.models.load.renaming import Rows
from limner.models.merging import PREFIXES, weight_of
from limner.models.network import Network
from limner.models.saving import stored_tensors
from limner.models.text.reading import TextBranch

NETWORK = "diffusion_model."
BEGINNINGS = (*PREFIXES, "transformer.", NETWORK)
"""What may stand before a denoising network's names in files."""

BIAS = ".bias"
EXACT = 512
"""Weights with a side up to this are decomposed exactly, larger ones by a random sketch of their range."""
SURPLUS, ROUNDS = 16, 4
"""Directions beside the wanted ones, and how often the sketch is sharpened: errors are below those of float16."""


@dataclass(frozen=True)
class Extraction:
    """How differences are written.

    Attributes:
        rank: Of the matrices.
        whole: Whether differences are written as they are, at their full size.
        biases: Whether changes of biases are written too.
    """

    rank: int
    whole: bool = False
    biases: bool = True

    def parts(self, name: str, difference: Tensor) -> dict[str, Tensor]:
        """The tensors for one tensor's difference; none where there is nothing to write. On the CPU, float16."""
        module = name.removesuffix(".weight")
        if name.endswith(BIAS):
            found = {f"{name.removesuffix(BIAS)}.diff_b": difference} if self.biases else {}
        elif self.whole or difference.ndim < 2 or not name.endswith(".weight"):
            found = {f"{module}.diff": difference}
        else:
            up, down = low_rank(difference, self.rank)
            found = {f"{module}.lora_up.weight": up, f"{module}.lora_down.weight": down}
        return {key: tensor.to("cpu", torch.float16).contiguous() for key, tensor in found.items()}


def low_rank(difference: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Two matrices whose product is near a difference, equally large.

    Shapes: difference [o i] or [o i h w]; returns up [o r] or [o r 1 1], down [r i] or [r i h w]; r at most ``rank``.
    """
    flat = difference.float().flatten(1)
    rank = min(rank, *flat.shape)
    left, sizes, right = _largest(flat, rank)
    root = sizes.sqrt()
    up, down = left * root, root[:, None] * right
    spatial = difference.shape[2:]
    return up.reshape(-1, rank, *(1 for _ in spatial)), down.reshape(rank, -1, *spatial)


def _largest(matrix: Tensor, rank: int) -> tuple[Tensor, Tensor, Tensor]:
    """The largest singular values and their vectors. Shapes: returns [m r], [r], [r n]."""
    if min(matrix.shape) <= max(EXACT, 2 * (rank + SURPLUS)):
        left, sizes, right = torch.linalg.svd(matrix, full_matrices=False)
        return left[:, :rank], sizes[:rank], right[:rank]
    generator = torch.Generator().manual_seed(0)  # the same file for the same networks
    sketch = torch.randn(matrix.shape[1], rank + SURPLUS, generator=generator).to(matrix)
    basis = torch.linalg.qr(matrix @ sketch).Q
    for _ in range(ROUNDS):
        basis = torch.linalg.qr(matrix @ torch.linalg.qr(matrix.T @ basis).Q).Q
    inner, sizes, right = torch.linalg.svd(basis.T @ matrix, full_matrices=False)
    return (basis @ inner)[:, :rank], sizes[:rank], right[:rank]


def network_differences(network: Network) -> Mapping[str, Tensor]:
    """A network's tensors as LoRAs name them: by the layout of publication."""
    if any(source.published for source in network.blueprint.keys.values()):
        return {NETWORK + name: tensor for name, tensor in _published(network)}
    return {NETWORK + _bare(name): tensor for name, tensor in stored_tensors(network).items()}


def text_differences(branch: TextBranch) -> Mapping[str, Tensor]:
    """A text encoder's tensors that adapters can change, as LoRAs name them."""
    beginning = f"text_encoders.{branch.name}.transformer."
    found: dict[str, Tensor] = {}
    for alias, target in branch.network.blueprint.aliases.items():
        if alias.startswith(beginning):
            found[f"{alias}.weight"] = weight_of(branch.network, target)
            bias = target.removesuffix(".weight") + BIAS
            if bias in branch.network.blueprint.keys:
                found[alias + BIAS] = weight_of(branch.network, bias)
    return found


def extracted(differences: Mapping[str, Tensor], how: Extraction, device: torch.device) -> Iterator[dict[str, Tensor]]:
    """The LoRA's tensors for each difference in turn; empty for those where networks are equal.

    Args:
        differences: By name.
        how: How they are written.
        device: Where they are decomposed.
    """
    for name, difference in differences.items():
        changes = difference.is_floating_point() and bool(difference.any())
        yield how.parts(name, difference.to(device)) if changes else {}


def _bare(name: str) -> str:
    return next((name.removeprefix(beginning) for beginning in BEGINNINGS if name.startswith(beginning)), name)


def _published(network: Network) -> Iterator[tuple[str, Tensor]]:
    """The tensors of the layout of publication, put together from those of a file in the network's own."""
    grouped: dict[str, list[tuple[int, Tensor]]] = defaultdict(list)
    for name, source in network.blueprint.keys.items():
        origin = source.published
        place: Any = None if origin is None else origin.transform
        weight = weight_of(network, name)
        start = place.start if isinstance(place, Rows) else 0
        turned = weight if place is None or isinstance(place, Rows) else place(weight)  # halves: turned twice is back
        grouped[name if origin is None else origin.names[0]].append((start, turned))
    for name, parts in grouped.items():
        ordered = [tensor for _, tensor in sorted(parts, key=lambda part: part[0])]
        yield name, ordered[0] if len(ordered) == 1 else torch.cat(ordered)
