"""Files of networks that step into others: which kind they are, opened."""

from collections.abc import Mapping

from limner.graph.discovery import discover
from limner.graph.errors import ModelFileError
from limner.models import model_patches
from limner.models.library import ModelLibrary
from limner.models.model_patches.model_patch import ModelPatch, ModelPatchKind


def load_model_patch_kinds() -> Mapping[str, ModelPatchKind]:
    """All kinds by name."""
    return discover(model_patches, ModelPatchKind, lambda kind: kind.name)


def open_model_patch(library: ModelLibrary, name: str) -> ModelPatch:
    """Such a file by name. Cost: reads the header.

    Raises:
        UnknownNameError: if there is no such file.
        ModelFileError: if it is of no known kind.
    """
    file = library.open("model_patches", name)
    kinds = load_model_patch_kinds()
    for kind in kinds.values():
        blueprint = kind.blueprint(file.layout)
        if blueprint is not None:
            return ModelPatch(kind, library.network(f"{file.path.name} ({kind.name})", file, blueprint))
    shown = ", ".join(list(file.tensors)[:3])
    raise ModelFileError(
        f"{file.path.name} is no model patch of a known kind ({', '.join(kinds)}): its tensors are called {shown} ..."
    )
