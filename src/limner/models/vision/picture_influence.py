"""How much a picture counts in which of a network's attentions, and in which part of what is drawn.

Where in SDXL the style and where the composition of a picture counts: Wang et al. 2024, "InstantStyle: free lunch
towards style-preserving in text-to-image generation", section 3.2.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from torch import Tensor
from torch.nn.functional import interpolate

from limner.graph.errors import NumericsError

EVEN = "even"
STYLE, COMPOSITION, BOTH = "style", "composition", "style and composition"
RISING, FALLING = "rising", "falling"

PLACES: Mapping[str, tuple[str, ...]] = {
    STYLE: ("up_blocks.0.attentions.1.",),
    COMPOSITION: ("down_blocks.2.attentions.1.",),
    BOTH: ("up_blocks.0.attentions.1.", "down_blocks.2.attentions.1."),
}
"""Attentions of SDXL's UNet, by what of a picture counts there."""

SLOPES: Mapping[str, Callable[[float], float]] = {
    EVEN: lambda depth: 1.0,
    RISING: lambda depth: depth,
    FALLING: lambda depth: 1.0 - depth,
}
"""Factors by how far through the network an attention is, from 0 to 1."""

WEIGHTINGS = (EVEN, STYLE, COMPOSITION, BOTH, RISING, FALLING)

SDXL_LEVELS = 3
SIDES = ("down", "mid", "up")


@dataclass(frozen=True)
class Influence:
    """How much a picture counts, and where.

    Attributes:
        scale: Factor of everything; 0 changes nothing.
        weighting: One of ``WEIGHTINGS``.
        by_attention: Factors of the attentions, in the order in which they run; none: 1 for each.
        mask: 1 where it counts, 0 where it does not [h w]; None: everywhere. Equal masks are told by ``digest``.
    """

    scale: float = 1.0
    weighting: str = EVEN
    by_attention: tuple[float, ...] = ()
    mask: Tensor | None = field(default=None, compare=False, repr=False)
    digest: str = ""

    @classmethod
    def of(cls, scale: float, weighting: str, by_attention: Sequence[float], mask: Tensor | None) -> "Influence":
        """With the digest of a mask [h w] or [m h w], the first of which counts."""
        if mask is None:
            return cls(scale, weighting, tuple(by_attention))
        plane = mask.reshape(-1, *mask.shape[-2:])[0].float().cpu()
        return cls(scale, weighting, tuple(by_attention), plane, digest_of(plane))

    def factors(self, names: Sequence[str]) -> list[float]:
        """Factors of attentions, given their names in a network.

        Raises:
            NumericsError: if the weighting is not known for that network, or the number of factors is another.
        """
        order = sorted(range(len(names)), key=lambda number: _run_order(names[number]))
        weights = self._weights([names[number] for number in order])
        factors = [0.0] * len(names)
        for number, weight in zip(order, weights, strict=True):
            factors[number] = self.scale * weight
        return factors

    def _weights(self, names: Sequence[str]) -> list[float]:
        """Weights of attentions in the order in which they run."""
        if self.by_attention and len(self.by_attention) != len(names):
            raise NumericsError(
                f"{len(self.by_attention)} weights came for the {len(names)} attentions of this network: give one for "
                "each, or none."
            )
        own = self.by_attention or (1.0,) * len(names)
        if self.weighting in SLOPES:
            slope, last = SLOPES[self.weighting], max(1, len(names) - 1)
            return [weight * slope(number / last) for number, weight in enumerate(own)]
        if not _is_sdxl(names):
            raise NumericsError(
                f"The weighting '{self.weighting}' is known for SDXL only, and this is another network. Choose one of "
                f"{', '.join(SLOPES)}, or give a weight for each attention."
            )
        return [weight * name.startswith(PLACES[self.weighting]) for name, weight in zip(names, own, strict=True)]


@dataclass
class Masks:
    """An influence's mask at the sizes that one pass asks for. Made anew for each pass."""

    influence: Influence
    _made: dict[tuple[int, int], Tensor] = field(default_factory=dict)

    def over(self, height: int, width: int, like: Tensor) -> Tensor | None:
        """The mask at a size, as a column; None without one. Shapes: returns [height*width 1]."""
        mask = self.influence.mask
        if mask is None:
            return None
        if (height, width) not in self._made:
            plane = interpolate(mask[None, None], size=(height, width), mode="area")
            self._made[height, width] = plane.reshape(-1, 1).to(like)
        return self._made[height, width]


def digest_of(*tensors: Tensor) -> str:
    """Equal for equal contents."""
    content = blake2b(digest_size=16)
    for tensor in tensors:
        content.update(repr(tuple(tensor.shape)).encode())
        content.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return content.hexdigest()


def _is_sdxl(names: Sequence[str]) -> bool:
    """Whether these are attentions of SDXL's UNet: three levels, no attention in the outermost."""
    levels = {int(found[1]) for name in names if (found := re.match(r"down_blocks\.(\d+)\.", name))}
    return levels == set(range(1, SDXL_LEVELS))


def _run_order(name: str) -> tuple[int, ...]:
    """Sorts a network's attentions by when they run."""
    side = name.partition("_block")[0]
    numbers = tuple(int(number) for number in re.findall(r"\d+", name))
    return (SIDES.index(side) if side in SIDES else name.startswith("single"), *numbers)
