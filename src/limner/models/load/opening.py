"""From a path to what it holds. A file's first bytes say what it is; its suffix is only asked where they do not."""

from pathlib import Path

from limner.graph.errors import ModelFileError
from limner.models.load.content import Content, HeldContent, JoinedContent, MappedContent
from limner.models.load.gguf_file import open_gguf
from limner.models.load.header import HEADER_LIMIT, read_header
from limner.models.load.pickled import read_pickled
from limner.models.load.pipeline_folder import components_of, configurations_in
from limner.models.load.scales import folded
from limner.models.load.shards import INDEX, shards_of
from limner.storage.gguf_header import is_gguf
from limner.storage.safetensors_header import is_pickle, mistaken

SAFE_SUFFIXES = (".safetensors", ".sft")
PICKLED_SUFFIXES = (".ckpt", ".pt", ".pth", ".bin", ".pt2", ".pkl")
GGUF_SUFFIX = ".gguf"
KNOWN = (*SAFE_SUFFIXES, GGUF_SUFFIX, *PICKLED_SUFFIXES)


def open_content(path: Path) -> tuple[Content, tuple[Path, ...]]:
    """What a file, an index, a shard or a folder holds, and the files that it is in.

    Raises:
        ModelFileError: if it cannot be a model; the message says what it is and what to do.
        OSError: if it cannot be opened.
    """
    if path.is_dir():
        return _folder(path)
    shards = shards_of(path)
    if shards is None:
        return folded(_file(path), path.name), (path,)
    parts = [_file(shard) for shard in shards]
    metadata = {key: text for part in parts for key, text in part.metadata.items()}
    return folded(JoinedContent([("", part) for part in parts], metadata), path.name), tuple(shards)


def _folder(path: Path) -> tuple[Content, tuple[Path, ...]]:
    components = {prefix: open_content(weights) for prefix, weights in components_of(path).items()}
    files = tuple(file for _, inside in components.values() for file in inside)
    alone = components.get("")
    metadata = {**(alone[0].metadata if alone else {}), **configurations_in(path)}
    return JoinedContent([(prefix, content) for prefix, (content, _) in components.items()], metadata), files


def _file(path: Path) -> Content:
    """One file, by what it begins with."""
    status = path.stat()
    with path.open("rb") as file:
        start = file.read(64)
    suffix = path.suffix.lower()
    if is_gguf(start):
        return open_gguf(path)
    if is_pickle(start):
        return HeldContent(read_pickled(path))
    if not _begins_safe(start, status.st_size):
        _refuse(path, suffix, start)
        if suffix in PICKLED_SUFFIXES:
            return HeldContent(read_pickled(path))
        if suffix == GGUF_SUFFIX:
            return open_gguf(path)
    header = read_header(path)
    return MappedContent(path, status.st_size, status.st_mtime_ns, header.tensors, header.metadata)


def _begins_safe(start: bytes, size: int) -> bool:
    """Whether a file begins as safetensors files do: with the length of a JSON object, then with that."""
    return int.from_bytes(start[:8], "little") <= min(HEADER_LIMIT, size - 8) and start[8:].lstrip()[:1] == b"{"


def _refuse(path: Path, suffix: str, start: bytes) -> None:
    """Raises ModelFileError for what is certainly no model."""
    what = mistaken(start)
    if what is not None and (suffix in KNOWN or not start):
        raise ModelFileError(f"{path.name} {what}. Download it again, or replace it by a safetensors file.")
    if suffix not in KNOWN:
        known = ", ".join((*KNOWN, INDEX))
        raise ModelFileError(f"{path.name}: files of this kind are not read. Known: {known}, folders of diffusers.")
