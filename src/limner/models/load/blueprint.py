"""How a file's tensors become a network: built without memory, then given the mapped tensors."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from limner.graph.errors import ModelFileError
from limner.models.load.building import built
from limner.models.load.layout import Layout
from limner.models.load.model_file import ModelFile
from limner.models.load.precision import Precision


@dataclass(frozen=True)
class Source:
    """Where a network's tensor comes from.

    Attributes:
        names: Tensors of the file.
        transform: Makes one of them; None: the only one as it is.
        shape: Of what the transform makes, where it differs from the first tensor's.
        published: The same for a file in the layout of publication, without prefix, where this file has another:
            adapters may be made for either.
    """

    names: tuple[str, ...]
    transform: Callable[..., Tensor] | None = None
    shape: tuple[int, ...] | None = None
    published: "Source | None" = None


@dataclass(frozen=True)
class Piece:
    """Some rows of a file's weight, which are a weight of their own in the network.

    Attributes:
        target: The network's weight.
        rows: Which rows of the file's weight, [n] int64.
        count: How many rows the file's weight has.
    """

    target: str
    rows: Tensor
    count: int


@dataclass(frozen=True)
class Blueprint:
    """A network that could be built.

    Attributes:
        keys: The network's tensor names and their sources.
        build: Makes the network; called with ``meta`` as the default device.
        aliases: Names under which adapters know the network's modules, to names of its weights.
        addressed: How names of modules begin that are meant for this network.
        pieces: The same names to parts of weights, where the file keeps as one what the network keeps in parts.
        facts: What was inferred (channels, depth ...), for people.
    """

    keys: Mapping[str, Source]
    build: Callable[[], nn.Module]
    aliases: Mapping[str, str] = field(default_factory=dict)
    addressed: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    pieces: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)

    def elements(self, layout: Layout) -> int:
        """Number of weights."""
        return sum(
            math.prod(layout.shape(source.names[0]) if source.shape is None else source.shape)
            for source in self.keys.values()
        )


def load_network(
    blueprint: Blueprint,
    file: ModelFile,
    dtype: torch.dtype,
    device: torch.device,
    storage: str | None = None,
) -> nn.Module:
    """Builds the network and fills it from the file.

    A tensor that is already of the wanted type stays a view of the mapped file; others are converted one by one, and
    the file's pages are given back each time, so there is never a second copy of the whole. Packed weights (fp8, GGUF,
    nf4) stay packed; see ``quantised.tensor``.

    Args:
        blueprint: The network.
        file: Where its weights are.
        dtype: What it computes in.
        device: Where.
        storage: What weights of full precision are packed into, one of ``STORAGES``; None: they are not.

    Raises:
        ModelFileError: if tensors are missing or of the wrong shape.
    """
    network = built(blueprint.build)
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    reading = file.reading({name for source in blueprint.keys.values() for name in source.names})
    precision = Precision(dtype, storage)
    state: dict[str, Tensor] = {}
    for name, source in blueprint.keys.items():
        tensor = made(source, reading.tensors)
        state[name] = precision.placed(name, tensor, device)
        for part in source.names:
            if not _share(state[name], reading.tensors[part]):
                reading.drop(part)
    _check(file, expected, {name: tuple(tensor.shape) for name, tensor in state.items()})
    network.load_state_dict(state, strict=True, assign=True)
    settled(network, device)
    return network.requires_grad_(requires_grad=False)


def made(source: Source, stored: Mapping[str, Tensor]) -> Tensor:
    """A network's tensor, made of a file's; packed ones stay packed if only whole rows are moved."""
    parts = [stored[part] for part in source.names]
    return source.transform(*parts) if source.transform else parts[0]


def settled(network: nn.Module, device: torch.device) -> None:
    """Moves what the network computed itself to where it computes."""
    for owner in network.modules():
        for name, buffer in owner.named_buffers(recurse=False):
            if buffer.device != device:
                setattr(owner, name, buffer.to(device))


def _share(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are views of the same memory."""
    return one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()


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
