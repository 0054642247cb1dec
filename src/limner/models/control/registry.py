"""Control networks by file: which kind they are, opened."""

from collections.abc import Mapping

from limner.graph.discovery import discover
from limner.graph.errors import ModelFileError
from limner.models import control
from limner.models.control.control import ControlKind, ControlNet
from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile


def load_control_kinds() -> Mapping[str, ControlKind]:
    """All kinds by name."""
    return discover(control, ControlKind, lambda kind: kind.name)


def open_control_net(library: ModelLibrary, name: str) -> ControlNet:
    """A control network by name. Cost: reads the header.

    Raises:
        UnknownNameError: if there is no such file.
        ModelFileError: if it is none.
    """
    return control_net_in(library, library.open("controlnet", name))


def control_net_in(library: ModelLibrary, file: ModelFile) -> ControlNet:
    """The control network of an opened file; see ``open_control_net``."""
    kinds = load_control_kinds()
    for kind in kinds.values():
        blueprint = kind.blueprint(file.layout)
        if blueprint is not None:
            return ControlNet(kind, library.network(f"{file.path.name} ({kind.name} control)", file, blueprint))
    shown = ", ".join(list(file.tensors)[:3])
    raise ModelFileError(
        f"{file.path.name} is no control network of a known kind ({', '.join(kinds)}): its tensors are called "
        f"{shown} ... Choose a ControlNet, a T2I-Adapter or a control LoRA."
    )
