"""Attention to a picture inside a UNet, beside that to the text.

Source: Ye et al. 2023, "IP-Adapter: text compatible image prompt adapter", equation 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from torch import Tensor, nn

from limner.graph.errors import NumericsError
from limner.models.attention import attend
from limner.models.patches.patch import Hooks
from limner.models.unet_walk import EVERY
from limner.models.vision.picture_influence import Influence, Masks, digest_of

Seen = tuple[Tensor, Tensor]
"""Keys and values of one attention [1 t d]."""


class PictureAttention(nn.Module):
    """An image projection, and keys and values of each attention.

    Args:
        projection: Makes tokens.
        layers: Widths (network, tokens) by the number of the attention.
        biased: Whether the layers have biases.
    """

    def __init__(self, projection: nn.Module, layers: Mapping[str, tuple[int, int]], *, biased: bool = False) -> None:
        super().__init__()
        self.image_proj = projection
        self.ip_adapter = nn.ModuleDict(
            {
                number: nn.ModuleDict({part: nn.Linear(text, width, bias=biased) for part in ("to_k_ip", "to_v_ip")})
                for number, (width, text) in layers.items()
            }
        )

    def forward(self, *shown: Tensor, **settings: Any) -> tuple[Seen, ...]:
        """Keys and values of each attention, in the order of their numbers; those of all pictures in a row.

        Shapes: shown [b p] or [b t p], as the projection wants it; returns [1 b*t d] each.
        """
        tokens = self.image_proj(*shown, **settings).flatten(0, 1)[None]
        layers: list[Any] = [self.ip_adapter[number] for number in sorted(self.ip_adapter, key=int)]
        return tuple((layer["to_k_ip"](tokens), layer["to_v_ip"](tokens)) for layer in layers)


@dataclass(frozen=True)
class PictureTokens:
    """Adds attention to a picture to every attention to text. A ``UnetPatch``.

    Attributes:
        layers: Keys and values by attention. Equal ones are told by ``digest``.
        influence: How much they count, and where.
    """

    layers: tuple[Seen, ...] = field(compare=False, repr=False)
    influence: Influence
    digest: str = ""

    @classmethod
    def of(cls, layers: tuple[Seen, ...], influence: Influence) -> "PictureTokens":
        """With the digest of what is seen."""
        return cls(layers, influence, digest_of(*layers[0]) if layers else "")

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``.

        Raises:
            NumericsError: if it was made for a network with other attentions.
        """
        named = {name: module for name, module in network.named_modules() if name.endswith(".attn2")}
        if len(named) != len(self.layers):
            raise NumericsError(
                f"This IP-Adapter has {len(self.layers)} attentions and the model {len(named)}: it was made for "
                "another model family."
            )
        factors = self.influence.factors(list(named))
        layers = {
            id(module): (layer, factor)
            for module, layer, factor in zip(named.values(), self.layers, factors, strict=True)
        }
        before, masks = hooks.replacements.get("attn2", {}).get(EVERY), Masks(self.influence)
        hooks.replace("attn2", EVERY, partial(self._attended, layers, masks, before))

    def _attended(
        self,
        layers: Mapping[int, tuple[Seen, float]],
        masks: Masks,
        before: Any,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        told: Any,
    ) -> Tensor:
        text = before(query, key, value, told) if before else attend(query, key, value, told["n_heads"])
        seen, factor = layers[id(told["attention"])]
        if not factor:
            return text
        picture = attended(query, seen, told["n_heads"]) * factor
        height, width = told["activations_shape"][-2:]
        places = masks.over(height, width, query)
        return text + (picture if places is None else picture * places)


def attended(query: Tensor, seen: Seen, heads: int) -> Tensor:
    """What queries [n q d] find in a picture; returns like them.

    Raises:
        NumericsError: if it was made for a network of another width.
    """
    key, value = (part.to(query).expand(query.shape[0], -1, -1) for part in seen)
    if key.shape[-1] != query.shape[-1]:
        raise NumericsError(
            f"This IP-Adapter was made for a network of another width: {key.shape[-1]} where {query.shape[-1]} was "
            "expected."
        )
    return attend(query, key, value, heads)
