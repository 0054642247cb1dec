"""Networks in ONNX files: for tools whose weights are published in no other form."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from limner.graph.errors import ModelFileError
from limner.models.extras import extra_module

PREFERRED = ("CUDAExecutionProvider", "ROCMExecutionProvider", "CoreMLExecutionProvider", "CPUExecutionProvider")
"""Where a network runs, first what is fastest."""


class OnnxNetwork:
    """A network of an ONNX file, ready to be called from any thread.

    Attributes:
        path: Its file.
        inputs: Shapes by name; a dimension is a number, or a text or None where it may be any.
        outputs: Names, in order.
    """

    def __init__(self, path: Path, extra: str, purpose: str) -> None:
        """Loads a network.

        Args:
            path: The file.
            extra: The extra of Limner that installs what runs it.
            purpose: What it is for, for messages.

        Raises:
            SettingsError: if what runs it is not installed.
            ModelFileError: if the file is no ONNX network.
        """
        runtime: Any = extra_module("onnxruntime", extra, purpose)
        available = set(runtime.get_available_providers())
        options = runtime.SessionOptions()
        options.log_severity_level = 3
        try:
            self._session = runtime.InferenceSession(
                str(path), options, providers=[name for name in PREFERRED if name in available]
            )
        except Exception as error:  # The runtime has a dozen classes of its own for damaged files.
            raise ModelFileError(
                f"{path.name} cannot be loaded as an ONNX network ({str(error)[:300]}). Is it complete, and of a kind "
                "that is meant for this?"
            ) from error
        self.path = path
        self.inputs: dict[str, list[Any]] = {entry.name: list(entry.shape) for entry in self._session.get_inputs()}
        self.outputs: list[str] = [entry.name for entry in self._session.get_outputs()]

    def run(self, inputs: Mapping[str, np.ndarray]) -> Sequence[np.ndarray]:
        """The outputs for some inputs, in order.

        Raises:
            ModelFileError: if the network does not take them.
        """
        try:
            return self._session.run(None, dict(inputs))
        except Exception as error:  # See above.
            shapes = ", ".join(f"{name} {list(value.shape)}" for name, value in inputs.items())
            raise ModelFileError(
                f"{self.path.name} does not take what it was given ({shapes}); its inputs are {self.inputs}. Is it of "
                f"the right kind? {str(error)[:200]}"
            ) from error

    def side(self, otherwise: int) -> int:
        """Side of the square pictures that its first input takes; ``otherwise`` where it takes any."""
        shape = next(iter(self.inputs.values()))
        side = shape[-1] if len(shape) == 4 else None
        return side if isinstance(side, int) and side > 0 else otherwise
