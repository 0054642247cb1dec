"""Networks' weights into files."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from limner.graph.errors import StorageError
from limner.media.series import Series

SUFFIX = ".safetensors"


def save_weights(series: Series, tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> str:
    """Saves tensors as the next file of a series and returns its name.

    Cost: writes straight from memory or from the mapped files that the tensors lie in.

    Raises:
        StorageError: if they cannot be kept.
    """
    whole = {name: tensor.contiguous() for name, tensor in tensors.items()}

    def write(path: Path) -> None:
        try:
            save_file(whole, path, {"format": "pt", **texts})
        except SafetensorError as error:
            raise StorageError(f"{path.parent}: the weights could not be saved ({error}). Is the disk full?") from error

    return series.save_through(write, SUFFIX)
