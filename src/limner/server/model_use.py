"""Where model files are used: in saved workflows, and when something was last drawn with them."""

import re
import threading
from collections import Counter
from pathlib import Path, PurePosixPath

from aiohttp import web

from limner.jobs.sqlite_usage import JOURNAL, read_usage

LARGEST = 32 << 20
"""Bytes of a workflow that is looked into."""

_NAMED = re.compile(r'"((?:[^"\\]|\\.){1,500}?\.(?:safetensors|sft|gguf|ckpt|pth|pt|bin|onnx))"', re.IGNORECASE)


class ModelUse:
    """Looks into saved workflows, into each once for each of its states. May be used from any thread."""

    def __init__(self) -> None:
        self._named: dict[Path, tuple[tuple[int, int], frozenset[str]]] = {}
        self._lock = threading.Lock()

    def workflows(self, folder: Path) -> dict[str, list[str]]:
        """The workflows below a folder that name each file, by the file's own name without folders."""
        found: dict[str, list[str]] = {}
        for path in sorted(folder.rglob("*.json")) if folder.is_dir() else ():
            for name in self._names(path):
                found.setdefault(name, []).append(path.relative_to(folder).as_posix())
        return found

    def _names(self, path: Path) -> frozenset[str]:
        try:
            state = path.stat()
            stamp = (state.st_size, state.st_mtime_ns)
            known = self._named.get(path)
            if known is not None and known[0] == stamp:
                return known[1]
            text = path.read_text("utf-8", "replace") if state.st_size <= LARGEST else ""
        except OSError:
            return frozenset()
        names = frozenset(bare_name(match[1]) for match in _NAMED.finditer(text))
        with self._lock:
            self._named[path] = (stamp, names)
        return names


def last_use(data: Path, owner: str | None) -> dict[str, tuple[int, int]]:
    """How many jobs drew with each model, and when the last one ended in milliseconds, by its file's own name.

    Raises:
        StorageError: if the journal cannot be read.
    """
    jobs: Counter[str] = Counter()
    last: dict[str, int] = {}
    for spent in read_usage(data / JOURNAL, 0, owner):
        if spent.model:
            jobs[spent.model] += 1
            last[spent.model] = max(last.get(spent.model, 0), spent.ended)
    return {name: (jobs[name], last[name]) for name in jobs}


def bare_name(name: str) -> str:
    """A file's own name, without the folders before it."""
    return PurePosixPath(name.replace("\\\\", "/").replace("\\", "/")).name


MODEL_USE: web.AppKey[ModelUse] = web.AppKey("model_use", ModelUse)


def add_model_use(application: web.Application) -> None:
    """Puts it into an application."""
    application[MODEL_USE] = ModelUse()
