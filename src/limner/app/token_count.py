"""Counts tokens of prompts for the server, with a tokenizer of the worker's half that needs no tensors."""

import importlib
import threading
from typing import Any

TOKENIZER, SYNTAX = "limner.models.parts.clip_tokenizer", "limner.models.text.prompt"


class ClipTokens:
    """How many tokens CLIP's text encoders read of a prompt. May be called from any thread.

    Both modules are imported when somebody asks: that takes half a second, which a server that starts does not have.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokenizer: Any = None

    def __call__(self, text: str) -> int | None:
        """Tokens of a prompt without start and end; None if it names embeddings, whose length only their files know."""
        syntax = importlib.import_module(SYNTAX)
        if syntax.EMBEDDING in text:
            return None
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = importlib.import_module(TOKENIZER).ClipTokenizer()
            return sum(len(self._tokenizer.encode(segment.text)) for segment in syntax.segments(text))
