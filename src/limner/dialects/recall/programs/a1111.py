"""Stable Diffusion web UI, Forge and what writes like them: a text with a line of settings."""

from collections.abc import Mapping

from limner.dialects.recall.infotext_settings import infotext_settings
from limner.dialects.recall.program import Program, Settings

KEYWORDS = ("parameters", "usercomment", "comment", "imagedescription", "description")
"""Where the text stands, in pictures of all kinds."""


def infotext_of(texts: Mapping[str, str]) -> str:
    """The text of a file; empty if it carries none."""
    return next((texts[name] for name in KEYWORDS if name in texts and infotext_settings(texts[name])), "")


def _read(texts: Mapping[str, str]) -> Settings | None:
    text = infotext_of(texts)
    return infotext_settings(text) if text else None


A1111 = Program("a1111", _read, order=9)
