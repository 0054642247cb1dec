"""Blocks of a transformer left out: what comes in goes out. The worse network that skip-layer guidance needs.

Source: Hyung et al. 2024, "Spatiotemporal skip guidance for enhanced video diffusion sampling", section 3.2.
"""

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from torch import nn

DOUBLE = ("transformer_blocks", "joint_transformer_blocks", "double_stream_blocks", "blocks", "layers")
"""Names of a network's list of blocks; where there are two, of the first one, whose text mostly has its own weights."""

SINGLE = ("single_transformer_blocks", "single_stream_blocks")
"""Names of the second list: blocks in which text and picture are one."""


@dataclass(frozen=True)
class SkipLayers:
    """Numbers of the blocks that are left out; those that a network does not have are passed over."""

    double: tuple[int, ...] = ()
    single: tuple[int, ...] = ()

    def replacements(self, network: nn.Module) -> Sequence[tuple[nn.Module, Callable[..., Any]]]:
        """See ``BlockPatch``."""
        chosen = (*_chosen(network, DOUBLE, self.double), *_chosen(network, SINGLE, self.single))
        return [(block, _passing(block)) for block in chosen]


def _chosen(network: nn.Module, names: Sequence[str], numbers: Sequence[int]) -> list[nn.Module]:
    for name in names:
        blocks = getattr(network, name, None)
        if isinstance(blocks, nn.ModuleList):
            return [blocks[number] for number in numbers if number < len(blocks)]
    return []


def _passing(block: nn.Module) -> Callable[..., Any]:
    """What a block is replaced by: it gives what it got, under the names that the block gives it back."""
    orders = given_back(block)
    signature = inspect.signature(block.forward)

    def passed(own: Callable[..., Any], *inputs: Any, **named: Any) -> Any:
        got = signature.bind(*inputs, **named).arguments
        for names in orders:
            if all(got.get(name) is not None for name in names):
                return got[names[0]] if len(names) == 1 else tuple(got[name] for name in names)
        return next(iter(got.values()))

    return passed


def given_back(block: nn.Module) -> list[tuple[str, ...]]:
    """The names of what a block may give back, as its source has them.

    Blocks give back one stream, or two in either order. diffusers calls streams alike where they come in and where they
    go out, so no table of classes is needed.
    """
    tree = ast.parse(dedent(inspect.getsource(type(block).forward)))
    parameters = inspect.signature(block.forward).parameters
    found = [names for names in _returned(tree) if names and parameters.keys() >= set(names)]
    inner = getattr(block, "block", None)
    return given_back(inner) if not found and isinstance(inner, nn.Module) else found


def _returned(tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """The names in each ``return`` that has nothing but names."""
    for item in ast.walk(tree):
        if not isinstance(item, ast.Return) or item.value is None:
            continue
        parts = item.value.elts if isinstance(item.value, ast.Tuple) else [item.value]
        if all(isinstance(part, ast.Name) for part in parts):
            yield tuple(part.id for part in parts if isinstance(part, ast.Name))
