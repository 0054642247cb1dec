"""``CLIP``: a text encoder with what node packs set on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from comfy_host.patcher import ModelPatcher
from comfy_host.weights import Place, text_places, weights_of
from limner.graph.errors import ModelFileError
from limner.models.parts.clip_text import END, START
from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.chunks import LENGTH, Token
from limner.models.text.encoder import TextEncoder
from limner.models.text.reading import TextBranch

WORD_END = "</w>"
Tokens = Mapping[str, Sequence[Sequence[Any]]]
"""By encoder (``l``, ``g``, ``h``): chunks of (token or vector, weight)."""


class Tokenizer:
    """What packs find as ``clip.tokenizer``."""

    def __init__(self, native: TextEncoder) -> None:
        self.native = native
        for branch in native.branches:
            setattr(self, branch.name, self)

    def tokenize_with_weights(self, text: str, return_word_ids: bool = False, **_: Any) -> dict[str, list[list[Any]]]:
        """Chunks by encoder."""
        return {
            name.removeprefix("clip_"): [self._chunk(chunk, return_word_ids) for chunk in chunks]
            for name, chunks in self.native.chunks(text).items()
        }

    def _chunk(self, chunk: Sequence[Token], with_words: bool) -> list[Any]:
        if not with_words:
            return [(token.value, token.weight) for token in chunk]
        found, word = [], 0
        for token in chunk:
            inside = token.value not in (START, END) if isinstance(token.value, int) else True
            found.append((token.value, token.weight, word + 1 if inside else 0))
            word += inside and self._ends_word(token.value)
        return found

    def _ends_word(self, value: int | Tensor) -> bool:
        if not isinstance(value, int):
            return False
        return self.native.branches[0].tokenizer.name_of(value).endswith(WORD_END)

    def untokenize(self, token_weight_pair: Sequence[Any]) -> list[tuple[Any, str]]:
        """Tokens with their texts."""
        name = self.native.branches[0].tokenizer.name_of
        return [(pair, name(pair[0]) if isinstance(pair[0], int) else "") for pair in token_weight_pair]

    def state_dict(self) -> dict[str, Any]:
        """Nothing that a file would need."""
        return {}


class TextModel:
    """What packs find as ``clip.cond_stage_model``: text encoders under ``clip_l`` and its like."""

    def __init__(self, native: TextEncoder) -> None:
        self.native = native
        self.device = native.branches[0].network.device
        for branch in native.branches:
            setattr(self, branch.name, BranchModel(native, branch))
        self.clip = native.branches[0].name

    def with_native(self, native: TextEncoder) -> TextModel:
        """The same over other encoders."""
        return TextModel(native)

    def networks(self) -> list[Any]:
        """The networks whose weights packs may patch."""
        return [branch.network for branch in self.native.branches]

    def places(self) -> dict[str, Place]:
        """Where they have which weight."""
        return text_places(self.native.branches)

    def patched(self, networks: Sequence[Any]) -> TextEncoder:
        """Ours over other networks."""
        pairs = zip(self.native.branches, networks, strict=True)
        return replace(self.native, branches=tuple(replace(branch, network=network) for branch, network in pairs))

    def encode_token_weights(self, tokens: Tokens) -> tuple[Tensor, Any]:
        """States [1 t d] and pooled [1 p]."""
        states, options = encoded(self.native, tokens)
        return states, options.get("pooled_output")

    def set_clip_options(self, options: Mapping[str, Any]) -> None:
        """Takes the layer to stop at, under ``layer``."""
        if "layer" in options:
            layer = options["layer"]
            self.native = replace(self.native, last_layer=layer)

    def reset_clip_options(self) -> None:
        """Back to the layer that the encoders were trained on."""
        self.native = replace(self.native, last_layer=None)

    def memory_required(self, input_shape: Any) -> float:
        """A rough figure in bytes."""
        return 2.0**20 * 64

    def state_dict(self) -> dict[str, Tensor]:
        """Weights by name."""
        return weights_of(self.networks(), self.places())


class BranchModel:
    """One text encoder."""

    def __init__(self, native: TextEncoder, branch: TextBranch) -> None:
        self.native = replace(native, branches=(branch,))
        self.branch = branch
        own = branch.reading.layer if isinstance(branch.reading, ChunkReading) else None
        self.layer = "last" if own is None else "hidden"
        self.layer_idx = native.last_layer if native.last_layer is not None else own
        self.special_tokens = {"start": START, "end": END, "pad": _padding(branch)}

    def encode_token_weights(self, token_weight_pairs: Sequence[Any]) -> tuple[Tensor, Any]:
        """States [1 t d] and pooled [1 p] of chunks."""
        states, options = encoded(self.native, {self.branch.name.removeprefix("clip_"): token_weight_pairs})
        return states, options.get("pooled_output")

    @property
    def transformer(self) -> Any:
        """The network."""
        with self.branch.network.lease("inspection") as module:
            return getattr(module, "text", module)


def encoded(native: TextEncoder, tokens: Tokens) -> tuple[Tensor, dict[str, Any]]:
    """States [1 t d] of tokens, and what else conditioning says of them (``pooled_output``, ``attention_mask``).

    Raises:
        ModelFileError: if the tokens are of other encoders.
    """
    chunks = {}
    for branch in native.branches:
        found = tokens.get(branch.name.removeprefix("clip_"), ())
        chunks[branch.name] = [_read_back(branch, chunk) for chunk in found]
    if not any(chunks.values()):
        raise ModelFileError(
            f"These tokens are for {', '.join(tokens) or 'nothing'}; this text encoder reads "
            f"{', '.join(chunks)}. Tokenize with the CLIP that encodes."
        )
    ((states, options),) = native.encode_chunks(chunks)
    return states, options


def _padding(branch: TextBranch) -> int:
    """The token that fills up."""
    return branch.reading.padding if isinstance(branch.reading, ChunkReading) else 0


def _read_back(branch: TextBranch, chunk: Sequence[Any]) -> list[Token]:
    """A pack's tokens as ours; a chunk of CLIP's of full length and with an end."""
    tokens = [Token(pair[0] if isinstance(pair[0], Tensor) else int(pair[0]), float(pair[1])) for pair in chunk]
    if branch.reading.filler() is None:
        return tokens
    padding = _padding(branch)
    if not any(isinstance(token.value, int) and token.value == END for token in tokens):
        tokens = [*tokens[: LENGTH - 1], Token(END)]
    return tokens + [Token(padding)] * (LENGTH - len(tokens))


class ClipPatcher(ModelPatcher):
    """Patches of a text encoder's weights."""

    is_clip = True

    def to_native(self) -> Any:
        """Ours, with the patches."""
        return self.model.patched(self._networks())

    def prepared(self) -> Any:
        """The encoders with the patches."""
        return self.model.with_native(self.to_native())


