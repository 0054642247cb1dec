"""Mistral's tokenizers, from their table of byte strings by rank.

Source: the published format of ``tekken.json``: tokens of text follow the special ones.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from limner.graph.errors import ModelFileError
from limner.models.parts.byte_pairs import TEKKEN, byte_pairs, visible
from limner.models.parts.json_tokenizer import JsonTokenizer

SPECIAL = 1000
"""Numbers that are kept for special tokens, unless the table says otherwise."""


def tekken_tokenizer(content: bytes, what: str) -> JsonTokenizer:
    """The tokenizer of a ``tekken.json``. Cost: about two seconds for a table of 131,000 tokens.

    Args:
        content: The file's bytes.
        what: What it is, for people.

    Raises:
        ModelFileError: if they are no such table.
    """
    try:
        table = json.loads(content)
        return _tokenizer(table)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(f"{what} is no table of Tekken tokens ({error!r}). Download it again.") from error


def _tokenizer(table: Mapping[str, Any]) -> JsonTokenizer:
    stated = table.get("config", {})
    special = int(stated.get("default_num_special_tokens", SPECIAL))
    count = int(stated.get("default_vocab_size", special + len(table["vocab"]))) - special
    rows = sorted(table["vocab"], key=lambda row: row["rank"])[:count]
    words = [base64.b64decode(row["token_bytes"]) for row in rows]
    named = {int(row["rank"]): str(row["token_str"]) for row in table.get("special_tokens") or ()}
    reserved = [named.get(number, f"<SPECIAL_{number}>") for number in range(special)]
    vocabulary = {name: number for number, name in enumerate(reserved)}
    vocabulary |= {visible(word): special + rank for rank, word in enumerate(words)}
    pattern = str(stated.get("pattern") or TEKKEN)
    return byte_pairs(vocabulary, _merges(words), pattern, reserved, ignore_merges=True)


def _merges(words: list[bytes]) -> list[tuple[str, str]]:
    """All ways to join two tokens into a third, in the order of the third: what is joined first has the lowest rank."""
    known = set(words)
    return [
        (visible(word[:cut]), visible(word[cut:]))
        for word in words
        for cut in range(1, len(word))
        if word[:cut] in known and word[cut:] in known
    ]
