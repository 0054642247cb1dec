"""Prompts and tokens of CLIP."""

from __future__ import annotations

from comfy_host.clip import CLIP
from comfy_host.missing import absent
from limner.models.text.prompt import segments


class SD1ClipModel:
    """The text encoder of Stable Diffusion 1; here so that packs can ask what one is."""


class SDClipModel:
    """One text encoder; here so that packs can ask what one is."""


class SDTokenizer:
    """A tokenizer; here so that packs can ask what one is."""


class SD1Tokenizer:
    """A tokenizer; here so that packs can ask what one is."""


class ClipTokenWeightEncoder:
    """Encodes weighted tokens; here so that packs can subclass it."""

    def encode_token_weights(self, token_weight_pairs):
        """States and pooled: ``encode`` of each chunk, with weights scaling how far a token is from an empty prompt."""
        import torch

        encoded = [self.encode([[token for token, *_ in chunk]]) for chunk in token_weight_pairs]
        return torch.cat([states for states, _ in encoded], dim=-2), encoded[0][1]


def escape_important(text):
    """Escaped parentheses hidden."""
    return text.replace("\\)", "\0\1").replace("\\(", "\0\2")


def unescape_important(text):
    """Hidden parentheses as text."""
    return text.replace("\0\1", ")").replace("\0\2", "(")


def token_weights(string, current_weight):
    """(text, weight) where the weight changes."""
    return [(part.text, part.weight * current_weight) for part in segments(string)]


def gen_empty_tokens(special_tokens, length):
    """The tokens of an empty prompt."""
    start, end, pad = special_tokens.get("start"), special_tokens.get("end"), special_tokens.get("pad")
    tokens = [token for token in (start, end) if token is not None]
    return tokens + [pad] * (length - len(tokens))


__getattr__ = absent(__name__)
