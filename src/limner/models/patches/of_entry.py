"""Patches that come with a text: for its predictions only, told what they need as inputs of the network.

A patch of a whole model is among the model's options. One that belongs to a conditioning entry is found here, when
``DiffusionModel.for_entry`` asks which network answers. What differs between entries must be among the inputs and not
in the patch, so that entries share forward passes.
"""

from collections.abc import Hashable, Mapping
from typing import Any, Protocol, runtime_checkable

from torch import Tensor

from limner.models.family import InputRequest


@runtime_checkable
class EntryPatch(Protocol):
    """An option of conditioning entries that patches the network which answers for them."""

    def patch(self) -> Hashable:
        """The patch, see ``patch``; equal ones may share a pass."""
        ...

    def patch_inputs(self, request: InputRequest) -> dict[str, Tensor]:
        """What the patch finds among the inputs of a pass, each with a batch of 1, by names of its own.

        Raises:
            NumericsError: if the patch cannot be on such a network.
        """
        ...


def entry_patches(options: Mapping[str, Any]) -> tuple[Hashable, ...]:
    """The patches among a conditioning entry's options."""
    return tuple(option.patch() for option in options.values() if isinstance(option, EntryPatch))


def entry_inputs(request: InputRequest) -> dict[str, Tensor]:
    """What these patches are told."""
    inputs: dict[str, Tensor] = {}
    for option in request.entry.values():
        if isinstance(option, EntryPatch):
            inputs |= option.patch_inputs(request)
    return inputs
