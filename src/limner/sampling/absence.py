"""Options of conditioning entries that count by their absence, too: networks are told where there is nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from limner.sampling.conditioning import Entry


@runtime_checkable
class Missed(Protocol):
    """An option whose absence the entries of other predictions are told of, as their network was trained."""

    def absent(self) -> Any:
        """What entries without the option take in its place."""
        ...


def with_absences(entries: Sequence[Entry], others: Sequence[Entry]) -> list[Entry]:
    """Entries; those that miss an option of another prediction's entries have what stands for its absence."""
    missed: dict[str, Any] = {}
    for other in others:
        missed |= {name: value.absent() for name, value in other.options.items() if isinstance(value, Missed)}
    return [replace(entry, options={**missed, **entry.options}) for entry in entries] if missed else list(entries)
