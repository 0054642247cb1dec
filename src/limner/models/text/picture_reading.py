"""Prompts with pictures in them, for language models that see.

Source: Bai et al. 2025, section 2.1; Wu et al. 2025, section 4.2 for what Qwen-Image makes of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from limner.graph.errors import ModelFileError
from limner.models.parts.seeing_text import SeeingText
from limner.models.text.chunks import Chunk
from limner.models.text.reading import Read, TextBranch
from limner.models.text.sequence_reading import SequenceReading

PICTURE = "<|image_pad|>"
"""Stands in a prompt where a picture is."""

FEWEST, MOST = 56 * 56, 14 * 14 * 4 * 16384
"""Pixels that the network is shown."""


@dataclass(frozen=True)
class PictureReading(SequenceReading):
    """A reading whose prompt holds pictures.

    Attributes:
        pictures: [h w 3] in 0..1, in the order in which they stand in the template.
    """

    pictures: tuple[Tensor, ...] = field(default=(), compare=False)

    def read(self, branch: TextBranch, chunks: Sequence[Chunk], last_layer: int | None) -> Read:
        """States of text and pictures.

        Raises:
            ModelFileError: if the file of the encoder holds nothing to see with.
        """
        if not self.pictures:
            return super().read(branch, chunks, last_layer)
        tokens = [token for chunk in chunks for token in chunk]
        numbers = [token.value if isinstance(token.value, int) else 0 for token in tokens]
        layers = self.layers if last_layer is None else (last_layer,)
        device = branch.network.device
        with torch.no_grad(), branch.network.lease("text") as network:
            if not isinstance(network, SeeingText):
                raise ModelFileError(
                    f"{branch.network.what} cannot see pictures: its file holds the language model only. Take a file "
                    "that has 'visual.' tensors too."
                )
            vectors, positions = self._placed(network, numbers, branch.tokenizer.number(PICTURE), device)
            states = network(vectors, None, layers, positions)[:, 0]
        states = states[:, self.skips :].float().cpu()
        return Read(states, torch.ones(states.shape[:2], dtype=torch.bool))

    def _placed(
        self, network: SeeingText, numbers: Sequence[int], mark: int | None, device: torch.device
    ) -> tuple[Tensor, Tensor]:
        """Vectors of tokens and pictures, and where they are. Shapes: returns [1 t d], [3 1 t]."""
        words = network.embed(torch.tensor([numbers], device=device))
        waiting = list(self.pictures)
        vectors: list[Tensor] = []
        positions: list[Tensor] = []
        place = 0
        for index, number in enumerate(numbers):
            if number != mark or not waiting:
                vectors.append(words[0, index : index + 1])
                positions.append(torch.full((3, 1), place))
                place += 1
                continue
            picture = fitted(waiting.pop(0).to(device), network.sight.patch * network.sight.merged)
            rows, columns = (side // (network.sight.patch * network.sight.merged) for side in picture.shape[1:])
            vectors.append(network.see(picture).to(words))
            positions.append(place + _grid(rows, columns))
            place += max(rows, columns)
        return torch.cat(vectors)[None], torch.cat(positions, dim=1)[:, None].to(device)


def _grid(rows: int, columns: int) -> Tensor:
    """Time, row and column of a picture's vectors. Shapes: returns [3 rows*columns]."""
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.stack([torch.zeros_like(row), row, column]).flatten(1)


def fitted(picture: Tensor, step: int) -> Tensor:
    """A picture whose sides are multiples of a step, of as much the same shape as can be.

    Shapes: picture [h w 3] in 0..1; returns [3 h w].
    """
    height, width = picture.shape[:2]
    sides = [max(step, round(side / step) * step) for side in (height, width)]
    if math.prod(sides) > MOST:
        factor = (height * width / MOST) ** 0.5
        sides = [max(step, math.floor(side / factor / step) * step) for side in (height, width)]
    elif math.prod(sides) < FEWEST:
        factor = (FEWEST / (height * width)) ** 0.5
        sides = [math.ceil(side * factor / step) * step for side in (height, width)]
    moved = picture[..., :3].movedim(-1, 0).float()
    if sides == [height, width]:
        return moved
    return interpolate(moved[None], size=sides, mode="bicubic", antialias=True)[0].clamp(0.0, 1.0)
