"""The models that draw now, recognised by the headers of their files, each of which is read once."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from limner.dialects.recipes.family_settings import FamilySettings, family_settings
from limner.dialects.recipes.listing import drawing_model
from limner.dialects.recipes.recipe import CHECKPOINTS, NETWORKS, DrawingModel
from limner.graph.catalog import Lists
from limner.graph.errors import LimnerError
from limner.storage.builtin import BUILTIN_CHECKPOINT
from limner.storage.family_marks import Seen, seen_in_file
from limner.storage.folders import Folders

TOLD_SUFFIXES = frozenset({".safetensors", ".sft", ".gguf"})
"""Of files with a header that tells what is in them."""

Stamp = tuple[int, int]


class DrawingModels:
    """Looks through the folders of models.

    Args:
        folders: Where files lie.
        lists: Looks up the names that loaders list.
    """

    def __init__(self, folders: Folders, lists: Lists) -> None:
        self._folders, self._lists = folders, lists
        self._seen: dict[Path, tuple[Stamp, Seen]] = {}
        self._lock = threading.Lock()

    def now(self) -> Sequence[DrawingModel]:
        """The models, checkpoints first. Blocks."""
        texts, autoencoders = self._lists("text_encoders"), self._lists("vae")
        own = set(self._lists(CHECKPOINTS))
        named = [(CHECKPOINTS, name) for name in self._lists(CHECKPOINTS)]
        named += [(NETWORKS, name) for name in self._lists(NETWORKS) if name not in own]
        found = (drawing_model(name, kind, self._seen_in(kind, name), texts, autoencoders) for kind, name in named)
        return [model for model in found if model is not None]

    def settings(self, checkpoint: str) -> FamilySettings | None:
        """What a checkpoint draws well with; None if nothing is known of it. Blocks."""
        if checkpoint == BUILTIN_CHECKPOINT:
            return family_settings("", checkpoint)
        seen = self._seen_in(CHECKPOINTS, checkpoint) if checkpoint else None
        return family_settings(seen.family, checkpoint) if seen is not None else None

    def family(self, path: Path) -> Seen | None:
        """What a file's network seems to be; None if its bytes do not tell. Blocks."""
        if path.suffix.lower() not in TOLD_SUFFIXES:
            return None
        try:
            state = os.stat(path)  # noqa: PTH116 (one call for both)
            stamp = (state.st_mtime_ns, state.st_size)
            with self._lock:
                known = self._seen.get(path)
            if known is not None and known[0] == stamp:
                return known[1]
            seen = seen_in_file(path)
        except OSError:
            return None
        with self._lock:
            self._seen[path] = (stamp, seen)
        return seen

    def _seen_in(self, kind: str, name: str) -> Seen | None:
        try:
            path = self._folders.find(kind, name)
        except LimnerError:
            return None  # Another service's, or gone since the list was read.
        return self.family(path)


DRAWING_MODELS: web.AppKey[DrawingModels] = web.AppKey("drawing_models", DrawingModels)
