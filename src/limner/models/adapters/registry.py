"""The kinds of adapters that there are, and which of them a file is."""

from collections.abc import Mapping

from limner.graph.discovery import discover
from limner.graph.errors import ModelFileError
from limner.models import adapters
from limner.models.adapters.adapter import Adapter, AdapterKind
from limner.models.load.model_file import ModelFile


def load_kinds() -> Mapping[str, AdapterKind]:
    """All kinds by name."""
    return discover(adapters, AdapterKind, lambda kind: kind.name)


def read_adapter(name: str, file: ModelFile, kinds: Mapping[str, AdapterKind]) -> Adapter:
    """The adapter in a file.

    Raises:
        ModelFileError: if it is of no known kind.
    """
    for kind in kinds.values():
        if kind.recognise(file):
            return Adapter(name, file.identity, kind.read(file))
    shown = ", ".join(list(file.tensors)[:3])
    raise ModelFileError(
        f"{file.path.name} is no adapter of a known kind ({', '.join(kinds)}): its tensors are called {shown} ..."
    )
