"""Learned embeddings (textual inversion): vectors that stand for words.

Source: Gal et al. 2022. Files hold one set of vectors, or one per text encoder under the encoder's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile

SUFFIXES = (".safetensors", ".pt", ".bin")
"""Tried in this order where a name comes without one."""

FindEmbedding = Callable[[str], "Embedding | None"]
"""Looks an embedding up by name; None if there is none."""


@dataclass(frozen=True)
class Embedding:
    """Learned vectors.

    Attributes:
        name: For people.
        vectors: [n d] by text encoder (``clip_l`` ...); under "" where the file does not say for which.
    """

    name: str
    vectors: Mapping[str, Tensor]

    def of(self, encoder: str) -> Tensor | None:
        """The vectors [n d] for a text encoder; None if the file has some for others only."""
        return self.vectors.get(encoder, self.vectors.get(""))


def read_embedding(name: str, file: ModelFile) -> Embedding:
    """An embedding from its file.

    Raises:
        ModelFileError: if it holds no vectors.
    """
    tensors = {key: value.detach() for key, value in file.read().items() if value.ndim in (1, 2) and value.numel() > 1}
    named = {key: _rows(value) for key, value in tensors.items() if key.startswith(("clip_", "t5"))}
    if named:
        return Embedding(name, named)
    # "string_to_param.*" in the files of the first trainer, "emb_params" in later ones, any one name elsewhere.
    vectors = next((tensors[key] for key in ("emb_params", "string_to_param.*") if key in tensors), None)
    if vectors is None:
        vectors = next(iter(tensors.values()), None)
    if vectors is None:
        raise ModelFileError(f"{file.path.name} holds no learned vectors: it is no embedding.")
    return Embedding(name, {"": _rows(vectors)})


def _rows(vectors: Tensor) -> Tensor:
    return vectors.reshape(-1, vectors.shape[-1])
