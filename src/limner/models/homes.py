"""A network's tensors where they are at home: as their file has them, views of its pages where that is possible."""

import torch
from torch import Tensor, nn

from limner.models.load.blueprint import Blueprint
from limner.models.load.model_file import ModelFile


def stored_tensors(blueprint: Blueprint, file: ModelFile) -> dict[str, Tensor]:
    """Tensors by the network's names. Only those that are made of several, or converted, take memory.

    Raises:
        ModelFileError: if the file changed or broke since it was opened.
    """
    stored = file.read({name for source in blueprint.keys.values() for name in source.names})
    return {
        name: source.transform(*(stored[part] for part in source.names))
        if source.transform
        else stored[source.names[0]]
        for name, source in blueprint.keys.items()
    }


def empty_network(blueprint: Blueprint) -> nn.Module:
    """The network without memory, ready to be given tensors."""
    with torch.device("meta"):
        network = blueprint.build()
    return network.requires_grad_(requires_grad=False).eval()
