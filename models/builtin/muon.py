"""An optimizer whose updates are orthogonal matrices (Muon, by Jordan and others, 2024)."""

from __future__ import annotations

import collections

import torch

# Quintic polynomial that drives singular values towards one in few steps (coefficients from the Muon article).
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ROUNDS = 5
MATCH = 0.2  # gives updates about the size of AdamW's, so that one learning rate serves both


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """Nearly the closest orthogonal matrix to each of a stack [count, rows, columns], rows at most columns."""
    a, b, c = COEFFICIENTS
    x = matrices.bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x


class Muon(torch.optim.Optimizer):
    """Momentum whose direction is made orthogonal; convolutions count as matrices of output channels by the rest.

    Args:
        parameters: Weights with two or more dimensions.
        lr: Learning rate, on AdamW's scale.
        momentum: Share of the earlier direction that is kept.
        weight_decay: Decoupled decay.
    """

    def __init__(
        self, parameters: list[torch.Tensor], lr: float = 1e-3, momentum: float = 0.95, weight_decay: float = 0.01
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """Changes all weights; those of one shape are made orthogonal together."""
        for group in self.param_groups:
            shapes = collections.defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    shapes[weight.flatten(1).shape].append(weight)
            for shape, weights in shapes.items():
                self._step_shape(group, shape, weights)

    def _step_shape(self, group: dict, shape: torch.Size, weights: list[torch.Tensor]) -> None:
        """Changes the weights of one shape."""
        directions = []
        for weight in weights:
            state = self.state[weight]
            if "direction" not in state:
                state["direction"] = torch.zeros_like(weight)
            state["direction"].lerp_(weight.grad, 1 - group["momentum"])
            directions.append(weight.grad.lerp(state["direction"], group["momentum"]).flatten(1))
        stack = torch.stack(directions)
        tall = shape[0] > shape[1]
        updates = orthogonal(stack.mT if tall else stack)
        updates = (updates.mT if tall else updates).float()
        scale = MATCH * max(shape) ** 0.5 * group["lr"]
        for weight, update in zip(weights, updates, strict=True):
            weight.mul_(1 - group["lr"] * group["weight_decay"]).sub_(update.reshape(weight.shape), alpha=scale)
