"""Changes of weights that come with a text: for its predictions only, at strengths that may change during a walk.

A hook is what changes weights and how strongly; a group of hooks travels among the options of a conditioning entry.
``DiffusionModel.for_entry`` asks a group for the network at a noise level, so entries under equal strengths share
forward passes and all others have their own, as with adapters that whole models have.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from limner.models.adapters.adapter import Adapter
from limner.models.merging import Mix, merged
from limner.models.network import Network
from limner.sampling.parametrization import Parametrization

HOOKS = "hooks"
"""Option of a conditioning entry: its group."""


@dataclass(frozen=True)
class Keyframe:
    """A strength from a moment on.

    Attributes:
        strength: What the hooks' own strengths are multiplied by.
        start: Share of the walk.
    """

    strength: float
    start: float


class Weights(Protocol):
    """What changes weights."""

    @property
    def key(self) -> Hashable:
        """Equal keys change networks equally."""
        ...

    def on_network(self, network: Network, strength: float) -> Network:
        """A denoising network, changed."""
        ...

    def on_text(self, encoder: str, network: Network, strength: float) -> Network:
        """A text encoder's network, by the name that it is used under, changed."""
        ...


@dataclass(frozen=True)
class AdapterWeights:
    """An adapter."""

    adapter: Adapter

    @property
    def key(self) -> Hashable:
        """See ``Weights``."""
        return self.adapter.key

    def on_network(self, network: Network, strength: float) -> Network:
        """See ``Weights``."""
        return network.with_adapter(self.adapter, strength)

    def on_text(self, encoder: str, network: Network, strength: float) -> Network:
        """See ``Weights``."""
        return network.with_adapter(self.adapter, strength)


@dataclass(frozen=True)
class OtherWeights:
    """Other networks of the same kind: strength 1 gives theirs.

    Attributes:
        network: The denoising network.
        texts: Text encoders by name.
    """

    network: Network
    texts: Mapping[str, Network]

    @property
    def key(self) -> Hashable:
        """See ``Weights``."""
        return "toward", self.network.key

    def on_network(self, network: Network, strength: float) -> Network:
        """See ``Weights``.

        Raises:
            NumericsError: if they are of different kinds.
        """
        return merged(network, self.network, lambda name: Mix(1.0 - strength, strength), (self.key, strength))

    def on_text(self, encoder: str, network: Network, strength: float) -> Network:
        """See ``Weights``."""
        other = self.texts.get(encoder)
        if other is None:
            return network
        return merged(network, other, lambda name: Mix(1.0 - strength, strength), (self.key, encoder, strength))


@dataclass(frozen=True, eq=False)
class Hook:
    """What changes weights, how strongly, and when.

    Attributes:
        weights: What changes them.
        model: Strength for the denoising network.
        text: Strength for text encoders.
        keyframes: Factors of both, sorted by their moments; none: 1.
    """

    weights: Weights
    model: float = 1.0
    text: float = 1.0
    keyframes: tuple[Keyframe, ...] = ()

    @property
    def key(self) -> Hashable:
        """Equal keys change equally at all times."""
        return self.weights.key, self.model, self.text, self.keyframes

    def factor(self, sigma: float, parametrization: Parametrization) -> float:
        """What the keyframes say at a noise level. The first one also counts before its moment."""
        begun = [frame for frame in self.keyframes if parametrization.percent_to_sigma(frame.start) >= sigma]
        return (begun[-1] if begun else self.keyframes[0]).strength if self.keyframes else 1.0

    def factor_after(self, share: float) -> float:
        """The same at a share of a walk."""
        begun = [frame for frame in self.keyframes if frame.start <= share]
        return (begun[-1] if begun else self.keyframes[0]).strength if self.keyframes else 1.0


@dataclass(frozen=True, eq=False)
class HookGroup:
    """Several hooks that act together. Immutable."""

    hooks: tuple[Hook, ...] = ()
    _found: dict[Hashable, Network] = field(default_factory=dict, repr=False)
    """Changed networks of former noise levels: finding an adapter's places anew for each step would take longer."""

    def with_hooks(self, others: "HookGroup | None") -> "HookGroup":
        """These, then those of another group that are not among them."""
        if others is None:
            return self
        known = {hook.key for hook in self.hooks}
        return HookGroup((*self.hooks, *(hook for hook in others.hooks if hook.key not in known)))

    def with_keyframes(self, keyframes: tuple[Keyframe, ...]) -> "HookGroup":
        """These, all under other keyframes."""
        return HookGroup(tuple(replace(hook, keyframes=keyframes) for hook in self.hooks))

    def network_at(self, network: Network, sigma: float, parametrization: Parametrization) -> Network:
        """A denoising network as it answers at a noise level."""
        strengths = [hook.model * hook.factor(sigma, parametrization) for hook in self.hooks]
        key = (network.key, network.device, *strengths)
        if key not in self._found:
            self._found[key] = self._changed(network, strengths)
        return self._found[key]

    def _changed(self, network: Network, strengths: Sequence[float]) -> Network:
        for hook, strength in zip(self.hooks, strengths, strict=True):
            network = hook.weights.on_network(network, strength) if strength else network
        return network


def combined(*groups: HookGroup | None) -> HookGroup | None:
    """Some groups as one; None if there are none."""
    present = [group for group in groups if group is not None]
    if not present:
        return None
    first, *others = present
    for other in others:
        first = first.with_hooks(other)
    return first


def hooked(network: Network, options: Mapping[str, Any], sigma: float, meaning: Parametrization) -> Network:
    """A network as it answers for a conditioning entry at a noise level."""
    group = options.get(HOOKS)
    return group.network_at(network, sigma, meaning) if isinstance(group, HookGroup) else network
