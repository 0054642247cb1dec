"""A weight that stays packed in memory and is numbers only while something computes with it.

To everything around it it is a tensor of its logical shape in the type that the network computes in: it stands in
``named_parameters`` under the weight's own name, layers and functions of any kind take it, moving a network to another
device moves it. An operation that it knows nothing of sees the numbers. What only moves rows about (splitting fused
projections, joining them, looking up tokens) works on the packed rows. It is never written in place.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils import swap_tensors

from limner.graph.errors import NumericsError
from limner.models.load.quantised.encoding import Encoding

AT_ONCE = 1 << 22
"""Numbers that are unpacked together, so that what is made on the way stays small."""


class QuantisedTensor(Tensor):
    """A packed weight.

    Attributes:
        codes: The packed rows [r ...].
        scales: What the rows are scaled by [r k]; None where the encoding keeps that in the codes.
        encoding: How to read them.
    """

    codes: Tensor
    scales: Tensor | None
    encoding: Encoding

    __torch_function__ = torch._C._disabled_torch_function_impl  # pyright: ignore[reportAssignmentType]

    @staticmethod
    def __new__(
        cls: type["QuantisedTensor"],
        encoding: Encoding,
        codes: Tensor,
        scales: Tensor | None,
        shape: tuple[int, ...],
        dtype: torch.dtype,
    ) -> "QuantisedTensor":
        """A packed weight of a logical shape, which is numbers of ``dtype`` to what computes with it."""
        made = Tensor._make_wrapper_subclass(cls, shape, dtype=dtype, device=codes.device)
        made.encoding, made.codes, made.scales = encoding, codes, scales
        return made

    def __init__(self, *arguments: Any) -> None: ...

    def __repr__(self, *, tensor_contents: object = None) -> str:
        return f"QuantisedTensor({self.encoding.name}, {tuple(self.shape)}, {self.dtype}, {self.device})"

    def __tensor_flatten__(self) -> tuple[list[str], Any]:
        names = ["codes"] if self.scales is None else ["codes", "scales"]
        return names, (self.encoding, tuple(self.shape), self.dtype)

    @staticmethod
    def __tensor_unflatten__(inner: dict[str, Tensor], meta: Any, size: Any, stride: Any) -> "QuantisedTensor":
        encoding, shape, dtype = meta
        return QuantisedTensor(encoding, inner["codes"], inner.get("scales"), shape, dtype)

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        from limner.models.load.quantised.operations import dispatch  # which needs this class

        return dispatch(func, args, kwargs or {})

    def __deepcopy__(self, memo: dict[int, Any]) -> "QuantisedTensor":
        if id(self) not in memo:
            memo[id(self)] = self._alike(self.clone())
        return memo[id(self)]

    def _alike(self, other: Tensor) -> Any:
        """Another tensor, as a parameter if this is one."""
        return nn.Parameter(other, requires_grad=False) if isinstance(self, nn.Parameter) else other.detach()

    @property
    def nbytes(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Bytes that it takes, packed."""
        return self.codes.nbytes + (0 if self.scales is None else self.scales.nbytes)

    @property
    def data(self) -> Tensor:
        """The same rows, as no parameter; another weight may be put in its place."""
        return self.detach()

    @data.setter
    def data(self, other: Tensor) -> None:
        swap_tensors(self, self._alike(other))

    def untyped_storage(self) -> torch.UntypedStorage:
        """The memory of the packed rows."""
        return self.codes.untyped_storage()

    def data_ptr(self) -> int:
        """There is none, so that nothing reads the packed rows as numbers, as writers of files would.

        Raises:
            NumericsError: always.
        """
        raise NumericsError("A packed weight has no numbers in memory: take them first (dequantised).")

    def numbers(self, dtype: torch.dtype | None = None) -> Tensor:
        """The weight as numbers; None: in the type that the network computes in. Cost: its full size, until dropped."""
        columns, kind = self.numel() // max(len(self), 1), dtype or self.dtype
        step = max(1, AT_ONCE // max(columns, 1))
        if len(self) <= step:
            return self.encoding.decode(self.codes, self.scales, columns, kind).reshape(self.shape)
        result = torch.empty((len(self), columns), dtype=kind, device=self.device)
        for first in range(0, len(self), step):
            rows = slice(first, first + step)
            scales = None if self.scales is None else self.scales[rows]
            result[rows] = self.encoding.decode(self.codes[rows], scales, columns, kind)
        return result.reshape(self.shape)

    def computing_in(self, dtype: torch.dtype) -> "QuantisedTensor":
        """The same rows for a network that computes in another type."""
        return QuantisedTensor(self.encoding, self.codes, self.scales, tuple(self.shape), dtype)

    def with_parts(
        self, codes: Tensor, scales: Tensor | None, shape: tuple[int, ...] | None = None
    ) -> "QuantisedTensor":
        """Other packed rows of the same encoding."""
        return QuantisedTensor(self.encoding, codes, scales, tuple(self.shape) if shape is None else shape, self.dtype)


def dequantised(holder: Tensor | nn.Module, name: str = "weight", dtype: torch.dtype | None = None) -> Tensor:
    """A weight as numbers; an ordinary tensor comes back as it is.

    Args:
        holder: The weight, or a module or network that has it.
        name: Its name there, dots included.
        dtype: The type of the numbers; None: what the network computes in.
    """
    if isinstance(holder, nn.Module):
        place, _, last = name.rpartition(".")
        weight = getattr(holder.get_submodule(place), last)
    else:
        weight = holder
    return weight.numbers(dtype) if isinstance(weight, QuantisedTensor) else weight
