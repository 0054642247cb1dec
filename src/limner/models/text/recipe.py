"""What a family, or several, do with text encoders: one record, filled by one file in ``recipes``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from limner.models.text.kind import FoundText
from limner.models.text.reading import Read, Reading

Joined = tuple[Tensor, dict[str, Any]]
"""States [1 t d] and the options of a conditioning entry (``pooled_output``, ``attention_mask`` ...)."""


@dataclass(frozen=True)
class Slot:
    """A place for one encoder in a recipe.

    Attributes:
        name: What the encoder is called here: ``clip_l``, ``t5xxl`` ...
        kinds: What it may be.
        reading: How it is read.
        adapters: What adapters call it: ``te1`` ...
        also: Further encoders in use that may stand here, by their names.
        needed: Whether the recipe makes no sense without it.
    """

    name: str
    kinds: tuple[str, ...]
    reading: Reading
    adapters: tuple[str, ...] = ("te", "te1")
    also: tuple[str, ...] = ()
    needed: bool = True

    def takes(self, encoder: FoundText) -> bool:
        """Whether an encoder may stand here: one of known size must be the one, another must be of its kind."""
        named = encoder.name == self.name or encoder.name in self.also
        return encoder.kind in self.kinds and (named or not encoder.certain)


@dataclass(frozen=True)
class TextRecipe:
    """How encoders are read and joined.

    Attributes:
        name: Of the family, if it is for one only.
        doc: One sentence for people.
        slots: The encoders, in the order in which their outputs are joined.
        join: What the encoders say, by slot, to one conditioning entry. Slots without an encoder are not there.
        types: What families and the loaders of text encoders call it.
        fills: Whether encoders that are given no tokens read an empty prompt; else they are left out.
    """

    name: str
    doc: str
    slots: tuple[Slot, ...]
    join: Callable[[Mapping[str, Read]], Joined]
    types: tuple[str, ...]
    fills: bool = True

    def assigned(self, found: Sequence[FoundText]) -> dict[str, FoundText] | None:
        """Encoders by slot, in the order of the slots; None if they do not go together here.

        Each goes to the slot of its name, or else to the first free one that takes it.
        """
        taken: dict[str, FoundText] = {}
        for encoder in sorted(found, key=lambda encoder: not self._has(encoder)):
            free = [slot for slot in self.slots if slot.name not in taken and slot.takes(encoder)]
            slot = next((slot for slot in free if slot.name == encoder.name), free[0] if free else None)
            if slot is None:
                return None
            taken[slot.name] = encoder
        missing = any(slot.needed and slot.name not in taken for slot in self.slots)
        return None if missing or not taken else {s.name: taken[s.name] for s in self.slots if s.name in taken}

    def _has(self, encoder: FoundText) -> bool:
        """Whether a slot has an encoder's very name, and its sizes say so."""
        return encoder.certain and any(slot.name == encoder.name for slot in self.slots)


def joined_alone(reads: Mapping[str, Read]) -> Joined:
    """For recipes of one encoder: its states, its pooled vector if it has one, no mask."""
    (read,) = reads.values()
    return read.states, {} if read.pooled is None else {"pooled_output": read.pooled}


def joined_masked(reads: Mapping[str, Read]) -> Joined:
    """For recipes of one encoder whose families do not look at what fills up: its states and where text is."""
    states, options = joined_alone(reads)
    (read,) = reads.values()
    return states, options if read.mask is None else {**options, "attention_mask": read.mask.long()}
