"""How a text encoder is read: a prompt becomes tokens, tokens become states. What recipes are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor

from limner.models.network import Network
from limner.models.parts.text_tokenizer import TextTokenizer
from limner.models.text.chunks import Chunk, Token
from limner.models.text.embeddings import FindEmbedding
from limner.models.text.weights import Weigh, weighted


@dataclass(frozen=True)
class Read:
    """What an encoder says of a prompt; float32 on the CPU.

    Attributes:
        states: [1 t d]; where a recipe reads several layers [1 n t d].
        mask: [1 t] bool, true where text is; None: everywhere.
        pooled: [1 p]; None for encoders without.
    """

    states: Tensor
    mask: Tensor | None = None
    pooled: Tensor | None = None


@dataclass(frozen=True)
class TextBranch:
    """One text encoder of a recipe.

    Attributes:
        name: ``clip_l``, ``t5xxl`` ...; embedding files use the same names.
        network: Loaded when leased.
        tokenizer: Made for this encoder.
        reading: How the recipe reads it.
        lengths: ``min_padding`` and ``min_length``, where a node set them.
        weigh: What weights of tokens do.
    """

    name: str
    network: Network
    tokenizer: TextTokenizer
    reading: "Reading"
    lengths: Mapping[str, int] = field(default_factory=dict)
    weigh: Weigh = weighted


class Reading(Protocol):
    """A way to read an encoder. Immutable."""

    def chunks(self, branch: TextBranch, text: str, find: FindEmbedding) -> list[list[Token]]:
        """A prompt's tokens with their weights, in the stretches that the encoder reads at once."""
        ...

    def read(self, branch: TextBranch, chunks: Sequence[Chunk], last_layer: int | None) -> Read:
        """What the encoder says of tokens.

        Args:
            branch: The encoder.
            chunks: Tokens in stretches; at least one.
            last_layer: The layer to stop at, -1 the last; None: what the recipe reads.
        """
        ...

    def filler(self) -> list[Token] | None:
        """A stretch that says nothing, to fill up to another encoder's number of stretches; None: needs none."""
        ...
