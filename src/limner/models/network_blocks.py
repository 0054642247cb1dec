"""The blocks of a network, as people call them who give each a weight of its own.

Blocks of a UNet are IN00, IN01 ... MID, OUT00, OUT01 ...; those of a transformer go by their list and number,
``double_blocks.3``, or by their number among all. What stands outside blocks is BASE.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from limner.models.merging import original_name
from limner.models.network import Network

BASE, MIDDLE = "BASE", "MID"
SIDES = {"input_blocks": "IN", "middle_block": MIDDLE, "output_blocks": "OUT"}
LISTED = re.compile(r"([A-Za-z_]+)\.(\d+)\.(.+)")
ATTENTION = "transformer_blocks."
DEEP = 2
"""Points behind the number in a name inside a block; a list of plain layers has fewer."""


@dataclass(frozen=True)
class NetworkBlocks:
    """Blocks by the weights that are in them.

    Attributes:
        of_weights: The network's weights, each with its block or ``BASE``.
        names: The blocks in their order, without ``BASE``.
        attending: Those with attention to text; all of them in a transformer.
    """

    of_weights: dict[str, str]
    names: tuple[str, ...]
    attending: tuple[str, ...]

    @cached_property
    def sided(self) -> bool:
        """Whether it is a UNet."""
        return MIDDLE in self.names

    def found(self, name: str) -> str | None:
        """The block that somebody means: by its name, ``M00`` for the middle, or its number among all."""
        if name.isdigit() and not self.sided:
            return self.names[int(name)] if int(name) < len(self.names) else None
        plain = MIDDLE if name.upper() == "M00" else name
        return next((own for own in (BASE, *self.names) if own.lower() == plain.lower()), None)


def blocks_of(network: Network) -> NetworkBlocks:
    """The blocks of a denoising network, by the names of the layout of publication."""
    originals = {name: original_name(network, name) for name in network.blueprint.keys}
    if any(name.startswith("middle_block.") for name in originals.values()):
        blocks = {name: _side(original) for name, original in originals.items()}
    else:
        blocks = _lists(originals)
    names = tuple(sorted({*blocks.values()} - {BASE}, key=_place))
    attending = {block for name, block in blocks.items() if ATTENTION in originals[name]}
    return NetworkBlocks(
        blocks, names, tuple(name for name in names if name in attending) if MIDDLE in names else names
    )


def _side(original: str) -> str:
    side, _, rest = original.partition(".")
    number = rest.partition(".")[0]
    if side == "middle_block":
        return MIDDLE
    return f"{SIDES[side]}{int(number):02}" if side in SIDES else BASE


def _lists(originals: dict[str, str]) -> dict[str, str]:
    """Blocks of a network that is made of lists of them."""
    listed = {name: LISTED.fullmatch(original) for name, original in originals.items()}
    lists = {found[1] for found in listed.values() if found and found[3].count(".") >= DEEP}
    return {
        name: f"{found[1]}.{int(found[2])}" if found and found[1] in lists else BASE for name, found in listed.items()
    }


def _place(name: str) -> tuple[int, str, int]:
    """Where a block comes: sides of a UNet in their order, lists by name, blocks by number."""
    number = re.search(r"\d*$", name)
    digits = number[0] if number else ""
    beginning = name.removesuffix(digits)
    sides = list(SIDES.values())
    return sides.index(beginning) if beginning in sides else 0, beginning, int(digits or 0)
