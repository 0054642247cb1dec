"""A kind of adapter in one trainer's layout, with a layer and what the trainer's own library makes of it."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from limner.models.adapters.adapter import BIAS
from limner.models.adapters.registry import load_kinds, read_adapter
from limner.models.load.model_file import ModelFile
from limner.models.memory.changes import changed

SPREAD = 0.3


@dataclass(frozen=True)
class AdapterCase:
    """One kind in one layout.

    Attributes:
        kind: As in ``limner.models.adapters``.
        layout: Whose file.
        oracle: What the expected outputs come from.
        make: For a layer: the file's tensors with random values, and the outputs of the adapted layer for inputs.
        linear: Whether linear layers only.
        metadata: Texts of the file.
    """

    kind: str
    layout: str
    oracle: str
    make: Callable[[nn.Module], tuple[dict[str, Tensor], Callable[[Tensor], Tensor]]]
    linear: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)

    def error(self, layer: nn.Module) -> float:
        """Largest difference of outputs, relative to their size, between our changed layer and the oracle's."""
        before = {name: value.detach() for name, value in layer.state_dict().items()}
        tensors, expected = self.make(copy.deepcopy(layer))  # some oracles change the layer that they are given
        file = replace(ModelFile.of(tensors), metadata=self.metadata)
        adapter = read_adapter(self.kind, file, load_kinds())
        changes = {}
        for module, change in adapter.changes.items():
            changes["bias" if module.endswith(BIAS) else "weight"] = change
        assert "weight" in changes
        state = {
            name: changed(value, [(changes[name], 1.0)]) if name in changes else value for name, value in before.items()
        }
        shape = (3, layer.in_features) if isinstance(layer, nn.Linear) else (3, layer.in_channels, 7, 7)
        x = torch.randn(shape)
        wanted = expected(x)
        return float((applied(layer, state, x) - wanted).abs().max() / wanted.abs().max())


def applied(layer: nn.Module, state: dict[str, Tensor], x: Tensor) -> Tensor:
    """The layer's outputs with other weights."""
    if isinstance(layer, nn.Linear):
        return nn.functional.linear(x, state["weight"], state["bias"])
    return nn.functional.conv2d(x, state["weight"], state["bias"])


def disturbed(module: nn.Module) -> None:
    """Gives trainable values a random change, so that nothing is zero."""
    with torch.no_grad():
        for value in module.parameters():
            if value.requires_grad:
                value.add_(torch.randn_like(value) * SPREAD)


def layers() -> list[nn.Module]:
    """A linear layer and two convolutions."""
    return [nn.Linear(24, 16), nn.Conv2d(24, 16, 3), nn.Conv2d(24, 16, 1)]
