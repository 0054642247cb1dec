"""Reference-only control: a picture is painted after another one, without any further network.

The reference, brought to the noise level of the moment, runs through the network beside each sample; in every
self-attention the sample's elements also look at those of the reference in the same layer.
Source: Zhang 2023, "reference-only control", discussion 1236 of sd-webui-controlnet; with a weight w of the reference
attention is softmax([q k^T / sqrt(d), q k_r^T / sqrt(d) + log w]) [v, v_r].
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from limner.models.attention import attend
from limner.models.family import Pass
from limner.models.patches.patch import PATCHES, Hooks, patches_of
from limner.models.unet_walk import DEPTH, EVERY
from limner.sampling.parametrization import Parametrization
from limner.sampling.variants import WHOLE, Moment, Span

RUN_ALONG = "references"
"""Input of passes in which references run beside the samples."""

SEED = 0
"""The noise of references is always the same, so that what is read of them changes as smoothly as the noise level."""


@dataclass(frozen=True)
class Reference:
    """A picture that is read.

    Attributes:
        latent: [1 c h w] at the network's scale; equal ones are told by ``digest``.
        strength: How much each of its elements counts beside one of the sample's own; 0 is nothing, 1 as much.
    """

    latent: Tensor = field(compare=False, repr=False)
    strength: float
    digest: str = ""

    @classmethod
    def of(cls, latent: Tensor, strength: float) -> "Reference":
        """With the digest of the latent."""
        content = latent.detach().float().cpu().contiguous().numpy().tobytes()
        return cls(latent, strength, f"{tuple(latent.shape)} {blake2b(content, digest_size=16).hexdigest()}")

    def noised(self, like: Tensor, sigma: float, meaning: Parametrization) -> Tensor:
        """The latent in the size of others, as the network is shown it at a noise level. Shapes: like [n c h w]."""
        size = like.shape[-2:]
        fitted = functional.interpolate(self.latent.float().cpu(), size=size, mode="bilinear", antialias=True)
        noise = torch.randn(fitted.shape, generator=torch.Generator().manual_seed(SEED))
        scaled = meaning.scale_input(meaning.noised(fitted, noise, sigma), torch.tensor([sigma]))
        return scaled.to(like).expand(like.shape[0], -1, -1, -1)


@dataclass(frozen=True)
class ReadsReferences:
    """A patch of UNets for one noise level.

    Attributes:
        references: What is read.
        sigma: The noise level.
        meaning: How latents are noised.
    """

    references: tuple[Reference, ...]
    sigma: float
    meaning: Parametrization = field(compare=False, repr=False)

    def around(self, run: Callable[[Pass, Tensor | None], Tensor], call: Pass, vector: Tensor | None) -> Tensor:
        """See ``PassPatch``: the references run along. What a pass takes from an earlier one has none to run along."""
        if DEPTH in call.inputs:
            return run(call, vector)
        count, times = call.x.shape[0], 1 + len(self.references)
        rows = [call.x, *(reference.noised(call.x, self.sigma, self.meaning) for reference in self.references)]
        inputs = {name: _repeated(value, times) for name, value in call.inputs.items()}
        inputs[RUN_ALONG] = call.timestep.new_full((count * times,), times)
        control = {side: [_alone(value, times) for value in values] for side, values in call.control.items()}
        timestep = _repeated(call.timestep, times)
        wide = replace(call, x=torch.cat(rows), timestep=timestep, inputs=inputs, control=control)
        output = run(wide, None if vector is None else _repeated(vector, times))
        for name, report in call.reports.items():
            call.reports[name] = report[:count]
        return output[:count]

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""
        hooks.replace("attn1", EVERY, self._read)

    def _read(self, query: Tensor, key: Tensor, value: Tensor, told: Mapping[str, Any]) -> Tensor:
        heads = told["n_heads"]
        if RUN_ALONG not in told.get("inputs", {}):
            return attend(query, key, value, heads)
        own, *others = zip(*(part.chunk(1 + len(self.references)) for part in (query, key, value)), strict=True)
        keys, values = (torch.cat([own[side], *(other[side] for other in others)], dim=1) for side in (1, 2))
        read = attend(own[0], keys, values, heads, mask=self._weights(own[1], [other[1] for other in others]))
        return torch.cat([read, *(attend(q, k, v, heads) for q, k, v in others)])

    def _weights(self, own: Tensor, others: Sequence[Tensor]) -> Tensor | None:
        """What is added to scores, or None for nothing. Shapes: returns [1 1 1 t]."""
        if all(reference.strength == 1 for reference in self.references):
            return None
        lengths = [own.shape[1], *(other.shape[1] for other in others)]
        levels = [0.0, *(math.log(reference.strength) for reference in self.references)]
        rows = [own.new_full((length,), level) for length, level in zip(lengths, levels, strict=True)]
        return torch.cat(rows)[None, None, None]


@dataclass(frozen=True)
class ReferenceOnly:
    """A variation of a model: it reads a reference during a part of the walk, with those that it reads already."""

    reference: Reference
    span: Span = WHOLE

    def __call__(self, denoiser: Any, moment: Moment) -> Any:
        """The model that answers at a moment."""
        if not self.span.holds(moment.sigma, denoiser):
            return denoiser
        patches = patches_of(denoiser.options)
        before = [patch for patch in patches if isinstance(patch, ReadsReferences)]
        references = tuple(reference for patch in before for reference in patch.references)
        reads = ReadsReferences((*references, self.reference), moment.sigma, denoiser.parametrization)
        kept = (patch for patch in patches if not isinstance(patch, ReadsReferences))
        return denoiser.with_options(**{PATCHES: (*kept, reads)})


def _repeated(value: Tensor, times: int) -> Tensor:
    return torch.cat([value] * times)


def _alone(residual: Tensor | None, times: int) -> Tensor | None:
    """What control networks add to samples, and nothing for the references beside them."""
    return None if residual is None else torch.cat([residual, *[torch.zeros_like(residual)] * (times - 1)])
