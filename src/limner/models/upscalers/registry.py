"""The architectures of upscalers that there are, and which of them a file holds."""

from collections.abc import Mapping
from typing import Protocol

import torch

from limner.graph.discovery import discover
from limner.models import upscalers
from limner.models.load.blueprint import Blueprint
from limner.models.load.model_file import ModelFile
from limner.models.memory.ledger import ResidencyLedger
from limner.models.network import Network
from limner.models.upscalers.spandrel_bridge import spandrel_upscaler
from limner.models.upscalers.upscaler import Upscaler, UpscalerKind


class Library(Protocol):
    """What is asked of a model library."""

    @property
    def device(self) -> torch.device:
        """Where networks compute."""
        ...

    @property
    def ledger(self) -> ResidencyLedger:
        """Keeps the account of that device."""
        ...

    def network(self, what: str, file: ModelFile, blueprint: Blueprint, dtype: torch.dtype | None = None) -> Network:
        """A network in an opened file."""
        ...


def load_upscalers() -> Mapping[str, UpscalerKind]:
    """All kinds by name."""
    return discover(upscalers, UpscalerKind, lambda kind: kind.name)


def upscaler_in(file: ModelFile, library: Library) -> Upscaler:
    """The upscaler in an opened file.

    It computes in float32: half precision shows as bands in smooth areas, and the networks are small.

    Raises:
        ModelFileError: if it holds none that anybody here knows.
    """
    for kind in load_upscalers().values():
        blueprint = kind.blueprint(file.layout)
        if blueprint is None:
            continue
        name = f"{file.path.name} ({kind.name})"
        scale, channels, multiple = (int(str(blueprint.facts[key])) for key in ("scale", "channels", "multiple"))
        return Upscaler(name, library.network(name, file, blueprint, torch.float32), scale, channels, multiple)
    return spandrel_upscaler(file, library.device, library.ledger)
