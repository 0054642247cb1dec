"""Tokenizers from the metadata of GGUF files.

Source: the published GGUF specification, keys ``tokenizer.ggml.*``.
"""

from collections.abc import Mapping
from typing import Any

from limner.graph.errors import ModelFileError
from limner.models.parts.byte_pairs import LLAMA3, QWEN2, TEKKEN, byte_pairs
from limner.models.parts.piece_model import Algorithm, Pieces, piece_model
from limner.models.parts.piece_tokenizer import PieceTokenizer
from limner.models.parts.text_tokenizer import TextTokenizer

KEY = "tokenizer.ggml."
CONTROL, STANDS_FOR_ITSELF = 3, 4
"""Types of tokens."""

PATTERNS: Mapping[str, str] = {"qwen2": QWEN2, "llama-bpe": LLAMA3, "llama3": LLAMA3, "tekken": TEKKEN}
"""How text is cut into words, by ``tokenizer.ggml.pre``."""

COMPOSED = frozenset(("qwen2",))
"""Those that compose letters and marks first."""

WHOLE_WORDS = frozenset(("llama-bpe", "llama3", "tekken"))
"""Those for which a word that is a token is that token."""

ALGORITHMS: Mapping[str, Algorithm] = {"llama": Algorithm.PAIRS, "t5": Algorithm.UNIGRAM}


def gguf_tokenizer(fields: Mapping[str, Any], what: str) -> TextTokenizer | None:
    """The tokenizer that a file's metadata carries; None if it carries none.

    Args:
        fields: The metadata.
        what: The file, for people.

    Raises:
        ModelFileError: if it is of an unknown kind, or makes no sense.
    """
    model = fields.get(f"{KEY}model")
    if model is None:
        return None
    try:
        if model in ALGORITHMS:
            return _pieces(fields, ALGORITHMS[model], what)
        if model == "gpt2":
            return _pairs(fields)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelFileError(f"The tokenizer in {what} makes no sense ({error!r}). Download the file again.") from error
    raise ModelFileError(
        f"The tokenizer in {what} is of the kind {model!r}; {', '.join(ALGORITHMS)} and gpt2 are read."
    )


def _pairs(fields: Mapping[str, Any]) -> TextTokenizer:
    names: list[str] = fields[f"{KEY}tokens"]
    types: list[int] = fields[f"{KEY}token_type"]
    merges = [tuple(pair.split(" ", 1)) for pair in fields[f"{KEY}merges"]]
    special = [name for name, kind in zip(names, types, strict=True) if kind in (CONTROL, STANDS_FOR_ITSELF)]
    how = fields.get(f"{KEY}pre", "")
    return byte_pairs(
        {name: number for number, name in enumerate(names)},
        [(first, second) for first, second in merges],
        PATTERNS.get(how, QWEN2),
        special,
        composed=how in COMPOSED,
        ignore_merges=how in WHOLE_WORDS,
    )


def _pieces(fields: Mapping[str, Any], algorithm: Algorithm, what: str) -> TextTokenizer:
    pieces = Pieces(
        names=fields[f"{KEY}tokens"],
        scores=fields[f"{KEY}scores"],
        types=fields[f"{KEY}token_type"],
        algorithm=algorithm,
        characters=bytes(fields.get(f"{KEY}precompiled_charsmap") or ()),
        prefixed=bool(fields.get(f"{KEY}add_space_prefix", True)),
        trimmed=bool(fields.get(f"{KEY}remove_extra_whitespaces", algorithm is Algorithm.UNIGRAM)),
    )
    return PieceTokenizer(piece_model(pieces), (), what)
