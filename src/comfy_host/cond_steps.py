"""The small steps of an evaluation under conditionings, for node packs that put them together themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from comfy_host.conditions import as_pairs, counts
from limner.sampling.conditioning import area_of, resized_mask, resolved
from limner.sampling.parametrization import EpsParametrization


class CondObj(NamedTuple):
    """What one entry needs of the network.

    Attributes:
        input_x: Its region.
        mult: Weight of each element of the region.
        conditioning: Network inputs by name, for the batch.
        area: (h, w, top, left), or None.
    """

    input_x: Tensor
    mult: Tensor
    conditioning: dict[str, Any]
    area: Any
    control: Any
    patches: Any
    uuid: Any
    hooks: Any


def get_area_and_mult(conds: dict[str, Any], x_in: Tensor, timestep_in: Tensor) -> CondObj | None:
    """An entry's region, weights and inputs; None where it does not count at a sigma."""
    if not counts(conds, float(timestep_in.flatten()[0])):
        return None
    pair = as_pairs([conds])[0]
    timeless = {name: value for name, value in pair[1].items() if name not in ("start_percent", "end_percent")}
    entry = resolved([[pair[0], timeless]], x_in, EpsParametrization())[0]
    area = entry.area
    region = x_in if area is None else area.of(x_in)
    place = None if area is None else (area.height, area.width, area.top, area.left)
    inputs = {
        name: cond.process_cond(batch_size=len(x_in), device=x_in.device, area=place)
        for name, cond in conds.get("model_conds", {}).items()
    }
    weight = entry.weight(x_in).expand_as(region)
    return CondObj(region, weight, inputs, place, conds.get("control"), None, conds.get("uuid"), conds.get("hooks"))


def can_concat_cond(c1: CondObj, c2: CondObj) -> bool:
    """Whether both can stand in one batch."""
    if (
        c1.input_x.shape != c2.input_x.shape
        or c1.control is not c2.control
        or c1.conditioning.keys() != c2.conditioning.keys()
    ):
        return False
    return all(cond.can_concat(c2.conditioning[name]) for name, cond in c1.conditioning.items())


def cond_cat(c_list: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Inputs of several entries as those of one batch."""
    return {name: cond.concat([other[name] for other in c_list[1:]]) for name, cond in c_list[0].items()}


def resolve_areas_and_cond_masks_multidim(conds: list[Any], dims: Sequence[int], device: Any) -> None:
    """Makes shares into latent elements and masks of the latent's size, in place."""
    for place, entry in enumerate(conds):
        if entry.get("area") is None and entry.get("mask") is None:
            continue
        changed, mask = dict(entry), entry.get("mask")
        if mask is not None:
            mask = changed["mask"] = resized_mask(mask.float(), dims[-2:]).to(device)
        area = area_of(changed, mask, dims[-2:])
        changed["area"] = None if area is None else (area.height, area.width, area.top, area.left)
        changed.pop("set_area_to_bounds", None)
        if changed["area"] is None:
            del changed["area"]
        conds[place] = changed


def resolve_areas_and_cond_masks(conditions: list[Any], h: int, w: int, device: Any) -> None:
    """The same for height and width."""
    resolve_areas_and_cond_masks_multidim(conditions, (h, w), device)


def calculate_start_end_timesteps(model: Any, conds: list[Any]) -> None:
    """Makes shares of the walk into sigmas, in place."""
    for place, entry in enumerate(conds):
        found = {}
        for percent, name in (("start_percent", "timestep_start"), ("end_percent", "timestep_end")):
            if entry.get(percent) is not None:
                found[name] = model.model_sampling.percent_to_sigma(entry[percent])
        if found:
            conds[place] = {**entry, **found}


def encode_model_conds(
    model_function: Callable[..., dict[str, Any]],
    conds: list[Any],
    noise: Tensor,
    device: Any,
    prompt_type: str,
    **shown: Any,
) -> list[Any]:
    """Entries with the inputs that a model adds."""
    ready = []
    for entry in conds:
        told = {**shown, **entry, "device": device, "noise": noise}
        told.setdefault("prompt_type", prompt_type)
        ready.append({**entry, "model_conds": {**entry.get("model_conds", {}), **model_function(**told)}})
    return ready


def pre_run_control(model: Any, conds: list[Any]) -> None:
    """Tells controls that a walk begins."""
    for entry in conds:
        if entry.get("control") is not None:
            entry["control"].pre_run(model, model.model_sampling.percent_to_sigma)


def create_cond_with_same_area_if_none(conds: list[Any], c: dict[str, Any]) -> None:
    """Adds the tightest entry that covers another entry's area, cut to that area, in place."""
    area = c.get("area")
    if area is None or any(entry.get("area") == area for entry in conds):
        return
    covering = [entry for entry in conds if _covers(entry.get("area"), area)]
    if covering:
        tightest = min(covering, key=lambda entry: torch.tensor((entry.get("area") or (1e6, 1e6))[:2]).prod().item())
        conds.append({**tightest, "area": area})


def _covers(outer: Any, inner: Any) -> bool:
    if outer is None:
        return True
    sides = len(outer) // 2
    return all(
        outer[sides + axis] <= inner[sides + axis]
        and outer[axis] + outer[sides + axis] >= inner[axis] + inner[sides + axis]
        for axis in range(sides)
    )
