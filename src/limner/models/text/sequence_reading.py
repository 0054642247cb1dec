"""Encoders that read a prompt at once, of any length: T5 and language models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.parts.text_tokenizer import TextTokenizer
from limner.models.text.chunks import Chunk, Token
from limner.models.text.embeddings import FindEmbedding
from limner.models.text.reading import Read, TextBranch
from limner.models.text.stretches import tokens_of, whole
from limner.models.text.weights import vectors_of


@dataclass(frozen=True)
class SequenceReading:
    """Implements ``Reading`` for encoders without chunks.

    Attributes:
        template: What the prompt is put into, at ``{}``.
        begin: Names of tokens in front.
        end: Names of tokens behind.
        padding: Names of the token that fills up; the first that the tokenizer knows counts.
        least: Tokens that a prompt is filled up to.
        most: Tokens that are read; None: all of them.
        left: Whether it is filled up in front.
        cleans: What is done to a prompt before it is read.
        weighs: Whether ``(words:1.3)`` and embeddings are read; else the prompt is taken as it stands.
        layers: Which layers are read: 0 what goes in, -1 the last, normed; none: every one but what goes in.
        hides: Whether the encoder does not look at what fills up.
        keeps: How many filling tokens are handed on; None: all of them.
        blank: Whether the states of what fills up are 0.
        skips: Tokens in front that are not handed on: the template's.
    """

    template: str = "{}"
    begin: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    padding: tuple[str, ...] = ("<pad>",)
    least: int = 1
    most: int | None = None
    left: bool = False
    cleans: Callable[[str], str] = str
    weighs: bool = True
    layers: tuple[int, ...] = (-1,)
    hides: bool = True
    keeps: int | None = None
    blank: bool = False
    skips: int = 0

    def chunks(self, branch: TextBranch, text: str, find: FindEmbedding) -> list[list[Token]]:
        """A prompt's tokens in one row, nothing filled up."""
        front, _, back = self.template.partition("{}")
        prompt = self.cleans(text)
        told = tokens_of(branch, prompt, find, front, back) if self.weighs else whole(branch, front + prompt + back)
        return [self._closed(told, branch.tokenizer)]

    def filler(self) -> None:
        """None: it reads one row, whatever other encoders read."""

    def read(self, branch: TextBranch, chunks: Sequence[Chunk], last_layer: int | None) -> Read:
        """The row's states at the recipe's layers, or at the one that the user stops at."""
        tokens = [token for chunk in chunks for token in chunk]
        rows, shown = [tokens], [len(tokens)]
        if any(token.weight != 1.0 for token in tokens):
            empty = self._closed((), branch.tokenizer)[: len(tokens)]
            rows, shown = [tokens, empty], [len(tokens), len(empty)]
        length = self._length(len(tokens), branch.lengths)
        padded = [self._padded(row, length, branch.tokenizer) for row in rows]
        mask = torch.stack([self._mask(count, length) for count in shown])
        states = self._states(branch, padded, mask, last_layer)
        if len(rows) > 1:
            states = branch.weigh(states[:1], states[1:], torch.tensor([token.weight for token in padded[0]]))
        states = states[:, 0] if len(self.layers) == 1 else states
        return self._handed_on(states, mask[:1], branch.lengths)

    def _states(self, branch: TextBranch, rows: Sequence[Chunk], mask: Tensor, last_layer: int | None) -> Tensor:
        """Shapes: mask [n t]; returns [n l t d], l layers."""
        layers = self.layers if last_layer is None or len(self.layers) != 1 else (last_layer,)
        hidden = mask if self.hides and not bool(mask.all()) else None
        device = branch.network.device
        with torch.no_grad(), branch.network.lease("text") as network:
            vectors = vectors_of(network, rows, 0, device)
            states = network(vectors, None if hidden is None else hidden.to(device), layers)
        return states.float().cpu()

    def _handed_on(self, states: Tensor, mask: Tensor, lengths: Mapping[str, int]) -> Read:
        """What of the states the recipe sees. Shapes: states [1 t d] or [1 l t d], mask [1 t]."""
        if self.blank:
            states = states * mask[..., None]
        first, last = self.skips, mask.shape[1]
        if self.keeps is not None and not self.left:
            text = int(mask.sum())
            kept = max(self.keeps, lengths.get("min_padding", 0))
            last = min(last, max(text + kept, lengths.get("min_length", 0)))
        return Read(states[..., first:last, :], mask[:, first:last])

    def _closed(self, tokens: Sequence[Token], tokenizer: TextTokenizer) -> list[Token]:
        """Tokens between those that the encoder wants in front and behind, cut to what is read."""
        begin = [Token(_number(tokenizer, name)) for name in self.begin]
        end = [Token(_number(tokenizer, name)) for name in self.end]
        room = None if self.most is None else max(0, self.most - len(begin) - len(end))
        return [*begin, *tokens[:room], *end]

    def _length(self, count: int, lengths: Mapping[str, int]) -> int:
        wanted = max(self.least, lengths.get("min_length", 0), count + lengths.get("min_padding", 0))
        if self.keeps:
            wanted = max(wanted, count + self.keeps)
        return wanted

    def _padded(self, tokens: Sequence[Token], length: int, tokenizer: TextTokenizer) -> list[Token]:
        numbers = (tokenizer.number(name) for name in self.padding)
        padding = next((number for number in numbers if number is not None), 0)
        surplus = [Token(padding)] * (length - len(tokens))
        return [*surplus, *tokens] if self.left else [*tokens, *surplus]

    def _mask(self, count: int, length: int) -> Tensor:
        """Where tokens are. Shapes: returns [t] bool."""
        places = torch.arange(length)
        return places >= length - count if self.left else places < count


def _number(tokenizer: TextTokenizer, name: str) -> int:
    """The number of a token that the encoder must be given.

    Raises:
        ModelFileError: if the tokenizer does not know it.
    """
    number = tokenizer.number(name)
    if number is None:
        raise ModelFileError(
            f"The tokenizer has no token {name!r}, which this text encoder needs: it was made for another one."
        )
    return number
