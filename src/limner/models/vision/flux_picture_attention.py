"""Attention to a picture inside the transformer of Flux.1.

Two kinds are published. XLabs (2024) looks at the picture from the blocks with two streams, and adds what it finds to
the picture that is drawn, behind the block's perceptron. InstantX (2024) looks from all blocks, by keys and values
that are normed like the network's own, and adds it to the result of the attention. Queries of both have no places.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import rms_norm

from limner.graph.errors import NumericsError
from limner.models.parts.patch_tokens import grid_places
from limner.models.vision.picture_attention import Seen, attended
from limner.models.vision.picture_influence import Influence, Masks, digest_of

DOUBLE, SINGLE = "transformer_blocks", "single_transformer_blocks"
EPSILON = 1e-5
"""Of the norm of keys and values."""


@dataclass
class Grid:
    """What a pass says of its tokens before blocks run, and the mask over them. Made anew for each pass.

    Attributes:
        influence: Whose mask.
        places: Of the picture and its references [t 3].
    """

    influence: Influence
    places: Tensor | None = None
    _masks: dict[int, Tensor] = field(default_factory=dict)

    def noted(self, own: Callable[..., Any], *inputs: Any, **named: Any) -> Any:
        """Runs a network, and remembers the places that it is given."""
        self.places = named["img_ids"]
        return own(*inputs, **named)

    def mask(self, tokens: Tensor) -> Tensor | None:
        """The mask for each token; what is no part of the picture takes its mean. None without one.

        Shapes: tokens [n t d], perhaps with a text in front; returns [t 1].
        """
        if self.influence.mask is None or self.places is None:
            return None
        count = tokens.shape[1]
        if count not in self._masks:
            self._masks[count] = self._spread(self.places, tokens)
        return self._masks[count]

    def _spread(self, places: Tensor, tokens: Tensor) -> Tensor:
        mask = Masks(self.influence).over(*own_size(places), tokens)
        assert mask is not None  # there is one
        spread = mask.mean().expand(tokens.shape[1], 1).clone()
        text = tokens.shape[1] - len(places)
        spread[text : text + len(mask)] = mask
        return spread


@dataclass(frozen=True)
class TransformerPicture:
    """Adds attention to a picture to blocks of Flux's transformer. A ``BlockPatch``.

    Attributes:
        layers: Keys and values by attention. Equal ones are told by ``digest``.
        influence: How much they count, and where.
        everywhere: Whether it looks from all blocks (InstantX), or from those with two streams (XLabs).
    """

    layers: tuple[Seen, ...] = field(compare=False, repr=False)
    influence: Influence
    everywhere: bool
    digest: str = ""

    @classmethod
    def of(cls, layers: tuple[Seen, ...], influence: Influence, *, everywhere: bool) -> "TransformerPicture":
        """With the digest of what is seen."""
        return cls(layers, influence, everywhere, digest_of(*layers[0]))

    def replacements(self, network: nn.Module) -> Sequence[tuple[nn.Module, Callable[..., Any]]]:
        """See ``BlockPatch``.

        Raises:
            NumericsError: if it was made for a network with other attentions.
        """
        named = _attentions(network, everywhere=self.everywhere)
        if len(named) != len(self.layers):
            raise NumericsError(
                f"This IP-Adapter has {len(self.layers)} attentions and the model {len(named)}: it was made for "
                "another model family."
            )
        grid, factors = Grid(self.influence), self.influence.factors(list(named))
        watched: list[tuple[nn.Module, Callable[..., Any]]] = [(network, grid.noted)]
        for attention, layer, factor in zip(named.values(), self.layers, factors, strict=True):
            if factor:
                watched.append((attention, partial(self._attended, attention, layer, factor, grid)))
        return watched

    def _attended(
        self, attention: Any, layer: Seen, factor: float, grid: Grid, own: Callable[..., Any], **named: Any
    ) -> Any:
        """The attention's result with what was found in the picture."""
        found = own(**named)
        found = found if isinstance(found, tuple) else (found,)
        hidden = named["hidden_states"]
        query = attention.norm_q(attention.to_q(hidden).unflatten(-1, (attention.heads, -1))).flatten(2)
        seen = tuple(_normed(part, attention.heads) for part in layer) if self.everywhere else layer
        picture = attended(query, (seen[0], seen[1]), attention.heads) * factor
        places = grid.mask(hidden)
        picture = picture if places is None else picture * places
        if self.everywhere:
            found = (found[0] + picture, *found[1:])
            return found if len(found) > 1 else found[0]
        return (*found[:2], sum(found[2:], picture))


def _attentions(network: nn.Module, *, everywhere: bool) -> Mapping[str, nn.Module]:
    """The attentions that a picture is seen from, by name, in the order in which they run."""
    lists = (DOUBLE, SINGLE) if everywhere else (DOUBLE,)
    found: dict[str, nn.Module] = {}
    for name in lists:
        blocks = getattr(network, name, None)
        if not isinstance(blocks, nn.ModuleList):
            raise NumericsError("This IP-Adapter was made for Flux.1, and the model is another one.")
        found |= {f"{name}.{number}.attn": block.get_submodule("attn") for number, block in enumerate(blocks)}
    return found


def _normed(part: Tensor, heads: int) -> Tensor:
    """Keys or values [1 t d] of length 1 on the mean, head by head."""
    split = part.unflatten(-1, (heads, -1))
    return rms_norm(split, split.shape[-1:], eps=EPSILON).flatten(2)


def own_size(places: Tensor) -> tuple[int, int]:
    """Rows and columns of the picture, whose patches come before those of its references. Shapes: places [t 3]."""
    first = (places[:, :2] == places[0, :2]).all(dim=-1)
    columns = _leading(first)
    expected = grid_places(-(-len(places) // columns), columns)[: len(places)].to(places)
    return _leading((places == expected).all(dim=-1)) // columns, columns


def _leading(true: Tensor) -> int:
    """How many at the beginning are true."""
    return int(torch.cumprod(true.long(), dim=0).sum())
