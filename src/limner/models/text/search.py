"""Text encoders that a workflow needs but does not name: found among the files that are there."""

from limner.graph.errors import ModelFileError
from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.models.text.files import text_in_file
from limner.models.text.registry import load_text_kinds

KIND = "text_encoders"


def find_encoder(library: ModelLibrary, kind: str, hint: str) -> str:
    """The name of the first file of text encoders that holds one of a kind.

    Args:
        library: Where files are.
        kind: The encoder's kind: ``glm``, ``t5`` ...
        hint: A part of the usual names; files that have it are looked at first.

    Raises:
        ModelFileError: if there is none.
    """
    kinds = load_text_kinds()
    names = library.folders.list(KIND)
    for name in sorted(names, key=lambda name: hint not in name.lower()):
        try:
            file = ModelFile.open(library.folders.find(KIND, name))
        except ModelFileError:
            continue  # A broken file beside the one that is looked for is none of this workflow's concern.
        if any(found.kind == kind for found in text_in_file(file, kinds)):
            return name
    places = ", ".join(str(root) for root in library.folders.roots(KIND))
    raise ModelFileError(
        f"This workflow needs a text encoder of the kind {kind!r} and does not name its file; none was found. Put one, "
        f"with its tokenizer beside it, into {places}."
    )
