"""Every other architecture, through the package ``spandrel`` where it is installed (``pip install limner[upscale]``).

What is used of it is what its documentation names: ``ModelLoader.load_from_file`` gives a descriptor that is called
with pictures, knows its scale and channels, and pads pictures itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile
from limner.models.memory.ledger import Claim, ResidencyLedger
from limner.models.upscalers.upscaler import Upscaler


@dataclass(frozen=True)
class SpandrelNetwork:
    """A network that spandrel builds, loaded when leased."""

    file: ModelFile
    device: torch.device
    ledger: ResidencyLedger
    dtype: torch.dtype = torch.float32

    @contextmanager
    def lease(self, why: str = "") -> Iterator[Any]:
        """Spandrel's descriptor.

        Raises:
            ModelFileError: if spandrel is not installed, or does not know the file either.
        """
        claim = Claim(
            key=("spandrel", self.file.identity),
            what=f"{self.file.path.name} (upscaler)",
            bytes=self.file.parameters * self.dtype.itemsize,
            load=self._load,
        )
        with self.ledger.lease(claim, why) as descriptor:
            yield descriptor

    def _load(self) -> Any:
        name = self.file.path.name
        try:
            import spandrel  # pyright: ignore[reportMissingImports]  # an extra: it needs torchvision
        except ImportError as error:
            raise ModelFileError(
                f"{name} is no upscaler of the ESRGAN family, and other kinds need the package spandrel, which cannot "
                f"be imported ({error}). Install it with `pip install limner[upscale]`, or choose an ESRGAN model."
            ) from error
        try:
            descriptor = spandrel.ModelLoader(self.device).load_from_file(self.file.path)
        except spandrel.UnsupportedModelError as error:
            raise ModelFileError(
                f"{name} is no upscaler that spandrel knows ({error}). Choose another file."
            ) from error
        if not isinstance(descriptor, spandrel.ImageModelDescriptor):
            raise ModelFileError(
                f"{name} holds a network ({descriptor.architecture.name}) that wants a mask beside the picture, so it "
                "is no upscaler. Choose another file."
            )
        return descriptor.to(self.device, self.dtype).eval()


def spandrel_upscaler(file: ModelFile, device: torch.device, ledger: ResidencyLedger) -> Upscaler:
    """The upscaler in a file, as spandrel understands it. Cost: loads it once, to know its scale.

    Raises:
        ModelFileError: if spandrel is not installed, or does not know the file either.
    """
    network = SpandrelNetwork(file, device, ledger)
    with network.lease("recognising") as descriptor:
        return Upscaler(
            name=f"{file.path.name} ({descriptor.architecture.name})",
            network=network,
            scale=int(descriptor.scale),
            channels=int(descriptor.input_channels),
            divisible=descriptor.tiling.name != "INTERNAL",
        )
