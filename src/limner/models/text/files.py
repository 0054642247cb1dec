"""Text encoders in files: single ones, checkpoints that hold several, folders of pipelines."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from limner.graph.errors import ModelFileError
from limner.models.load.layout import Layout
from limner.models.load.model_file import ModelFile
from limner.models.text.kind import FoundText, TextKind

IN_CHECKPOINT = re.compile(r"text_encoders\.(\w+)\.(?:transformer\.)?")
IN_FOLDER = ("text_encoder.", "text_encoder_2.", "text_encoder_3.", "text_encoder_4.")
ALONE = ("", "transformer.")
BUNDLE = "text_encoders."
NETWORK = "model.diffusion_model."
"""What checkpoints hold and files of text encoders do not."""


@dataclass(frozen=True)
class TextFile:
    """A text encoder and the file that it is in."""

    file: ModelFile
    found: FoundText


def text_files(
    files: Sequence[ModelFile], kinds: Mapping[str, TextKind], places: Mapping[str, str] = MappingProxyType({})
) -> list[TextFile]:
    """The encoders of some files.

    Args:
        files: A checkpoint brings all its encoders, however often it is given.
        kinds: All kinds.
        places: Where checkpoints keep encoders, with the encoders' names.

    Raises:
        ModelFileError: if a file holds none, or is given twice.
    """
    encoders: list[TextFile] = []
    known: set[tuple[str, int, int]] = set()
    for file in files:
        found = text_in_file(file, kinds, places)
        if not found:
            raise ModelFileError(f"{file.path.name} holds no text encoder of a known kind ({', '.join(kinds)}).")
        if file.identity in known and not file.layout.has(NETWORK):
            raise ModelFileError(f"{file.path.name} is given twice: a text encoder and itself do not go together.")
        encoders += [] if file.identity in known else [TextFile(file, encoder) for encoder in found]
        known.add(file.identity)
    return encoders


def text_in_file(
    file: ModelFile, kinds: Mapping[str, TextKind], places: Mapping[str, str] = MappingProxyType({})
) -> list[FoundText]:
    """The encoders that a file holds, alone or beside other things."""
    return [*text_in(file.layout, kinds, places), *_alone(file.layout, kinds)]


def text_in(
    layout: Layout, kinds: Mapping[str, TextKind], places: Mapping[str, str] = MappingProxyType({})
) -> list[FoundText]:
    """The encoders that a checkpoint or the folder of a pipeline holds beside other things.

    Args:
        layout: The file.
        kinds: All kinds.
        places: Where checkpoints of its family keep them, with the encoders' names.
    """
    encoders: list[FoundText] = []
    for prefix, name in (*places.items(), *_places(layout)):
        found = _below(layout, prefix, kinds)
        if found is not None:
            encoders.append(found if name is None or found.certain else replace(found, name=name))
    return encoders


def _places(layout: Layout) -> Iterator[tuple[str, str | None]]:
    """Where encoders may be, and the names that the places give them."""
    matches = (IN_CHECKPOINT.match(name) for name in layout if name.startswith(BUNDLE))
    yield from dict.fromkeys((match[0], match[1]) for match in matches if match)
    yield from ((prefix, None) for prefix in IN_FOLDER if layout.has(prefix))


def _alone(layout: Layout, kinds: Mapping[str, TextKind]) -> list[FoundText]:
    found = (_below(layout, prefix, kinds) for prefix in ALONE)
    return [encoder for encoder in found if encoder is not None][:1]


def _below(layout: Layout, prefix: str, kinds: Mapping[str, TextKind]) -> FoundText | None:
    found = (kind.find(layout, prefix) for kind in kinds.values())
    return next((encoder for encoder in found if encoder is not None), None)
