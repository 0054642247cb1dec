"""A denoising network with all that sampling and nodes want to know of it: the value of MODEL sockets."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import Any

import torch
from torch import Tensor

from limner.models.adapters.adapter import Adapter
from limner.models.control.steering import Steering, control_inputs, steered, steering_at
from limner.models.family import Family, InputRequest, Pass
from limner.models.hooks import hooked
from limner.models.network import Network
from limner.models.patches.context_windows import in_windows
from limner.models.patches.of_entry import entry_inputs, entry_patches
from limner.models.patches.patch import patch_key, stepped_into, with_patch
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import Parametrization


@dataclass(frozen=True)
class DiffusionModel:
    """Implements ``limner.sampling.denoiser.Denoiser``. Immutable: every change gives another model.

    Attributes:
        family: What it is one of.
        network: Its weights, loaded when leased.
        parametrization: What its output means.
        look: Gives the latent format; measured when first asked for where the file brings its own small autoencoder.
        native_size: Pixels that it was trained at.
        options: What model-patching nodes set.
        steering: Control networks that count in its passes; see ``for_entry``.
    """

    family: Family
    network: Network
    parametrization: Parametrization
    look: Callable[[], LatentFormat]
    native_size: int
    options: Mapping[str, Any] = field(default_factory=dict)
    steering: tuple[Steering, ...] = ()

    @property
    def latent_format(self) -> LatentFormat:
        """How its latents are scaled and seen."""
        return self.look()

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.network.device

    @property
    def key(self) -> Hashable:
        """Evaluations under equal keys may share one forward pass."""
        patches = patch_key(self.options)
        steering = tuple(control.key for control in self.steering)
        return (self.network.key, patches, steering) if patches or steering else self.network.key

    def clone(self) -> "DiffusionModel":
        """A model that can be given other options without changing this one."""
        return replace(self, options=dict(self.options))

    def with_options(self, **options: Any) -> "DiffusionModel":
        """This model with options added or replaced."""
        return replace(self, options={**self.options, **options})

    def with_parametrization(self, parametrization: Parametrization) -> "DiffusionModel":
        """This model, its output read another way."""
        return replace(self, parametrization=parametrization)

    def with_dtype(self, dtype: torch.dtype) -> "DiffusionModel":
        """This model, computing in another type."""
        return replace(self, network=replace(self.network, dtype=dtype))

    def with_adapter(self, adapter: Adapter, strength: float) -> "DiffusionModel":
        """This model with an adapter put on. Range: any strength; 0 changes nothing."""
        return replace(self, network=self.network.with_adapter(adapter, strength))

    def with_network(self, network: Network) -> "DiffusionModel":
        """This model with other weights of the same kind."""
        return replace(self, network=network)

    def inputs(self, entry: Mapping[str, Any], context: Tensor, latent: Tensor) -> dict[str, Tensor]:
        """Network inputs of one conditioning entry, each with a batch of 1; which there are is the family's to say.

        Shapes: context [1 t d], latent [b c h w] or [b c t h w].
        """
        facts = self.network.blueprint.facts
        layout = self.family.latent_format
        request = InputRequest(entry, context, latent, layout, facts)
        inputs = self.family.inputs(request) | entry_inputs(request)
        return inputs | control_inputs(entry, latent, layout, self.family.name)

    def for_entry(self, options: Mapping[str, Any], sigma: float) -> "DiffusionModel":
        """This model under what a conditioning entry brings for a noise level: its controls, its hooks, its patches."""
        steering = steering_at(options, sigma, self.parametrization)
        network = hooked(self.network, options, sigma, self.parametrization)
        patches = entry_patches(options)
        if network is self.network and steering == self.steering and not patches:
            return self
        return reduce(with_patch, patches, replace(self, network=network, steering=steering))

    def predict(
        self,
        x: Tensor,
        timestep: Tensor,
        inputs: Mapping[str, Tensor],
        reports: dict[str, Tensor] | None = None,
    ) -> Tensor:
        """One forward pass, with what patches among the options do in it; they may fill ``reports``.

        Shapes: x [n c ...], scaled for the network; timestep [n]; every input [n ...]. Returns like x, float32.
        """
        device = self.device
        placed = {name: self._placed(name, tensor) for name, tensor in inputs.items()}
        shown, told = x.to(device=device, dtype=self.network.dtype), {} if reports is None else reports
        call = Pass(shown, timestep.to(device), placed, self.options, told)
        with torch.no_grad(), self.network.lease("denoising") as network, stepped_into(network, self.options):
            together = self.family.latent_format.together
            return in_windows(partial(self._passed, network), call, together=together)

    def _passed(self, network: Any, call: Pass) -> Tensor:
        """One pass through the network itself."""
        return self.family.forward(network, steered(self.steering, call, network)).float()

    def _placed(self, name: str, tensor: Tensor) -> Tensor:
        if name in self.family.exact or not tensor.is_floating_point():
            return tensor.to(self.device)
        return tensor.to(device=self.device, dtype=self.network.dtype)

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Keeps the weights, with this model's adapters, on the device while it is held."""
        with self.network.lease("denoising"):
            yield
