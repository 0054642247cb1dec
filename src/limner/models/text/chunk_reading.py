"""CLIP's text encoders, read 77 tokens at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from limner.models.parts.clip_text import END, START, ClipText
from limner.models.text.chunks import Chunk, Token, chunk, empty_chunk
from limner.models.text.embeddings import FindEmbedding
from limner.models.text.reading import Read, TextBranch
from limner.models.text.stretches import stretches
from limner.models.text.weights import vectors_of, weights_of


@dataclass(frozen=True)
class ChunkReading:
    """Implements ``Reading`` for CLIP's encoders.

    Attributes:
        padding: The token that fills a chunk.
        layer: The layer that the family was trained on, -1 the last; None: the last, normed.
        normed: Whether the final norm is applied to that layer.
        projected: Whether the pooled vector is projected where the encoder has a projection.
        masked: Whether nothing looks at what fills a chunk.
    """

    padding: int = END
    layer: int | None = None
    normed: bool = True
    projected: bool = True
    masked: bool = False

    def chunks(self, branch: TextBranch, text: str, find: FindEmbedding) -> list[list[Token]]:
        """A prompt's tokens in chunks of 77."""
        return chunk(stretches(branch, text, find), self.padding)

    def filler(self) -> list[Token]:
        """The chunk of an empty prompt."""
        return empty_chunk(self.padding)

    def read(self, branch: TextBranch, chunks: Sequence[Chunk], last_layer: int | None) -> Read:
        """Chunks one after another, the pooled vector of the first one."""
        weights = weights_of(chunks)
        scaled = bool((weights != 1.0).any())
        every = [*chunks, self.filler()] if scaled else list(chunks)
        end = torch.tensor([[token.value == END for token in tokens].index(True) for tokens in _numbers(every)])
        with torch.no_grad(), branch.network.lease("text") as network:
            layer, normed = self._layer(network, last_layer)
            vectors = vectors_of(network, every, START, branch.network.device)
            how = {"normed": normed, "projected": self.projected, "masked": self.masked}
            states, pooled = network(vectors, end.to(vectors.device), layer, **how)
        states, pooled = states.float().cpu(), pooled[:1].float().cpu()
        if scaled:
            states = branch.weigh(states[:-1], states[-1:], weights)
        return Read(states.reshape(1, -1, states.shape[-1]), pooled=pooled)

    def _layer(self, network: ClipText, last_layer: int | None) -> tuple[int | None, bool]:
        """Which layer to take; one that the encoder does not have means its last, normed."""
        if last_layer is None:
            return self.layer, self.normed
        return (None, True) if -last_layer > network.layers else (last_layer, self.normed)


def _numbers(chunks: Sequence[Chunk]) -> list[list[Token]]:
    """The chunks with a number in the place of each learned vector."""
    return [[token if isinstance(token.value, int) else Token(START) for token in tokens] for tokens in chunks]
