"""A weight for each block of a network, from a text, and adapters that count by them.

The text is a preset, numbers in the order of the blocks, names with numbers, or a preset and exceptions:
``MIDD`` - ``1,0,0,0,1,1,1,1,1,1,1,1,0,0,0,0,0`` - ``*=0, IN04-IN08=0.7`` - ``ALL, double_blocks.0-5=0``.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from limner.graph.errors import NumericsError
from limner.models.adapter_targets import addressed, targets
from limner.models.adapters.adapter import Adapter, Change, Rewrite
from limner.models.adapters.weighed import weighed
from limner.models.network import Network
from limner.models.network_blocks import BASE, MIDDLE, NetworkBlocks, blocks_of

REST = "*"
"""Stands for all blocks that are not named."""

Groups = Mapping[str, Sequence[str]]

PRESETS: Mapping[str, Callable[[Groups], Sequence[str]]] = {
    "INS": lambda groups: groups["early in"],
    "IND": lambda groups: groups["late in"],
    "INALL": lambda groups: (*groups["early in"], *groups["late in"]),
    "MIDD": lambda groups: (*groups["late in"], MIDDLE, *groups["early out"]),
    "OUTD": lambda groups: groups["early out"],
    "OUTS": lambda groups: groups["late out"],
    "OUTALL": lambda groups: (*groups["early out"], *groups["late out"]),
}
"""The blocks of a UNet that count, beside BASE: near the picture (S, shallow) or near the middle (D, deep)."""

EVEN = {"ALL": 1.0, "NONE": 0.0, "ALL0.5": 0.5}
"""Presets with one weight for everything."""


def block_weights(text: str, blocks: NetworkBlocks) -> dict[str, float]:
    """The weight of each block and of ``BASE``.

    Raises:
        NumericsError: if a name, a number of numbers or a word is not understood; the message says what can be.
    """
    items = [item for item in (part.strip() for part in re.split(r"[,\n]", text)) if item]
    if items and all(_number(item) is not None for item in items):
        return _in_order([float(item) for item in items], blocks)
    weights = dict.fromkeys((BASE, *blocks.names), 1.0)
    if items and "=" not in items[0].replace(":", "="):
        weights = _preset(items.pop(0), blocks)
    for item in items:
        weights |= _named(item, blocks)
    return weights


def with_block_weights(network: Network, adapter: Adapter, strength: float, text: str) -> tuple[Network, float]:
    """A network with an adapter that counts differently from block to block, and the weight of ``BASE``.

    Raises:
        NumericsError: as ``block_weights``.
    """
    blocks = blocks_of(network)
    weights = block_weights(text, blocks)
    addressed(network.blueprint, adapter, network.what)  # says what is not there
    layers: list[dict[str, Change | Rewrite]] = []
    for target, change in targets(network.blueprint, adapter):
        share = weights[blocks.of_weights[target]]
        layer = next((layer for layer in layers if target not in layer), None)
        if layer is None:
            layers.append(layer := {})
        if share:
            layer[target] = weighed(change, share)
    for number, changes in enumerate(layers):
        key = (adapter.key, "blocks", number, tuple(weights.items()))
        network = (
            network.with_changes(Adapter(adapter.name, key, changes), strength) if changes and strength else network
        )
    return network, weights[BASE]


def _in_order(numbers: list[float], blocks: NetworkBlocks) -> dict[str, float]:
    """Numbers for BASE and every block, or every block with attention."""
    for names in (blocks.names, blocks.attending):
        if len(numbers) == len(names) + 1:
            given = dict(zip((BASE, *names), numbers, strict=True))
            return {BASE: given[BASE], **_spread(given, blocks.names)}
    counts = sorted({len(blocks.attending) + 1, len(blocks.names) + 1})
    raise NumericsError(
        f"There are {len(numbers)} block weights; this network takes {' or '.join(map(str, counts))}: BASE, then "
        f"{_listed(blocks.attending)}. Or give blocks by name: {REST}=0, {blocks.names[0]}=0.5."
    )


def _spread(given: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """Weights of all blocks: one that is not given has that of the block before it, or of the first one."""
    weight = next(given[name] for name in names if name in given)
    found: dict[str, float] = {}
    for name in names:
        found[name] = weight = given.get(name, weight)
    return found


def _preset(name: str, blocks: NetworkBlocks) -> dict[str, float]:
    everything = (BASE, *blocks.names)
    if name.upper() in EVEN:
        return dict.fromkeys(everything, EVEN[name.upper()])
    if name.upper() not in PRESETS or not blocks.sided:
        known = (*EVEN, *PRESETS) if blocks.sided else tuple(EVEN)
        raise NumericsError(
            f"{name!r} is no preset of block weights for this network ({', '.join(known)}), and no NAME=NUMBER."
        )
    chosen = PRESETS[name.upper()](_groups(blocks.attending))
    given = {block: float(block in chosen) for block in blocks.attending}
    return {BASE: 1.0, **_spread(given, blocks.names)}


def _groups(names: Sequence[str]) -> Groups:
    groups: dict[str, Sequence[str]] = {}
    for side, word in (("IN", "in"), ("OUT", "out")):
        own = [name for name in names if name.startswith(side)]
        groups |= {f"early {word}": own[: len(own) // 2], f"late {word}": own[len(own) // 2 :]}
    return groups


def _named(item: str, blocks: NetworkBlocks) -> dict[str, float]:
    """What ``IN04-IN08=0.5`` says."""
    name, _, number = item.replace(":", "=").rpartition("=")
    weight = _number(number.strip())
    if weight is None or not name.strip():
        raise NumericsError(f"{item!r} is no block weight: write NAME=NUMBER, for instance {blocks.names[0]}=0.5.")
    return dict.fromkeys(_range(name.strip(), blocks), weight)


def _range(name: str, blocks: NetworkBlocks) -> Sequence[str]:
    """The blocks that a name or ``FIRST-LAST`` means."""
    if name == REST:
        return (BASE, *blocks.names)
    first, _, last = name.partition("-")
    start = blocks.found(first)
    listed = first.rpartition(".")[0]
    end = start if not last else blocks.found(f"{listed}.{last}" if listed and last.isdigit() else last)
    if start == end == BASE:
        return (BASE,)
    if start not in blocks.names or end not in blocks.names:
        raise NumericsError(f"{name!r} is no block of this network; its blocks are {_listed((BASE, *blocks.names))}.")
    return blocks.names[blocks.names.index(start) : blocks.names.index(end) + 1]


def _listed(names: Sequence[str]) -> str:
    """Names for a message, not too many."""
    most = 30
    return ", ".join(names) if len(names) <= most else f"{', '.join(names[:3])} ... {', '.join(names[-3:])}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
