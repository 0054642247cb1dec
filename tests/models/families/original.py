"""Tensors of diffusers' networks in the original layout: our key maps followed backwards."""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from limner.models.load.renaming import Dropped, Exchanged, Split, Table, exchanged

CHECKPOINT = "model.diffusion_model."


def original(table: Table, state: Mapping[str, Tensor], leaves: Mapping[str, str] | None = None) -> dict[str, Tensor]:
    """The tensors of a network in the layout that a table maps onto it.

    Args:
        table: The key map.
        state: The network's tensors.
        leaves: Original endings for norms whose weight is called otherwise, by the end of the module's name.
    """
    rest = dict(state)
    found: dict[str, Tensor] = {}
    for old, rule in table.items():
        if isinstance(rule, Dropped):
            continue
        targets = rule.targets if isinstance(rule, Split) else (rule.target if isinstance(rule, Exchanged) else rule,)
        for name in [name for name in rest if re.match(_pattern(targets[0]), name)]:
            place = re.match(_pattern(targets[0]), name)
            numbers = place.groupdict()
            leaf = name[place.end() :]
            parts = [rest.pop(target.format(numbers.get("n", "")) + leaf) for target in targets]
            tensor = exchanged(parts[0]) if isinstance(rule, Exchanged) else torch.cat(parts)
            module = old.format(numbers.get("n", ""))
            found[module + _leaf(module, leaf, leaves or {})] = tensor
    return {**found, **rest}


def _pattern(target: str) -> str:
    return re.escape(target).replace(r"\{\}", r"(?P<n>\d+)") + r"(?=$|\.[a-z_]+$)"


def _leaf(module: str, leaf: str, leaves: Mapping[str, str]) -> str:
    for ending, name in leaves.items():
        if module.endswith(ending) and leaf == ".weight":
            return "." + name
    return leaf


def prefixed(state: Mapping[str, Tensor], prefix: str = CHECKPOINT) -> dict[str, Tensor]:
    """The same below a prefix."""
    return {prefix + name: tensor for name, tensor in state.items()}