class CLIP:
    """A text encoder.

    Attributes:
        patcher: Patches of its weights.
        layer_idx: The layer to stop at; None: what it was trained on.
    """

    def __init__(self, target: Any = None, embedding_directory: Any = None, no_init: bool = False, **_: Any) -> None:
        if no_init:
            return
        if not isinstance(target, TextEncoder):
            raise ModelFileError(
                "comfy.sd.CLIP cannot be made of a pack's own classes; load one with comfy.sd.load_clip or from a "
                "checkpoint."
            )
        self._take(ClipPatcher(TextModel(target)), target.last_layer)

    def _take(self, patcher: Any, layer: int | None) -> None:
        self.patcher = patcher
        self.layer_idx = layer
        self.use_clip_schedule = False
        self.apply_hooks_to_conds = None
        self.tokenizer_options: dict[str, Any] = {}

    def to_native(self) -> TextEncoder:
        """Ours, with everything that was set."""
        return replace(self.patcher.to_native(), last_layer=self.layer_idx)

    @property
    def cond_stage_model(self) -> TextModel:
        """The encoders, with patches and layer."""
        return TextModel(self.to_native())

    @property
    def tokenizer(self) -> Tokenizer:
        """Text to tokens."""
        return Tokenizer(self.patcher.model.native)

    def clone(self, *_: Any) -> CLIP:
        """Another one, that can be changed without changing this."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.patcher = self.patcher.clone()
        other.tokenizer_options = dict(self.tokenizer_options)
        return other

    def add_patches(self, patches: Any, strength_patch: float = 1.0, strength_model: float = 1.0) -> list[Any]:
        """Adds patches of weights."""
        return self.patcher.add_patches(patches, strength_patch, strength_model)

    def get_key_patches(self) -> dict[str, Any]:
        """Weights with their patches."""
        return self.patcher.get_key_patches()

    def clip_layer(self, layer_idx: int) -> None:
        """Takes the layer to stop at, -1 the last."""
        self.layer_idx = layer_idx

    def set_tokenizer_option(self, option_name: str, value: Any) -> None:
        """Keeps an option for ``tokenize``."""
        self.tokenizer_options[option_name] = value

    def tokenize(self, text: str, return_word_ids: bool = False, **kwargs: Any) -> dict[str, Any]:
        """Chunks of (token, weight) by encoder."""
        return self.tokenizer.tokenize_with_weights(text, return_word_ids, **kwargs)

    def encode_from_tokens(self, tokens: Tokens, return_pooled: Any = False, return_dict: bool = False) -> Any:
        """States [1 t d]; with ``return_pooled`` (states, pooled); with ``return_dict`` both by name."""
        states, options = encoded(self.to_native(), tokens)
        if return_dict:
            return {"cond": states, "pooled_output": None, **options}
        return (states, options.get("pooled_output")) if return_pooled else states

    def encode_from_tokens_scheduled(
        self, tokens: Tokens, unprojected: bool = False, add_dict: Any = None, show_pbar: bool = True
    ) -> list[list[Any]]:
        """Conditioning of tokens."""
        states, options = encoded(self.to_native(), tokens)
        return [[states, {"pooled_output": None, **options, **(add_dict or {})}]]

    def encode(self, text: str) -> Tensor:
        """States [1 t d] of a text."""
        return self.encode_from_tokens(self.tokenize(text))

    def add_hooks_to_dict(self, pooled_dict: dict[str, Any]) -> dict[str, Any]:
        """The dict: hooks of text encoders are not supported."""
        return pooled_dict

    def load_model(self, *_: Any) -> Any:
        """The patcher; encoders load when they are used."""
        return self.patcher

    def load_sd(self, sd: Any, full_model: bool = False) -> Any:
        """Not supported."""
        raise ModelFileError("comfy.sd.CLIP.load_sd is not supported; load text encoders with comfy.sd.load_clip.")

    def get_sd(self) -> dict[str, Tensor]:
        """Weights by name, with patches."""
        return self.patcher.state_dict_for_saving()
