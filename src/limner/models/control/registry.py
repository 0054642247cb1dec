"""Control networks by file: which kind they are, opened."""

from collections.abc import Mapping

from limner.graph.discovery import discover
from limner.graph.errors import ModelFileError
from limner.models import control
from limner.models.control.control import ControlKind, ControlNet
from limner.models.control.differences import holds_differences, made_whole
from limner.models.library import ModelLibrary
from limner.models.load.misplaced import advice
from limner.models.load.model_file import ModelFile
from limner.models.network import Network


def load_control_kinds() -> Mapping[str, ControlKind]:
    """All kinds by name."""
    return discover(control, ControlKind, lambda kind: kind.name)


def open_control_net(library: ModelLibrary, name: str, base: Network | None = None) -> ControlNet:
    """A control network by name. Cost: reads the header.

    Args:
        library: The models.
        name: The file.
        base: The network that it was trained with, for files that hold differences from it only.

    Raises:
        UnknownNameError: if there is no such file.
        ModelFileError: if it is none, or holds differences and there is nothing that they could be added to.
        NumericsError: if they are differences from another network.
    """
    file = library.open("controlnet", name)
    net = control_net_in(library, file)
    if not holds_differences(file.layout):
        return net
    if base is None:
        raise ModelFileError(
            f"{file.path.name} holds differences from the model that it was trained with, and no whole network. "
            "Load it with Load ControlNet Model (diff), and connect that model."
        )
    return made_whole(net, base)


def control_net_in(library: ModelLibrary, file: ModelFile) -> ControlNet:
    """The control network of an opened file, as it is in the file; see ``open_control_net``."""
    kinds = load_control_kinds()
    for kind in kinds.values():
        blueprint = kind.blueprint(file.layout)
        if blueprint is not None:
            return ControlNet(kind, library.network(f"{file.path.name} ({kind.name} control)", file, blueprint))
    shown = ", ".join(list(file.tensors)[:3])
    raise ModelFileError(
        f"{file.path.name} is no control network of a known kind ({', '.join(kinds)}): its tensors are called "
        f"{shown} ...{advice(file, 'controlnet') or ' Choose a ControlNet, a T2I-Adapter or a control LoRA.'}"
    )
