"""Text to conditioning: the value of CLIP sockets."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from limner.models.adapters.adapter import Adapter
from limner.models.chunks import Chunk, Token, chunk, empty_chunk
from limner.models.embeddings import FindEmbedding
from limner.models.network import Network
from limner.models.parts.clip_text import END, START, ClipText
from limner.models.parts.clip_tokenizer import ClipTokenizer
from limner.models.prompt import EmbeddingName, pieces, segments

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TextBranch:
    """One text encoder of a family.

    Attributes:
        name: ``clip_l``, ``clip_g`` or ``clip_h``.
        network: A ClipText, loaded when leased.
        padding: The token that fills a chunk.
        layer: The layer to use, -1 the last; None: the last, normed.
        normed: Whether the final norm is applied to it.
    """

    name: str
    network: Network
    padding: int
    layer: int | None
    normed: bool


@dataclass(frozen=True)
class TextEncoder:
    """Encodes prompts with one text encoder, or with two whose outputs are joined. Immutable.

    Attributes:
        branches: The encoders; the last one gives the pooled vector.
        tokenizer: Shared by all.
        find_embedding: Looks up learned embeddings.
        last_layer: Set by ``with_last_layer``; None: what each branch was trained on.
    """

    branches: tuple[TextBranch, ...]
    tokenizer: ClipTokenizer
    find_embedding: FindEmbedding
    last_layer: int | None = None

    def clone(self) -> "TextEncoder":
        """The same encoder: it is immutable."""
        return replace(self)

    def with_last_layer(self, layer: int) -> "TextEncoder":
        """This encoder, stopping earlier. Range: layer -1 (the last) to -24."""
        return replace(self, last_layer=layer)

    def with_adapter(self, adapter: Adapter, strength: float) -> "TextEncoder":
        """This encoder with an adapter put on. Range: any strength; 0 changes nothing."""
        changed = tuple(
            replace(branch, network=branch.network.with_adapter(adapter, strength)) for branch in self.branches
        )
        return replace(self, branches=changed)

    def with_networks(self, change: Callable[[TextBranch], Network]) -> "TextEncoder":
        """This encoder with other weights of the same kind in each branch."""
        return replace(self, branches=tuple(replace(branch, network=change(branch)) for branch in self.branches))

    def encode(self, text: str) -> list[list[Any]]:
        """The conditioning of a prompt.

        Returns:
            ``[[states, {"pooled_output": pooled}]]``, states [1 t d] with t a multiple of 77, pooled [1 p]; float32 on
            the CPU.
        """
        return self._encode([text] * len(self.branches))

    def encode_pair(self, text_l: str, text_g: str) -> list[list[Any]]:
        """The same with a text for each of two encoders; the shorter one is filled up with empty chunks."""
        texts = {"clip_l": text_l, "clip_g": text_g}
        return self._encode([texts.get(branch.name, text_g) for branch in self.branches])

    def chunks(self, text: str) -> dict[str, list[list[Token]]]:
        """A prompt's tokens in chunks of 77, by the encoder's name."""
        return {branch.name: self._chunks(branch, text) for branch in self.branches}

    def encode_chunks(self, chunks: Mapping[str, Sequence[Chunk]]) -> list[list[Any]]:
        """The conditioning of chunks of 77 tokens, by the encoder's name; an encoder without any reads nothing."""
        return self._encode_cut([list(chunks.get(branch.name, ())) for branch in self.branches])

    def _encode(self, texts: Sequence[str]) -> list[list[Any]]:
        cut = [self._chunks(branch, text) for branch, text in zip(self.branches, texts, strict=True)]
        return self._encode_cut(cut)

    def _encode_cut(self, cut: Sequence[Sequence[Chunk]]) -> list[list[Any]]:
        count = max(1, *(len(chunks) for chunks in cut), 0)
        states: list[Tensor] = []
        pooled = torch.zeros(1, 0)
        for branch, chunks in zip(self.branches, cut, strict=True):
            filled = [*chunks, *[empty_chunk(branch.padding)] * (count - len(chunks))]
            encoded, pooled = self._run(branch, filled)
            states.append(encoded)
        return [[torch.cat(states, dim=-1), {"pooled_output": pooled}]]

    def _chunks(self, branch: TextBranch, text: str) -> list[list[Token]]:
        return chunk(self._stretches(branch, text), branch.padding)

    def _stretches(self, branch: TextBranch, text: str) -> Iterator[list[Token]]:
        """Tokens that belong together."""
        for segment in segments(text):
            for piece in pieces(segment.text):
                values = self._learned(branch, piece.name) if isinstance(piece, EmbeddingName) else [self._words(piece)]
                yield from ([Token(value, segment.weight) for value in stretch] for stretch in values)

    def _words(self, text: str) -> list[int]:
        return self.tokenizer.encode(text) if text else []

    def _learned(self, branch: TextBranch, name: str) -> list[Sequence[int] | Tensor]:
        """The vectors [n d] of an embedding if it can be had, and the commas that stood behind its name."""
        found = self.find_embedding(name)
        commas: list[int] = []
        if found is None and name.rstrip(",") != name:
            commas = self._words(name[len(name.rstrip(",")) :])
            found = self.find_embedding(name.rstrip(","))
        if found is None:
            logger.warning("There is no embedding named %r; it is left out of the prompt.", name)
            return [commas]
        vectors = found.of(branch.name)
        width = branch.network.blueprint.facts["width"]
        if vectors is None or vectors.shape[1] != width:
            logger.warning("The embedding %r is not made for %s (width %s); left out.", name, branch.name, width)
            return [commas]
        return [vectors, commas]

    def _run(self, branch: TextBranch, chunks: Sequence[Chunk]) -> tuple[Tensor, Tensor]:
        """States [1 t d] and pooled [1 p] of one encoder."""
        weights = torch.tensor([[token.weight for token in tokens] for tokens in chunks])
        weighted = bool((weights != 1.0).any())
        every = [*chunks, empty_chunk(branch.padding)] if weighted else list(chunks)
        numbers = [[_number(token) for token in tokens] for tokens in every]
        end = torch.tensor([row.index(END) for row in numbers])
        with torch.no_grad(), branch.network.lease("text") as network:
            layer, normed = self._layer(branch, network)
            vectors = _vectors(network, every, torch.tensor(numbers, device=branch.network.device))
            states, pooled = network(vectors, end.to(vectors.device), layer, normed=normed)
        states, pooled = states.float().cpu(), pooled[:1].float().cpu()
        if weighted:
            states, empty = states[:-1], states[-1:]
            # Weights scale how far a token's state is from that of an empty prompt at the same place.
            scaled = (states - empty) * weights[:, :, None] + empty
            states = torch.where(weights[:, :, None] == 1.0, states, scaled)
        return states.reshape(1, -1, states.shape[-1]), pooled

    def _layer(self, branch: TextBranch, network: ClipText) -> tuple[int | None, bool]:
        """Which layer to take; one that the encoder does not have means its last, normed."""
        if self.last_layer is None:
            return branch.layer, branch.normed
        return (None, True) if -self.last_layer > network.layers else (self.last_layer, branch.normed)


def _number(token: Token) -> int:
    """The token's number; for a learned vector one that means nothing and is replaced."""
    return token.value if isinstance(token.value, int) else START


def _vectors(network: ClipText, chunks: Sequence[Chunk], numbers: Tensor) -> Tensor:
    """Token vectors [n t d], learned ones in their places."""
    vectors = network.embed(numbers)
    for row, tokens in enumerate(chunks):
        for place, token in enumerate(tokens):
            if isinstance(token.value, Tensor):
                vectors[row, place] = token.value.to(vectors)
    return vectors
