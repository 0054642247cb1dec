"""A network's tensors where they are at home: as their file has them, views of its pages where that is possible."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from limner.models.load.blueprint import Blueprint, made
from limner.models.load.model_file import ModelFile
from limner.models.load.precision import Precision
from limner.models.load.quantised.storing import storable

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Homes:
    """Tensors by the network's names.

    Attributes:
        tensors: Views of the mapped file, or in main memory.
        drop: Gives the pages behind a tensor back to the system once it was copied; looking at it again reads it again.
    """

    tensors: Mapping[str, Tensor]
    drop: Callable[[str], None]


def open_homes(blueprint: Blueprint, file: ModelFile, precision: Precision) -> Homes:
    """The homes of a network's tensors. Only those that are joined, converted or packed take memory.

    Raises:
        ModelFileError: if the file changed or broke since it was opened.
    """
    reading = file.reading({name for source in blueprint.keys.values() for name in source.names})

    def drop(name: str) -> None:
        for part in blueprint.keys[name].names if name in blueprint.keys else ():
            reading.drop(part)

    tensors: dict[str, Tensor] = {}
    for name, source in blueprint.keys.items():
        tensor = made(source, reading.tensors)
        if precision.storage is not None and storable(name, tuple(tensor.shape), precision.storage):
            tensor = precision.placed(name, tensor, CPU)  # packing takes longer than moving, so it is done once
            drop(name)
        tensors[name] = tensor
    return Homes(tensors, drop)
