"""Attention to the tokens of a style beside the text, made stronger or weaker.

To a score q k / sqrt(d) the logarithm of a strength is added, so that the weight of the token is multiplied by it. That
holds for what looks at a style from outside: the picture, the text, and styles that stood there before it. Tokens of
the style itself look at everything as they always do.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from limner.models.family import InputRequest
from limner.models.parts.text_tokens import kept_tokens

STYLES = "styles"
"""Option of a conditioning entry: a list of ``Style``, in the order in which they were put beside the text."""


@dataclass(frozen=True)
class Style:
    """Where the tokens of a style are.

    Attributes:
        start: The first one's number among the tokens of the text.
        count: How many.
        strength: What attention to them is multiplied by. Range: from 0, where nobody looks at them.
    """

    start: int
    count: int
    strength: float

    @property
    def bias(self) -> float:
        """What is added to scores."""
        return math.log(self.strength) if self.strength > 0 else -math.inf


def style_inputs(request: InputRequest) -> dict[str, Tensor]:
    """Network inputs for the entry's styles; none where attention to them is as it always is.

    Shapes: ``style_bias`` [1 t+1 t]: what is added to the scores of the text's tokens, a row for each of them that
    looks, and a last one for the picture.
    """
    styles: Sequence[Style] = request.entry.get(STYLES) or ()
    if all(style.strength == 1 for style in styles):
        return {}
    length = request.context.shape[1]
    bias = torch.zeros(length + 1, length)
    for style in styles:
        columns = slice(style.start, style.start + style.count)
        bias[: style.start, columns] = style.bias
        bias[-1, columns] = style.bias
    kept = kept_tokens(request.entry.get("attention_mask"), length)
    rows = torch.cat([kept, torch.ones(1, dtype=torch.bool)])
    return {"style_bias": bias[rows][:, kept][None]}


def joint_mask(bias: Tensor, picture: int) -> Tensor:
    """What is added to the scores of text and picture in one.

    Shapes: bias [n t+1 t]; returns [n 1 t+picture t+picture].
    """
    samples, _, text = bias.shape
    mask = bias.new_zeros(samples, 1, text + picture, text + picture)
    mask[:, 0, :text, :text] = bias[:, :-1]
    mask[:, 0, text:, :text] = bias[:, -1:]
    return mask
