"""Prompts about a picture, for language models that are given what a vision encoder of its own made of it (LLaVA).

Source: Liu et al. 2023, "Visual instruction tuning", section 4.1; Kong et al. 2024, section 4.3 for what HunyuanVideo
makes of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.text.chunks import Chunk, Token
from limner.models.text.embeddings import FindEmbedding
from limner.models.text.reading import Read, TextBranch
from limner.models.text.sequence_reading import SequenceReading
from limner.models.text.stretches import tokens_of, whole

PICTURE = "<image>"
"""Stands in the template where the picture is."""

HEADER_END = "<|end_header_id|>"
"""Behind the name of who speaks, which the template begins and ends with."""

CLOSING = 4
"""Tokens that end with the last of them: the end of the prompt, and the header of the answer."""


@dataclass(frozen=True)
class SeenPromptReading(SequenceReading):
    """A reading whose template holds one picture; what the model says of it comes in front of the text.

    Attributes:
        seen: What takes the picture's place [n d].
        before: Tokens of the template in front of the prompt, the picture counted as one.
        every: Of what is said of the picture, each so many-th state is handed on.
    """

    seen: Tensor = field(default_factory=lambda: torch.zeros(0, 0), compare=False)
    before: int = 0
    every: int = 1

    def chunks(self, branch: TextBranch, text: str, find: FindEmbedding) -> list[list[Token]]:
        """A prompt's tokens in one row, the picture's vectors in their place.

        Raises:
            NumericsError: if the vectors are not of the model's width.
        """
        width = branch.network.blueprint.facts["width"]
        if self.seen.shape[-1] != width:
            raise NumericsError(
                f"The vision encoder gives vectors of {self.seen.shape[-1]} numbers, but {branch.network.what} reads "
                f"ones of {width}. Take the vision encoder that belongs to the language model."
            )
        before, after = self.template.split(PICTURE)
        front, _, back = after.partition("{}")
        prompt = tokens_of(branch, self.cleans(text), find, front, back)
        picture = [Token(vector) for vector in self.seen]
        return [self._closed([*whole(branch, before), *picture, *prompt], branch.tokenizer)]

    def read(self, branch: TextBranch, chunks: Sequence[Chunk], last_layer: int | None) -> Read:
        """States of the picture, then those of the prompt, without the template's.

        Raises:
            ModelFileError: if the tokenizer does not know the template's tokens.
        """
        tokens = [token.value for chunk in chunks for token in chunk]
        mark = branch.tokenizer.number(HEADER_END)
        if mark is None:
            raise ModelFileError(f"The tokenizer has no token {HEADER_END!r}: it was made for another text encoder.")
        first = next(place for place, value in enumerate(tokens) if isinstance(value, Tensor))
        header = max(place for place, value in enumerate(tokens) if not isinstance(value, Tensor) and value == mark)
        read = super().read(branch, chunks, last_layer)
        pictured = range(first, first + len(self.seen), self.every)
        text = range(self.before - 1 + len(self.seen), header + 1 - CLOSING)
        handed = [*pictured, *text, *range(header + 1, read.states.shape[1])]
        return Read(read.states[:, handed], None if read.mask is None else read.mask[:, handed])
