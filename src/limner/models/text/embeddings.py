"""Learned embeddings (textual inversion): vectors that stand for words.

Source: Gal et al. 2022. Files hold one set of vectors, or one per text encoder under the encoder's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile

SUFFIXES = (".safetensors", ".pt", ".bin")
"""Tried in this order where a name comes without one."""

ALONE = ("string_to_param.*", "emb_params")
"""What the vectors are called in the web UI's files, and in later ones; other tensors there are of the training."""

ENCODERS = ("clip_", "t5", "umt5", "pile_t5", "llama", "gemma", "qwen", "mistral", "chatglm")
"""How names of text encoders begin."""

ALSO: Mapping[str, str] = {
    "t5": "t5xxl",
    "text_encoders_0": "clip_l",
    "text_encoders_1": "clip_g",
    "text_encoders_2": "t5xxl",
}
"""Other names that trainers have for text encoders."""

FindEmbedding = Callable[[str], "Embedding | None"]
"""Looks an embedding up by name; None if there is none."""


@dataclass(frozen=True)
class Embedding:
    """Learned vectors.

    Attributes:
        name: For people.
        vectors: [n d] by text encoder (``clip_l`` ...); under "" where the file does not say for which.
        file: The name of the file.
    """

    name: str
    vectors: Mapping[str, Tensor]
    file: str = ""

    def of(self, encoder: str) -> Tensor | None:
        """The vectors [n d] for a text encoder; None if the file has some for others only."""
        return self.vectors.get(encoder, self.vectors.get(""))


def read_embedding(name: str, file: ModelFile) -> Embedding:
    """An embedding from its file: the web UI's (``.pt``), later ones', those of several encoders, diffusers'.

    A file of diffusers has the vectors of each token under its name; those of several tokens follow each other.

    Raises:
        ModelFileError: if it holds no vectors, or vectors of different lengths.
    """
    tensors = {key: value.detach() for key, value in file.read().items() if value.ndim in (1, 2) and value.numel() > 1}
    known = {ALSO.get(key, key): _rows(value) for key, value in tensors.items()}
    named = {key: value for key, value in known.items() if key.startswith(ENCODERS)}
    if named:
        return Embedding(name, named, file.path.name)
    vectors = next(([known[key]] for key in ALONE if key in known), list(known.values()))
    if not vectors:
        raise ModelFileError(f"{file.path.name} holds no learned vectors: it is no embedding.")
    if len({tensor.shape[1] for tensor in vectors}) > 1:
        sizes = ", ".join(f"{key} {list(tensor.shape)}" for key, tensor in list(known.items())[:3])
        raise ModelFileError(f"{file.path.name} is no embedding: its tensors differ in length ({sizes} ...).")
    return Embedding(name, {"": torch.cat(vectors)}, file.path.name)


def _rows(vectors: Tensor) -> Tensor:
    return vectors.reshape(-1, vectors.shape[-1])
