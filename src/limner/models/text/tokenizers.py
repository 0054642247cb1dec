"""Tokenizers for text encoders: inside their files, beside them, or in the folders of text encoders."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from limner.graph.errors import ModelFileError
from limner.models.parts.byte_tokenizer import ByteTokenizer
from limner.models.parts.clip_tokenizer import ClipTokenizer
from limner.models.parts.gguf_tokenizer import gguf_tokenizer
from limner.models.parts.json_tokenizer import JsonTokenizer
from limner.models.parts.piece_tokenizer import PieceTokenizer
from limner.models.parts.tekken_tokenizer import tekken_tokenizer
from limner.models.parts.text_tokenizer import TextTokenizer
from limner.models.text.files import BUNDLE, TextFile
from limner.models.text.tokenizers_keys import ADDED, FILES, OF_BYTES, PUBLISHED, TENSORS


@dataclass(frozen=True)
class DeferredTokenizer:
    """A tokenizer that is looked for when it is first needed. Implements ``TextTokenizer``.

    So that a checkpoint can be opened, and its other parts used, where the tokenizer of its encoder is missing.
    """

    source: TextFile
    name: str
    roots: tuple[Path, ...]

    def encode(self, text: str) -> list[int]:
        """Tokens of a text."""
        return self.found.encode(text)

    def number(self, name: str) -> int | None:
        """The number of a token by its name."""
        return self.found.number(name)

    def name_of(self, number: int) -> str:
        """A token's name."""
        return self.found.name_of(number)

    @cached_property
    def found(self) -> TextTokenizer:
        """The tokenizer.

        Raises:
            ModelFileError: if there is none; says how to get it.
        """
        return find_tokenizer(self.source, self.name, self.roots)


def find_tokenizer(source: TextFile, name: str, roots: Sequence[Path]) -> TextTokenizer:
    """The tokenizer of an encoder.

    Args:
        source: The encoder's file.
        name: What the encoder is called.
        roots: Folders of text encoders.

    Raises:
        ModelFileError: if there is none, or one that cannot be read; says how to get it.
    """
    if source.found.kind == "clip":
        return ClipTokenizer()
    if name in OF_BYTES:
        return ByteTokenizer()
    inside = _inside(source, name)
    if inside is not None:
        return inside
    place = next((path for path in _places(source, name, roots) if path.is_file()), None)
    if place is None:
        raise ModelFileError(_missing(source, name))
    return _opened(place, name)


def _inside(source: TextFile, name: str) -> TextTokenizer | None:
    """The tokenizer that an encoder's own file carries."""
    file = source.file
    for tensor in TENSORS:
        for stored in (source.found.prefix + tensor, tensor, BUNDLE + tensor):
            if stored in file.tensors:
                content = file.read([stored])[stored].contiguous().view(-1).numpy().tobytes()
                return _of_bytes(tensor, content, name, f"{stored} in {file.path.name}")
    return gguf_tokenizer(file.fields(), file.path.name)


def _of_bytes(tensor: str, content: bytes, name: str, what: str) -> TextTokenizer:
    if tensor == "spiece_model":
        return PieceTokenizer(content, ADDED.get(name, ()), what)
    if tensor == "tekken_model":
        return tekken_tokenizer(content, what)
    return JsonTokenizer.of_text(content.decode("utf-8", errors="replace"), what)


def _opened(path: Path, name: str) -> TextTokenizer:
    if path.name.endswith("tekken.json"):
        return tekken_tokenizer(path.read_bytes(), path.name)
    if path.suffix == ".json":
        return JsonTokenizer.of_file(path)
    return PieceTokenizer(path.read_bytes(), ADDED.get(name, ()), path.name)


def _places(source: TextFile, name: str, roots: Sequence[Path]) -> Iterator[Path]:
    """Where a tokenizer may lie, the surest places first."""
    file = source.file
    component = source.found.prefix.rstrip(".") or file.path.name
    if component.startswith("text_encoder"):
        yield from _in(file.path, component.replace("text_encoder", "tokenizer"))
        yield from _in(file.path.parent, component.replace("text_encoder", "tokenizer"))
    if file.path.is_dir():
        yield from _in(file.path)
    else:
        yield from _named(file.folder, file.path.name.split(".")[0])
    for root in (file.folder, *roots, *(root.parent / "tokenizers" for root in roots)):
        yield from _named(root, name)
    if not file.path.is_dir() and file.folder not in roots:
        yield from _in(file.folder)


def _in(folder: Path, inner: str = "") -> Iterator[Path]:
    yield from (folder / inner / file for file in FILES)


def _named(folder: Path, name: str) -> Iterator[Path]:
    """In a folder of an encoder's name, or in files that begin with its name."""
    yield from _in(folder, name)
    yield from (folder / f"{name}.{file}" for file in FILES)


def _missing(source: TextFile, name: str) -> str:
    """What to do where there is no tokenizer."""
    published = PUBLISHED.get(name)
    get = f" (limner pull {published} --into text_encoders/{name})" if published else ""
    return (
        f"{source.file.path.name}: the tokenizer of this text encoder ({name}) is missing. Put its file "
        f"({' or '.join(FILES[:3])}) into a folder named {name} beside it{get}, or take a file of the encoder that "
        "carries its tokenizer: the folder from the hub, a GGUF file."
    )
