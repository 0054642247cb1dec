"""What the network says of x under several conditionings, for sampling that node packs drive themselves.

Without patches an evaluation goes to the device's denoising loop and shares its forward pass with other jobs. With
patches or wrappers it runs in the calling thread, with this walk's conditionings in one batch and nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from comfy_host import context
from comfy_host.base_model import BaseModel, DiffusionNetwork
from comfy_host.conditions import as_pairs, counts
from comfy_host.extension import WrappersMP, get_all_wrappers
from comfy_host.native_options import MEMORY, NATIVE, REPORTED, native_options
from limner.graph.errors import NumericsError
from limner.models.parts.unclip import label
from limner.models.unet_walk import vector_of
from limner.sampling.conditioning import Conditioning
from limner.sampling.denoise import CHECK_SECONDS
from limner.sampling.denoiser import Denoiser
from limner.sampling.guidance import Call, Guidance, Question
from limner.sampling.walk import Evaluate, Walk

INSIDE = (WrappersMP.APPLY_MODEL, WrappersMP.DIFFUSION_MODEL)
"""Wrappers around the network itself."""


@dataclass
class Gathering:
    """A guider that combines nothing and keeps the predictions."""

    conditionings: Sequence[Conditioning]
    needed: Sequence[bool]
    predictions: list[Tensor | None] = field(default_factory=list)

    def wanted(self, denoiser: Denoiser) -> Sequence[bool]:
        """Those that were given."""
        return self.needed

    def combine(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None], denoiser: Denoiser) -> Tensor:
        """X; the loop looks at it only to see whether it is finite."""
        self.predictions = list(predictions)
        return x


def evaluate(
    model: BaseModel,
    conds: Sequence[Sequence[Any] | None],
    x: Tensor,
    timestep: Tensor,
    model_options: Mapping[str, Any],
) -> list[Tensor]:
    """The clean latents that the network predicts.

    Args:
        model: The network, as ``ModelPatcher.prepared`` gives it.
        conds: One conditioning for each prediction; None gives zeros.
        x: [b c h w].
        timestep: Sigma of each sample [b].
        model_options: With ``transformer_options`` and ``model_function_wrapper``.

    Raises:
        InterruptedRun: if the job was asked to stop.
    """
    context.running().progress.check()
    sigmas = timestep.flatten()
    if len(sigmas) > 1 and bool((sigmas != sigmas[0]).any()):
        rows = [evaluate(model, conds, x[n : n + 1], sigmas[n : n + 1], model_options) for n in range(len(x))]
        return [torch.cat(parts) for parts in zip(*rows, strict=True)]
    sigma = float(sigmas[0])
    pairs = [as_pairs([entry for entry in cond or () if counts(entry, sigma)]) for cond in conds]
    guider = Gathering(pairs, [cond is not None for cond in conds])
    denoiser: Any = model.denoiser().with_options(**native_options(model_options))
    guidance = Guidance(denoiser, guider, x)
    with denoiser.lease():
        if _patched(model, pairs, model_options):
            question = guidance.question(x, sigma)
            for group in _groups(question):
                _answer(model, group, model_options)
            guidance.heard(question)
            guider.predictions = question.predictions()
        else:
            _in_the_loop(guidance, x, sigma)
    memory = model_options.get(MEMORY)
    if memory is not None:
        memory[REPORTED] = {branch: guidance.reports(branch) for branch, wanted in enumerate(guider.needed) if wanted}
    if any(found is not None and not bool(torch.isfinite(found).all()) for found in guider.predictions):
        raise NumericsError(
            f"The network gave values that are not finite at sigma {sigma:.4g}. Try full precision, or another model."
        )
    return [torch.zeros_like(x) if found is None else found for found in guider.predictions]


def _patched(model: BaseModel, pairs: Sequence[Sequence[Any]], options: Mapping[str, Any]) -> bool:
    """Whether a pack's code has to run around or inside the network."""
    told = options.get("transformer_options", {})
    return bool(
        options.get("model_function_wrapper")
        or told.get("patches")
        or told.get("patches_replace")
        or any(get_all_wrappers(kind, told) for kind in INSIDE)
        or getattr(model.apply_model, "__func__", None) is not BaseModel.apply_model
        or type(model.diffusion_model) is not DiffusionNetwork
        or any(entry.get("control") is not None for cond in pairs for _, entry in cond)
    )


