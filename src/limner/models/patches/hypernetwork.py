"""Hypernetworks: small networks that change the text before a UNet's attentions make keys and values of it.

Files are those of the web UI that made them popular: by the width of what is changed, the weights of a network for keys
and of one for values, beside the activation and where it stands. Source: Kurumuz 2022, "NovelAI improvements on Stable
Diffusion", section on hypernetworks: x + f(x).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.nn import functional

from limner.graph.errors import ModelFileError
from limner.models.load.pickled import read_content
from limner.models.patches.patch import Hooks

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": functional.relu,
    "leakyrelu": functional.leaky_relu,
    "elu": functional.elu,
    "swish": functional.hardswish,  # trainers meant this one by that name
    "hardswish": functional.hardswish,
    "tanh": functional.tanh,
    "sigmoid": functional.sigmoid,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "mish": functional.mish,
    "selu": functional.selu,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "relu6": functional.relu6,
    "celu": functional.celu,
    "hardtanh": functional.hardtanh,
    "hardsigmoid": functional.hardsigmoid,
    "logsigmoid": functional.logsigmoid,
    "tanhshrink": functional.tanhshrink,
    "softshrink": functional.softshrink,
    "hardshrink": functional.hardshrink,
}

ORDER = {"linear1": "linear.0", "linear2": "linear.1"}
"""Names in the first files."""


@dataclass(frozen=True)
class Layer:
    """A linear layer, and the norm behind its activation if there is one. Shapes: weight [out in], others [out]."""

    weight: Tensor
    bias: Tensor | None
    norm: tuple[Tensor, Tensor] | None = None


@dataclass(frozen=True)
class SmallNetwork:
    """Layers with an activation between them; behind the last one only where the file says so."""

    layers: Sequence[Layer]
    activation: str
    last: bool

    def __call__(self, x: Tensor) -> Tensor:
        """What is added. Shapes: x [n t d]; returns like x."""
        act = ACTIVATIONS[self.activation]
        for number, layer in enumerate(self.layers, start=1):
            x = functional.linear(x, layer.weight.to(x), None if layer.bias is None else layer.bias.to(x))
            x = act(x) if number < len(self.layers) or self.last else x
            if layer.norm is not None:
                weight, bias = (part.to(x) for part in layer.norm)
                x = functional.layer_norm(x, x.shape[-1:], weight, bias)
        return x


@dataclass(frozen=True)
class Hypernetwork:
    """A file's networks, as a patch.

    Attributes:
        identity: Equal for equal files.
        strength: How strongly they count.
        networks: By width, for keys and for values.
    """

    identity: tuple[str, int]
    strength: float
    networks: Mapping[int, tuple[SmallNetwork, SmallNetwork]] = field(compare=False)

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""

        def change(query: Tensor, key: Tensor, value: Tensor, told: Mapping[str, Any]) -> tuple[Tensor, Tensor, Tensor]:
            found = self.networks.get(key.shape[-1])
            if found is None:
                return query, key, value
            return query, key + found[0](key) * self.strength, value + found[1](value) * self.strength

        hooks.add("attn1_patch", change)
        hooks.add("attn2_patch", change)


def read_hypernetwork(path: Path, strength: float) -> Hypernetwork:
    """The hypernetwork in a file.

    Raises:
        ModelFileError: if it holds none, or has an activation that is not known.
    """
    content = read_content(path)
    found = {width: pair for width, pair in content.items() if _is_pair(width, pair)} if _plain(content) else {}
    if not found:
        raise ModelFileError(
            f"{path.name} is no hypernetwork: it should hold pairs of networks by their width. Choose another file."
        )
    activation = str(content.get("activation_func") or "linear").lower()
    if activation not in ACTIVATIONS:
        raise ModelFileError(
            f"{path.name} uses the activation {activation}; known are {', '.join(ACTIVATIONS)}. Choose another file."
        )
    last = bool(content.get("activate_output", False))
    networks = {
        width: (
            SmallNetwork(layers_of(pair[0], path), activation, last),
            SmallNetwork(layers_of(pair[1], path), activation, last),
        )
        for width, pair in found.items()
    }
    return Hypernetwork((str(path.resolve()), path.stat().st_mtime_ns), strength, networks)


def layers_of(state: Mapping[str, Tensor], path: Path) -> tuple[Layer, ...]:
    """The layers of one network, in their order.

    Raises:
        ModelFileError: if there are none, or a norm stands before them.
    """
    modules: dict[int, dict[str, Tensor]] = {}
    for name, tensor in state.items():
        module, _, part = name.rpartition(".")
        number = ORDER.get(module, module).rpartition(".")[2]
        if number.isdigit():
            modules.setdefault(int(number), {})[part] = tensor.float()
    layers: list[Layer] = []
    for _, parts in sorted(modules.items()):
        if parts["weight"].ndim == 2:
            layers.append(Layer(parts["weight"], parts.get("bias")))
        elif layers:
            layers[-1] = Layer(layers[-1].weight, layers[-1].bias, (parts["weight"], parts["bias"]))
    if not layers:
        raise ModelFileError(f"{path.name} has a network without layers. The file is damaged: load it again.")
    return tuple(layers)


def _plain(content: Any) -> bool:
    return isinstance(content, Mapping)


def _is_pair(width: Any, pair: Any) -> bool:
    both = isinstance(pair, list | tuple) and len(pair) == len(("key", "value"))
    return isinstance(width, int) and both and all(_plain(state) for state in pair)
