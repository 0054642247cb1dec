"""Text to conditioning: the value of CLIP sockets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from limner.models.adapters.adapter import Adapter
from limner.models.network import Network
from limner.models.text.chunks import Chunk, Token
from limner.models.text.embeddings import FindEmbedding
from limner.models.text.hooks import TextHooks
from limner.models.text.reading import Read, TextBranch
from limner.models.text.recipe import TextRecipe


@dataclass(frozen=True)
class TextEncoder:
    """Encodes prompts with the text encoders of a recipe. Immutable.

    Attributes:
        branches: The encoders, in the order of the recipe.
        recipe: How they are read and joined.
        find_embedding: Looks up learned embeddings.
        last_layer: Set by ``with_last_layer``; None: what the recipe reads.
        hooks: What changes the encoders while they encode; set by ``with_text_hooks``.
    """

    branches: tuple[TextBranch, ...]
    recipe: TextRecipe
    find_embedding: FindEmbedding
    last_layer: int | None = None
    hooks: TextHooks | None = None

    def clone(self) -> "TextEncoder":
        """The same encoder: it is immutable."""
        return replace(self)

    def with_last_layer(self, layer: int) -> "TextEncoder":
        """This encoder, stopping earlier. Range: layer -1 (the last) to -24."""
        return replace(self, last_layer=layer)

    def with_adapter(self, adapter: Adapter, strength: float) -> "TextEncoder":
        """This encoder with an adapter put on. Range: any strength; 0 changes nothing."""
        return self.with_networks(lambda branch: branch.network.with_adapter(adapter, strength))

    def with_networks(self, change: Callable[[TextBranch], Network]) -> "TextEncoder":
        """This encoder with other weights of the same kind in each branch."""
        return self.with_branches(lambda branch: replace(branch, network=change(branch)))

    def with_branches(self, change: Callable[[TextBranch], TextBranch]) -> "TextEncoder":
        """This encoder with each branch changed: read in another way, given other lengths."""
        return replace(self, branches=tuple(change(branch) for branch in self.branches))

    def encode(self, text: str) -> list[list[Any]]:
        """The conditioning of a prompt.

        Returns:
            ``[[states, options]]``, states [1 t d]; of the options ``pooled_output`` [1 p] for recipes with one, and
            ``attention_mask`` [1 t] for families that do not look at what fills up; float32 on the CPU.
        """
        return self.encode_each({}, text)

    def encode_pair(self, text_l: str, text_g: str) -> list[list[Any]]:
        """The same with a text for each of CLIP's two encoders; the shorter one is filled up with empty chunks."""
        return self.encode_each({"clip_l": text_l}, text_g)

    def encode_each(self, texts: Mapping[str, str], otherwise: str) -> list[list[Any]]:
        """The same with a text for each of some encoders, by name, and one for all others."""
        return self.encode_chunks(self.chunks_each(texts, otherwise))

    def chunks(self, text: str) -> dict[str, list[list[Token]]]:
        """A prompt's tokens by the encoder's name, in the stretches that it reads: CLIP's in chunks of 77."""
        return self.chunks_each({}, text)

    def chunks_each(self, texts: Mapping[str, str], otherwise: str) -> dict[str, list[list[Token]]]:
        """The same with a text for each of some encoders, by name, and one for all others."""
        return {branch.name: self._chunks(branch, texts.get(branch.name, otherwise)) for branch in self.branches}

    def encode_chunks(self, chunks: Mapping[str, Sequence[Chunk]]) -> list[list[Any]]:
        """The conditioning of tokens by the encoder's name.

        An encoder without any reads an empty prompt, or nothing if that is what the recipe says.
        """
        if self.hooks is not None:
            return self.hooks.encode(replace(self, hooks=None), chunks)
        reads: dict[str, Read] = {}
        for branch in self.branches:
            filled = self._filled(branch, chunks)
            if filled:
                reads[branch.name] = branch.reading.read(branch, filled, self.last_layer)
        states, options = self.recipe.join(reads)
        return [[states, options]]

    def _chunks(self, branch: TextBranch, text: str) -> list[list[Token]]:
        return branch.reading.chunks(branch, text, self.find_embedding)

    def _filled(self, branch: TextBranch, chunks: Mapping[str, Sequence[Chunk]]) -> list[Chunk]:
        """An encoder's chunks, as many as the others of its kind have."""
        own = list(chunks.get(branch.name, ()))
        filler = branch.reading.filler()
        if filler is None:
            return own if own or not self.recipe.fills else list(self._chunks(branch, ""))
        counts = [len(chunks.get(other.name, ())) for other in self.branches if other.reading.filler() is not None]
        count = max(*counts, int(self.recipe.fills), 0)
        return [*own, *[filler] * (count - len(own))]