def _in_the_loop(guidance: Guidance, x: Tensor, sigma: float) -> None:
    """One evaluation as a walk of its own."""
    progress = context.running().progress
    live = context.host().loop.submit(_once(x, sigma), guidance)
    try:
        while not wait([live.outcome], timeout=CHECK_SECONDS).done:
            progress.check()
    except BaseException:
        live.cancel()
        wait([live.outcome])
        raise
    live.outcome.result()


def _once(x: Tensor, sigma: float) -> Walk:
    return (yield Evaluate(x, sigma))


def _groups(question: Question) -> list[list[Call]]:
    """Calls that can stand in one batch: of one shape, and with one control."""
    groups: dict[Hashable, list[Call]] = {}
    for call in question.calls:
        groups.setdefault((call.group, id(call.entry.options.get("control"))), []).append(call)
    return list(groups.values())


def _answer(model: BaseModel, calls: Sequence[Call], options: Mapping[str, Any]) -> None:
    """Answers calls by one pass through what packs have put around the network."""
    x = torch.cat([call.x for call in calls])
    sigma = x.new_full((len(x),), calls[0].sigma)
    branches = [call.branch for call in calls]
    joined = {name: torch.cat([call.inputs[name] for call in calls]) for name in calls[0].inputs}
    told = {**options.get("transformer_options", {})}
    reports: dict[str, Tensor] = {}
    told |= {
        NATIVE: calls[0].denoiser.options,
        "reports": reports,
        "inputs": joined,
        "cond_or_uncond": branches,
        "sigmas": sigma,
        "uuids": [call.entry.options.get("uuid") for call in calls],
    }
    inputs: dict[str, Any] = _inputs(model, calls, joined) | {"transformer_options": told}
    control = calls[0].entry.options.get("control")
    if control is not None:
        inputs["control"] = control.get_control(x, sigma, inputs, len(branches), told)
    wrapper: Callable[..., Tensor] | None = options.get("model_function_wrapper")
    with torch.no_grad():
        if wrapper is None:
            output = model.apply_model(x, sigma, **inputs)
        else:
            whole = {"input": x, "timestep": sigma, "c": inputs, "cond_or_uncond": branches}
            output = wrapper(model.apply_model, whole)
    counts = [call.samples for call in calls]
    parts = {name: value.split(counts) for name, value in reports.items()}
    for index, (call, x0) in enumerate(zip(calls, output.split(counts), strict=True)):
        call.x0, call.reports = x0, {name: part[index] for name, part in parts.items()}


def _inputs(model: BaseModel, calls: Sequence[Call], joined: Mapping[str, Tensor]) -> dict[str, Any]:
    """Network inputs of a batch under the names that packs use."""
    named: dict[str, Any] = {"c_crossattn": joined["context"]}
    if "concat" in joined:
        named["c_concat"] = joined["concat"]
    if "sizes" in joined or "seen" in joined:
        named["y"] = _vector(model, {name: value.to(model.device) for name, value in joined.items()})
    for name, cond in calls[0].entry.options.get("model_conds", {}).items():
        if name not in ("c_crossattn", "c_concat", "y"):
            named[name] = cond.process_cond(len(joined["context"]), device=model.device).cond
    return named


def _vector(model: BaseModel, joined: Mapping[str, Tensor]) -> Tensor:
    """The conditioning vector of a batch: of pooled text and sizes, or of pictures (unCLIP)."""
    with torch.no_grad(), model.native.network.lease("sampling") as network:
        return label(network, joined) if "seen" in joined else vector_of(network, joined["pooled"], joined["sizes"])
