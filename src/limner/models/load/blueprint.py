"""How a file's tensors become a network: built without memory, then given the mapped tensors."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from limner.graph.errors import ModelFileError
from limner.models.load.layout import Layout
from limner.models.load.model_file import ModelFile


@dataclass(frozen=True)
class Source:
    """Where a network's tensor comes from.

    Attributes:
        names: Tensors of the file.
        transform: Makes one of them; None: the only one as it is.
    """

    names: tuple[str, ...]
    transform: Callable[..., Tensor] | None = None


@dataclass(frozen=True)
class Blueprint:
    """A network that could be built.

    Attributes:
        keys: The network's tensor names and their sources.
        build: Makes the network; called with ``meta`` as the default device.
        aliases: Names under which adapters know the network's modules, to names of its weights.
        addressed: How names of modules begin that are meant for this network.
        facts: What was inferred (channels, depth ...), for people.
    """

    keys: Mapping[str, Source]
    build: Callable[[], nn.Module]
    aliases: Mapping[str, str] = field(default_factory=dict)
    addressed: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    def elements(self, layout: Layout) -> int:
        """Number of weights."""
        return sum(math.prod(layout.shape(source.names[0])) for source in self.keys.values())


def load_network(blueprint: Blueprint, file: ModelFile, dtype: torch.dtype, device: torch.device) -> nn.Module:
    """Builds the network and fills it from the file.

    A tensor that is already of the wanted type stays a view of the mapped file; others are converted one by one, so
    there is never a second copy of the whole.

    Raises:
        ModelFileError: if tensors are missing or of the wrong shape.
    """
    with torch.device("meta"):
        network = blueprint.build()
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    stored = file.read({name for source in blueprint.keys.values() for name in source.names})
    state: dict[str, Tensor] = {}
    for name, source in blueprint.keys.items():
        parts = [stored[part] for part in source.names]
        tensor = source.transform(*parts) if source.transform else parts[0]
        state[name] = tensor.to(device=device, dtype=dtype) if tensor.is_floating_point() else tensor.to(device)
    _check(file, expected, {name: tuple(tensor.shape) for name, tensor in state.items()})
    network.load_state_dict(state, strict=True, assign=True)
    return network.requires_grad_(requires_grad=False).eval()


def _check(file: ModelFile, expected: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...]]) -> None:
    """Raises ModelFileError unless names and shapes are equal."""
    missing = sorted(expected.keys() - found.keys())
    surplus = sorted(found.keys() - expected.keys())
    wrong = [name for name in expected.keys() & found.keys() if expected[name] != found[name]]
    complaints = []
    if missing:
        complaints.append(f"{len(missing)} tensors are missing ({', '.join(missing[:3])} ...)")
    if surplus:
        complaints.append(f"{len(surplus)} tensors have no place ({', '.join(surplus[:3])} ...)")
    if wrong:
        name = min(wrong)
        complaints.append(
            f"{len(wrong)} tensors have a wrong shape ({name}: expected {expected[name]}, came {found[name]})"
        )
    if complaints:
        raise ModelFileError(f"{file.path.name} does not fit its network: {'; '.join(complaints)}. Is it complete?")
