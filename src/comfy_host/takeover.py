"""Where our sampling hands over to node packs': a ``Procedure`` that runs guiders, samplers and hooks as packs do.

It runs in the step's own thread; every evaluation of the network goes to the device's denoising loop, unless the model
is patched inside. So a pack's slow Python never stands in the way of other jobs' walks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from comfy_host.conditions import as_pairs
from limner.models.model import DiffusionModel
from limner.nodes.sampling_parts import GuidedModel
from limner.sampling.conditioning import Conditioning
from limner.sampling.denoise import Denoised
from limner.sampling.denoiser import Denoiser
from limner.sampling.guider import Guider
from limner.sampling.guiders.basic import BasicGuider
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.sampler import Sampler

FUNCTIONS = ("sampling_function", "cfg_function", "calc_cond_batch", "process_conds", "sample")
METHODS = ("sample", "outer_sample", "inner_sample", "predict_noise")
"""What packs replace in ``comfy.samplers``, and in its CFGGuider."""


@dataclass(frozen=True)
class Takeover:
    """Samples with what packs set.

    Attributes:
        patcher: A pack's model; None: the denoiser's own.
        guider: A pack's guider; None: as the native one says.
        sampler: A pack's sampler; None: as the native one says.
    """

    patcher: Any = None
    guider: Any = None
    sampler: Any = None

    def __call__(
        self,
        loop: DenoisingLoop,
        denoiser: Denoiser,
        guider: Guider,
        sampler: Sampler,
        sigmas: Tensor | Sequence[float],
        noise: Tensor | None,
        latent: Tensor,
        *,
        mask: Tensor | None = None,
        seed: int = 0,
        on_step: Callable[[int, int, Tensor, Tensor], None] | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> Denoised:
        """As ``limner.sampling.denoise.denoise``."""
        driver = host_guider(denoiser, guider)
        levels = torch.as_tensor(sigmas, dtype=torch.float32)
        last: list[Tensor] = []

        def told(step: int, x0: Tensor, x: Tensor, total: int) -> None:
            last[:] = [x0]
            check()
            if on_step is not None:
                on_step(step, total, x, x0)

        drawn = torch.zeros_like(latent) if noise is None else noise
        samples = driver.sample(
            drawn, latent, host_sampler(sampler), levels, denoise_mask=mask, callback=told, disable_pbar=True, seed=seed
        )
        layout = denoiser.latent_format
        x0 = layout.to_stored(last[0].float()).cpu() if last else samples
        return Denoised(samples.float().cpu(), x0)


def sampling_replaced() -> bool:
    """Whether a pack has put something in the place of a function of ``comfy.samplers``, as some do at import."""
    module = sys.modules.get("comfy.samplers")
    if module is None:
        return False
    found = [getattr(module, name) for name in FUNCTIONS] + [getattr(module.CFGGuider, name) for name in METHODS]
    return any(getattr(getattr(one, "__code__", None), "co_filename", "") != module.__file__ for one in found)


def host_sampler(sampler: Sampler) -> Any:
    """A sampler as packs know it."""
    from comfy import samplers

    own = getattr(sampler.procedure, "sampler", None)
    return own if own is not None else samplers.KSAMPLER.of(sampler)


def host_guider(denoiser: Denoiser, guider: Guider) -> Any:
    """A guider as packs know it, over the denoiser's model.

    One that packs have no counterpart of keeps its own way of combining.
    """
    own = getattr(getattr(guider, "procedure", None), "guider", None)
    if own is not None:
        return own
    from comfy import model_patcher, native_guiders, samplers

    assert isinstance(denoiser, DiffusionModel)
    patcher = model_patcher.ModelPatcher.of(denoiser)
    made = samplers.CFGGuider(patcher)
    if isinstance(guider, CfgGuider):
        made.set_conds(guider.positive, guider.negative)
        made.set_cfg(guider.cfg)
    elif isinstance(guider, BasicGuider):
        made.inner_set_conds({"positive": guider.conditioning})
    else:
        return native_guiders.NativeGuider(patcher, guider)
    return made


@dataclass(frozen=True)
class PackGuider:
    """A pack's guider where ours stand."""

    procedure: Takeover

    @property
    def conditionings(self) -> Sequence[Conditioning]:
        """None of ours: the pack's guider has its own."""
        return ()

    def wanted(self, denoiser: Denoiser) -> Sequence[bool]:
        """None."""
        return ()

    def combine(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None], denoiser: Denoiser) -> Tensor:
        """Never called: the procedure samples."""
        return x


def guided(guider: Any, native: Guider | None = None) -> GuidedModel:
    """Ours, of a pack's guider; ``native`` where it is one of ours and nothing was changed in it."""
    return GuidedModel(guider.model_patcher.to_native(), native or PackGuider(Takeover(guider=guider)))


def plain_guider(guider: Any) -> Guider | None:
    """Ours, of a guider that a pack only filled; None if it has anything of its own."""
    from comfy import native_guiders, samplers

    own = vars(guider).keys() - {"model_patcher", "model_options", "original_conds", "conds", "cfg", "guider"}
    if own or guider.model_options is not guider.model_patcher.model_options:
        return None
    if type(guider) is native_guiders.NativeGuider:
        return guider.guider
    if type(guider) is not samplers.CFGGuider or guider.original_conds.keys() != {"positive", "negative"}:
        return None
    sides = {side: as_pairs(conds) for side, conds in guider.original_conds.items()}
    return CfgGuider(sides["positive"], sides["negative"], guider.cfg)


def pack_sampler(sampler: Any, native: Sampler | None = None) -> Sampler:
    """Ours, of a pack's sampler object."""
    name = getattr(getattr(sampler, "sampler_function", sampler), "__name__", type(sampler).__name__)
    if native is not None:
        return native.with_options(**sampler.extra_options) if sampler.extra_options else native
    return Sampler(
        name=name,
        function=_never,
        order=0,
        procedure=Takeover(sampler=sampler),
        doc="A sampler of a node pack.",
    )


def _never(*_: Any) -> Any:
    raise AssertionError("A pack's sampler runs by its procedure.")
