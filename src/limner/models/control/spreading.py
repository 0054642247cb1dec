"""What control networks of few blocks give, spread over the many blocks of the network that they steer.

Each kind says how its blocks are meant. Afterwards there is one residual a block, so those of several control networks
add up block by block, however many blocks each of them has.
"""

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import pad

Spread = tuple[Tensor, ...]


def in_stretches(samples: Sequence[Tensor], blocks: int) -> Spread:
    """Each holds for equally many blocks in a row, but for the last, which may hold for fewer."""
    stretch = -(-blocks // max(1, len(samples)))
    return tuple(samples[block // stretch] for block in range(blocks)) if samples else ()


def in_proportion(samples: Sequence[Tensor], blocks: int) -> Spread:
    """Each holds for the blocks that stand where it stands, from first to last."""
    return tuple(samples[block * len(samples) // blocks] for block in range(blocks)) if samples else ()


def in_turn(samples: Sequence[Tensor], blocks: int) -> Spread:
    """They take turns."""
    return tuple(samples[block % len(samples)] for block in range(blocks)) if samples else ()


def beside(samples: Spread, further: int) -> Spread:
    """Residuals of a picture's tokens, with none for tokens of reference pictures that follow. Shapes: [n t c]."""
    return tuple(pad(sample, (0, 0, 0, further)) for sample in samples) if further else samples
