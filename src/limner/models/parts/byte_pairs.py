"""Byte-level byte-pair encoding, built from tables that other files carry: GGUF, Tekken.

Source: Radford et al. 2019, section 2.2; the patterns are those that the models' publishers state.
"""

from collections.abc import Iterable, Mapping, Sequence

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.decoders import ByteLevel as Decoder
from tokenizers.models import BPE
from tokenizers.normalizers import NFC
from tokenizers.pre_tokenizers import ByteLevel, Split
from tokenizers.pre_tokenizers import Sequence as Steps

from limner.models.parts.json_tokenizer import JsonTokenizer

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
UPPER, LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
TEKKEN = (
    rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How text is cut into words before pairs are joined."""


def byte_pairs(
    vocabulary: Mapping[str, int],
    merges: Iterable[tuple[str, str]],
    pattern: str,
    special: Sequence[str],
    *,
    composed: bool = False,
    ignore_merges: bool = False,
) -> JsonTokenizer:
    """A tokenizer.

    Args:
        vocabulary: Tokens, their bytes written as visible characters.
        merges: Pairs, the first ones first.
        pattern: What one word is.
        special: Tokens that stand for themselves in a text.
        composed: Whether letters with marks are composed first.
        ignore_merges: Whether a word that is a token is that token, whatever its pairs.
    """
    tokenizer = Tokenizer(BPE(vocab=dict(vocabulary), merges=list(merges), ignore_merges=ignore_merges))
    if composed:
        tokenizer.normalizer = NFC()
    tokenizer.pre_tokenizer = Steps(
        [Split(Regex(pattern), behavior="isolated"), ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = Decoder()
    tokenizer.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in special])
    return JsonTokenizer(tokenizer)


def visible(content: bytes) -> str:
    """Bytes as the characters that stand for them: itself for a visible one, else one beyond Latin-1."""
    return "".join(_SYMBOLS[byte] for byte in content)


def _symbols() -> tuple[str, ...]:
    shown = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = iter(range(256))
    return tuple(chr(byte) if byte in shown else chr(256 + next(hidden)) for byte in range(256))


_SYMBOLS = _symbols()
