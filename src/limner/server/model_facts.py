"""What model files say of themselves in their headers, read once for each state of a file."""

import math
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from limner.graph.errors import LimnerError
from limner.server.model_headers import COVERS, THUMBNAIL
from limner.storage.family_marks import seen_in_tensors
from limner.storage.gguf_header import read_gguf_header
from limner.storage.safetensors_header import TensorInfo, read_header
from limner.storage.tensor_marks import kind_of_tensors

KEPT = 20_000
"""Files whose facts are kept."""

TRIGGERS = ("modelspec.trigger_phrase", "trained_words", "activation text")
TITLES = ("modelspec.title", "ss_output_name", "general.name")
LICENCES = ("modelspec.license", "license", "general.license")


@dataclass(frozen=True)
class Facts:
    """What a header says.

    Attributes:
        format: ``safetensors``, ``gguf`` or ``pickle``.
        precision: The type of most of its values; empty: not known.
        parameters: How many values.
        seems: The kind that its tensors tell; empty: none.
        family: The family that its network seems to be of; empty: none is known.
        pictured: There is a picture in it.
        title: What it calls itself.
        triggers: Words that it says a prompt needs.
        licence: Its licence.
        problem: Why it cannot be read; empty: it can.
    """

    format: str = ""
    precision: str = ""
    parameters: int = 0
    seems: str = ""
    family: str = ""
    pictured: bool = False
    title: str = ""
    triggers: tuple[str, ...] = ()
    licence: str = ""
    problem: str = ""


class ModelFacts:
    """Reads headers. May be used from any thread. Cost: a few kilobytes a file that is new or was changed."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], Facts]] = {}
        self._lock = threading.Lock()

    def of(self, path: Path) -> Facts:
        """What a file says of itself; what cannot be read says why."""
        try:
            state = path.stat()
            stamp = (state.st_size, state.st_mtime_ns)
            known = self._known.get(path)
            if known is not None and known[0] == stamp:
                return known[1]
            facts = read_facts(path)
        except (LimnerError, OSError) as error:
            return Facts(problem=str(error))
        with self._lock:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[path] = (stamp, facts)
        return facts


def read_facts(path: Path) -> Facts:
    """What a file's header says.

    Raises:
        ModelFileError: if it is not what its name says.
        OSError: if it cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix in (".safetensors", ".sft"):
        header = read_header(path)
        return _facts("safetensors", header.tensors, header.metadata)
    if suffix == ".gguf":
        found = read_gguf_header(path)
        fields = {name: str(value) for name, value in found.fields.items() if name.startswith("general.")}
        return _facts("gguf", found.tensors, fields)
    return Facts(format="pickle" if path.is_file() else "folder")


def _facts(form: str, tensors: Mapping[str, TensorInfo], texts: Mapping[str, str]) -> Facts:
    values: Counter[str] = Counter()
    for tensor in tensors.values():
        values[tensor.dtype] += math.prod(tensor.shape)
    words = next((texts[name] for name in TRIGGERS if texts.get(name)), "")
    return Facts(
        format=form,
        precision=values.most_common(1)[0][0] if values else "",
        parameters=values.total(),
        seems=kind_of_tensors(tensors),
        family=seen_in_tensors({name: tensor.shape for name, tensor in tensors.items()}, texts).family,
        pictured=THUMBNAIL in texts or COVERS in texts,
        title=_first(texts, TITLES),
        triggers=tuple(word.strip() for word in words.split(",") if word.strip())[:50],
        licence=_first(texts, LICENCES),
    )


def _first(texts: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((texts[name][:200] for name in names if texts.get(name)), "")


MODEL_FACTS: web.AppKey[ModelFacts] = web.AppKey("model_facts", ModelFacts)


def add_model_facts(application: web.Application) -> None:
    """Puts them into an application."""
    application[MODEL_FACTS] = ModelFacts()
