"""Weights of tokens: what they do to states."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from limner.models.text.chunks import Chunk

Weigh = Callable[[Tensor, Tensor, Tensor], Tensor]
"""States [... t d], those of an empty prompt, weights [t] or [n t]; gives the weighed states."""


def weights_of(chunks: Sequence[Chunk]) -> Tensor:
    """The weights of tokens in stretches of one length. Shapes: returns [n t]."""
    return torch.tensor([[token.weight for token in tokens] for tokens in chunks])


def weighted(states: Tensor, empty: Tensor, weights: Tensor) -> Tensor:
    """States whose distance to an empty prompt's is scaled; those of weight 1 stay bit for bit.

    Shapes: states [... t d], empty [... t d] or with fewer in front, weights [t] or [n t]; returns like states.
    """
    factors = weights[..., None]
    return torch.where(factors == 1.0, states, (states - empty) * factors + empty)


def rescaled(states: Tensor, _empty: Tensor, weights: Tensor) -> Tensor:
    """States times their weights, then all of a stretch by one number that gives them their former mean again.

    The way of A1111's web UI. Stretches without weights stay bit for bit.

    Shapes: states [... t d], weights [t] or [n t]; returns like states.
    """
    scaled = states * weights[..., None]
    before, after = (found.mean(dim=(-2, -1), keepdim=True) for found in (states, scaled))
    return torch.where(after == 0, scaled, scaled * (before / after))


def vectors_of(network: Any, chunks: Sequence[Chunk], stand_in: int, device: torch.device) -> Tensor:
    """Vectors [n t d] of tokens, learned ones in their places.

    Args:
        network: Has ``embed``.
        chunks: Stretches of one length.
        stand_in: The number that is read, and then replaced, where a learned vector is.
        device: Where the network computes.
    """
    rows = [[token.value if isinstance(token.value, int) else stand_in for token in tokens] for tokens in chunks]
    vectors = network.embed(torch.tensor(rows, device=device))
    for row, tokens in enumerate(chunks):
        for place, token in enumerate(tokens):
            if isinstance(token.value, Tensor):
                vectors[row, place] = token.value.to(vectors)
    return vectors
