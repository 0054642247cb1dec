"""Networks made of two: sums and differences of their weights, in shares that may differ from block to block.

A merge is an adapter on the first network. It reads the second one's weights from its file when the merged network is
loaded, so that merging costs nothing until something is computed, and merges of merges are possible.
"""

import logging
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import Adapter, Change, Rewrite
from limner.models.network import Network, changed
from limner.models.parts.unet import PREFIX

logger = logging.getLogger(__name__)

PREFIXES = (PREFIX, "unet.")
"""What stands before a denoising network's own names in files."""

INPUT_CHANNELS = "in_channels"
"""The one fact in which networks of one kind may differ: versions for inpainting look at further channels."""


@dataclass(frozen=True)
class Mix:
    """How much of each network a weight gets: first * ``first`` + second * ``second``."""

    first: float
    second: float


@dataclass(frozen=True)
class Merged:
    """The change of one weight."""

    other: Network
    name: str
    mix: Mix

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with the other network's. One that cannot be added stays as it is."""
        second = weight_of(self.other, self.name)
        if second.shape != weight.shape:
            logger.warning(
                "%s: %s is %s there and %s here; it is left as it is.",
                self.other.what,
                self.name,
                list(second.shape),
                list(weight.shape),
            )
            return weight
        return weight * self.mix.first + second.to(weight) * (self.mix.second * strength)


@dataclass(frozen=True)
class Scaled:
    """The change of one weight: it is multiplied."""

    factor: float

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """The weight, scaled."""
        return weight * self.factor


def merged(first: Network, second: Network, mix: Callable[[str], Mix], key: Hashable) -> Network:
    """The first network with the second one mixed in.

    Args:
        first: Gives what the second one lacks.
        second: Stays as it is, adapters included.
        mix: The shares of a weight, by its name in the original layout.
        key: Equal keys are equal shares.

    Raises:
        NumericsError: if they are of different kinds.
    """
    _compare(first, second)
    changes: dict[str, Change | Rewrite] = {}
    for name in first.blueprint.keys.keys() & second.blueprint.keys.keys():
        shares = mix(original_name(first, name))
        if shares != Mix(1.0, 0.0):
            changes[name] = Merged(second, name, shares)
    return first.with_changes(Adapter(second.what, ("merge", key, second.key), changes), 1.0)


def scaled(network: Network, factors: Mapping[str, float], name: str) -> Network:
    """A network of which some weights are multiplied, by their own names. Those with a factor of 1 stay."""
    chosen = {weight: factor for weight, factor in factors.items() if factor != 1.0}
    if not chosen:
        return network
    changes: dict[str, Change | Rewrite] = {weight: Scaled(factor) for weight, factor in chosen.items()}
    return network.with_changes(Adapter(name, (name, tuple(sorted(chosen.items()))), changes), 1.0)


def original_name(network: Network, name: str) -> str:
    """What the layout of publication, or else the file, calls a weight of a network; nothing stands before it."""
    source = network.blueprint.keys[name]
    stored = (source.published or source).names[0]
    return next((stored.removeprefix(prefix) for prefix in PREFIXES if stored.startswith(prefix)), stored)


def weight_of(network: Network, name: str) -> Tensor:
    """One weight of a network as it computes with it, adapters included, read from its file. On the CPU."""
    source = network.blueprint.keys[name]
    stored = network.file.read(frozenset(source.names))
    parts = [stored[part] for part in source.names]
    plain = source.transform(*parts) if source.transform else parts[0]
    plain = plain.to(network.dtype) if plain.is_floating_point() else plain
    changes = network.changes.get(name)
    return changed(plain, changes, network.rounding) if changes else plain


def by_longest_prefix(ratios: Mapping[str, float]) -> Callable[[str], float]:
    """Looks a share up by the longest of some prefixes that a name has; the first share is for all other names."""
    ordered = sorted(ratios.items(), key=lambda entry: -len(entry[0]))
    otherwise = next(iter(ratios.values()), 1.0)

    def look(name: str) -> float:
        return next((ratio for prefix, ratio in ordered if name.startswith(prefix)), otherwise)

    return look


def _compare(first: Network, second: Network) -> None:
    """Raises NumericsError unless two networks are of one kind."""
    mine, theirs = (_kind(network) for network in (first, second))
    differing = sorted(key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key))
    if differing:
        shown = ", ".join(f"{key} {mine.get(key)} and {theirs.get(key)}" for key in differing[:3])
        raise NumericsError(
            f"{first.what} and {second.what} cannot be merged: they are built differently ({shown}). Choose two models "
            "of one family."
        )


def _kind(network: Network) -> dict[str, object]:
    return {key: fact for key, fact in network.blueprint.facts.items() if key != INPUT_CHANNELS}
