"""Corrections of guidance that our own nodes set, where node packs sample: each asks through the packs' evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from comfy_host.evaluation import evaluate
from comfy_host.native_options import MEMORY, REPORTED, native_options
from limner.sampling.corrections import CORRECTIONS, Corrections, Seen


def corrected(
    model: Any,
    conds: Sequence[Any],
    predictions: Sequence[Tensor],
    x0: Tensor,
    x: Tensor,
    timestep: Tensor,
    model_options: Mapping[str, Any],
) -> Tensor:
    """The guided prediction, corrected.

    Args:
        model: The network, as ``ModelPatcher.prepared`` gives it.
        conds: A conditioning for each prediction; None where it was not evaluated.
        predictions: What the network said under each.
        x0: What guidance made of them.
        x: Where, [b c h w].
        timestep: Sigma of each sample [b].
        model_options: What was set on the model.
    """
    corrections = model_options.get(CORRECTIONS, ())
    if not corrections:
        return x0
    known = [None if cond is None else found for cond, found in zip(conds, predictions, strict=True)]
    reported = model_options.get(MEMORY, {}).get(REPORTED, {})
    denoiser = model.denoiser().with_options(**native_options(model_options))
    sigma = float(timestep.flatten()[0])
    seen = Seen(denoiser, x, sigma, known, x0, lambda branch: reported.get(branch, {}))
    for correction in corrections:
        walk = correction.corrected(seen)
        seen = replace(seen, x0=_asked(walk, model, conds, timestep, model_options))
    return seen.x0


def _asked(
    walk: Corrections, model: Any, conds: Sequence[Any], timestep: Tensor, model_options: Mapping[str, Any]
) -> Tensor:
    """A correction's questions, put to the network."""
    try:
        ask = next(walk)
        while True:
            # Its answer is no prediction of the walk's own, so nothing of it is remembered.
            options = {**model_options, **native_options(ask.denoiser.options), MEMORY: {}}
            ask = walk.send(evaluate(model, [conds[ask.branch]], ask.x, timestep, options)[0])
    except StopIteration as end:
        return end.value
    finally:
        walk.close()
