"""Control networks at work: which count at a moment, what they are given, and what they add up to in one pass."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from limner.graph.errors import NumericsError
from limner.models.control.control import AppliedControl, ControlNet, Residuals, Seen
from limner.models.control.shaping import shaped
from limner.models.family import Pass
from limner.sampling.conditioning import CONTROL
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import Parametrization


@dataclass(frozen=True)
class Steering:
    """A control that counts at a moment.

    Attributes:
        place: Its place in the conditioning's chain; says which inputs are its own.
        net: The control network.
    """

    place: int
    net: ControlNet

    @property
    def key(self) -> Hashable:
        """Equal keys may share a pass."""
        return self.place, self.net.key


def steering_at(options: Mapping[str, Any], sigma: float, parametrization: Parametrization) -> tuple[Steering, ...]:
    """The controls of a conditioning entry that count at a noise level."""
    control = options.get(CONTROL)
    if not isinstance(control, AppliedControl):
        return ()
    chain = enumerate(control.chain)
    return tuple(Steering(place, link.net) for place, link in chain if link.active(sigma, parametrization))


def control_inputs(
    options: Mapping[str, Any], latent: Tensor, latent_format: LatentFormat, family: str
) -> dict[str, Tensor]:
    """What the controls of a conditioning entry are given, each with a batch of 1.

    Raises:
        NumericsError: if a control is made for other families.
    """
    control = options.get(CONTROL)
    inputs: dict[str, Tensor] = {}
    if not isinstance(control, AppliedControl):
        return inputs
    for place, link in enumerate(control.chain):
        kind = link.net.kind
        if family not in kind.steers:
            raise NumericsError(
                f"{link.net.network.what} steers {', '.join(kind.steers)}, but the model is {family}. Choose a control "
                "network that was made for this model."
            )
        inputs[_hint(place)] = link.hint(latent, latent_format).float()
        inputs[_strength(place)] = torch.tensor([[link.strength]])
        if link.region is not None:
            inputs[_region(place)] = interpolate(link.region.float(), size=latent.shape[-2:], mode="bilinear")
    return inputs


def steered(steering: Sequence[Steering], call: Pass, base: Any) -> Pass:
    """A pass of a network with what its controls add."""
    total: Residuals = {}
    for control in steering:
        seen = Seen(call, call.inputs[_hint(control.place)], control.net.settings, base)
        # It computes in what the network computes in, whatever was chosen for it alone.
        with replace(control.net.network, dtype=call.x.dtype).lease("control") as network:
            residuals = control.net.kind.residuals(network, seen)
        residuals = shaped(residuals, control.net.settings, call.inputs.get(_region(control.place)))
        total = added(total, scaled(residuals, call.inputs[_strength(control.place)]))
    return replace(call, control=total) if total else call


def _hint(place: int) -> str:
    return f"control{place}.hint"


def _strength(place: int) -> str:
    return f"control{place}.strength"


def _region(place: int) -> str:
    return f"control{place}.region"


def added(first: Residuals, second: Residuals) -> Residuals:
    """The sum of two controls' residuals."""
    total = dict(first)
    for side, values in second.items():
        mine = total.get(side, ())
        length = max(len(mine), len(values))
        pairs = zip(_filled(mine, length), _filled(values, length), strict=True)
        total[side] = tuple(a if b is None else b if a is None else a + b for a, b in pairs)
    return total


def scaled(residuals: Residuals, strengths: Tensor) -> Residuals:
    """Residuals times a strength for each sample. Shapes: strengths [n 1]."""
    return {
        side: tuple(
            None if value is None else value * strengths.reshape(-1, *(1,) * (value.ndim - 1)).to(value)
            for value in values
        )
        for side, values in residuals.items()
    }


def _filled(values: tuple[Tensor | None, ...], length: int) -> tuple[Tensor | None, ...]:
    return (*values, *(None,) * (length - len(values)))
