"""The models that users have, by name: opened, recognised, and handed out as things that load when they are used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import psutil
import torch

from limner.graph.errors import ModelFileError, StorageError, UnknownNameError
from limner.models.adapters.adapter import Adapter
from limner.models.adapters.registry import load_kinds, read_adapter
from limner.models.autoencoder import Autoencoder
from limner.models.embeddings import SUFFIXES, Embedding, read_embedding
from limner.models.family import Family, TextPart
from limner.models.latent_fit import fitted_format
from limner.models.ledger import ResidencyLedger
from limner.models.load.blueprint import Blueprint
from limner.models.load.model_file import ModelFile
from limner.models.model import DiffusionModel
from limner.models.network import Network
from limner.models.parts.clip_tokenizer import ClipTokenizer
from limner.models.registry import find_autoencoder, load_autoencoders, load_families, recognise
from limner.models.text import TextBranch, TextEncoder
from limner.models.text_files import text_parts
from limner.storage.folders import Folders

NATIVE_SIZE = "limner.native_size"
"""Key of a file's metadata: the width and height that it was trained at."""

SMALL = 10_000_000
"""Values; an autoencoder up to this size is asked itself how its latents look."""


@dataclass(frozen=True)
class Checkpoint:
    """What one file gives; a part that it does not hold is None."""

    model: DiffusionModel
    clip: TextEncoder | None
    vae: Autoencoder | None
    family: Family


class ModelLibrary:
    """Models by name. A Service for nodes; safe to use from several threads.

    Args:
        folders: Where files are.
        device: Where networks compute.
        dtype: What they compute in; None: float32 on a CPU, float16 elsewhere (bfloat16 for autoencoders).
        capacity: Bytes that may be resident on the device; None: 60 % of a CPU's memory, 90 % of another device's.
    """

    def __init__(
        self,
        folders: Folders,
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
        capacity: int | None = None,
    ) -> None:
        self.folders = folders
        self.device = torch.device(device)
        self._dtype = dtype
        self.ledger = ResidencyLedger(
            str(self.device), _capacity(self.device) if capacity is None else capacity, self._hand_back
        )
        self._families = load_families()
        self._autoencoders = load_autoencoders()
        self._kinds = load_kinds()
        self._tokenizer = ClipTokenizer()

    def checkpoint(self, name: str) -> Checkpoint:
        """A checkpoint by name. Cost: reads the header; networks load when they are used.

        Raises:
            UnknownNameError: if there is no such file.
            ModelFileError: if it is none.
        """
        return self.open_checkpoint(self.folders.find("checkpoints", name))

    def open_checkpoint(self, path: Path) -> Checkpoint:
        """A checkpoint by path; see ``checkpoint``."""
        return self.checkpoint_in(ModelFile.open(path))

    def checkpoint_in(self, file: ModelFile) -> Checkpoint:
        """What an opened file gives; see ``checkpoint``."""
        family = recognise(file, self._families)
        autoencoder = self._autoencoder(file)
        model = self._model(file, family)
        if autoencoder is not None and autoencoder.network.elements <= SMALL:
            model = replace(model, look=cache(partial(fitted_format, family.latent_format, autoencoder)))
        return Checkpoint(model, self._text_encoder(file, family), autoencoder, family)

    def diffusion_model(self, name: str) -> DiffusionModel:
        """A denoising network in a file of its own, or in a checkpoint.

        Raises:
            UnknownNameError: if there is no such file.
            ModelFileError: if it is none.
        """
        return self.diffusion_model_in(ModelFile.open(self.folders.find("diffusion_models", name)))

    def diffusion_model_in(self, file: ModelFile) -> DiffusionModel:
        """The denoising network of an opened file; see ``diffusion_model``."""
        return self._model(file, recognise(file, self._families))

    def autoencoder(self, name: str) -> Autoencoder:
        """An autoencoder by name, from a file of its own or from a checkpoint.

        Raises:
            UnknownNameError: if there is no such file.
            ModelFileError: if it holds none.
        """
        return self.autoencoder_in(ModelFile.open(self.folders.find("vae", name)))

    def autoencoder_in(self, file: ModelFile) -> Autoencoder:
        """The autoencoder of an opened file; see ``autoencoder``."""
        found = self._autoencoder(file)
        if found is None:
            raise ModelFileError(
                f"{file.path.name} holds no autoencoder of the Stable Diffusion kind: choose a VAE file, or a "
                "checkpoint that includes one."
            )
        return found

    def text_encoder(self, *names: str) -> TextEncoder:
        """A text encoder from files of its own; two files are joined as SDXL joins them.

        Raises:
            UnknownNameError: if there is no such file.
            ModelFileError: if one holds no CLIP text encoder, or they do not go together.
        """
        return self.text_encoder_in([ModelFile.open(self.folders.find("text_encoders", name)) for name in names])

    def text_encoder_in(self, files: Sequence[ModelFile]) -> TextEncoder:
        """The text encoder of opened files; see ``text_encoder``."""
        parts = text_parts(files)
        branches = tuple(self._branch(file, part) for file, part in parts)
        return TextEncoder(branches, self._tokenizer, self.embedding)

    def adapter(self, name: str) -> Adapter:
        """An adapter (LoRA) by name.

        Raises:
            UnknownNameError: if there is no such file.
            ModelFileError: if it is of no known kind.
        """
        return read_adapter(name, ModelFile.open(self.folders.find("loras", name)), self._kinds)

    def embedding(self, name: str) -> Embedding | None:
        """A learned embedding by the name that prompts use, with or without suffix; None if there is none.

        Raises:
            ModelFileError: if the file is none.
        """
        for candidate in (name, *(name + suffix for suffix in SUFFIXES)):
            if not candidate.endswith(SUFFIXES):
                continue
            try:
                path = self.folders.find("embeddings", candidate)
            except (UnknownNameError, StorageError):
                continue
            return read_embedding(name, ModelFile.open(path))
        return None

    def open(self, kind: str, name: str) -> ModelFile:
        """A file of a kind (``checkpoints``, ``controlnet`` ...) by name.

        Raises:
            UnknownNameError: if there is no such file.
            ModelFileError: if it is no model file.
        """
        return ModelFile.open(self.folders.find(kind, name))

    def network(self, what: str, file: ModelFile, blueprint: Blueprint, dtype: torch.dtype | None = None) -> Network:
        """A network in an opened file, on this library's device and account; it loads when it is leased.

        Args:
            what: Its name, for people.
            file: Where its weights are.
            blueprint: How to build it.
            dtype: What it computes in; None: what the library chose.
        """
        chosen = dtype or self._dtype or (torch.float32 if self.device.type == "cpu" else torch.float16)
        return Network(what, file, blueprint, chosen, self.device, self.ledger)

    def release(self) -> int:
        """Unloads every network that is not in use. Returns bytes given back."""
        return self.ledger.release()

    def status(self) -> Mapping[str, Any]:
        """What is loaded and why, as plain data."""
        return self.ledger.status()

    def _model(self, file: ModelFile, family: Family) -> DiffusionModel:
        return DiffusionModel(
            family=family,
            network=self.network(f"{file.path.name} ({family.name})", file, family.network(file.layout)),
            parametrization=family.parametrization(file.layout),
            look=lambda: family.latent_format,
            native_size=int(file.metadata.get(NATIVE_SIZE, family.native_size)),
        )

    def _text_encoder(self, file: ModelFile, family: Family) -> TextEncoder | None:
        branches = tuple(self._branch(file, part) for part in family.text(file.layout))
        return TextEncoder(branches, self._tokenizer, self.embedding) if branches else None

    def _branch(self, file: ModelFile, part: TextPart) -> TextBranch:
        stored = file.tensors[next(iter(part.blueprint.keys.values())).names[0]].dtype
        network = self.network(f"{file.path.name} ({part.name})", file, part.blueprint)
        return TextBranch(
            name=part.name,
            network=replace(network, rounding=getattr(torch, stored)),
            padding=part.padding,
            layer=part.layer,
            normed=part.normed,
        )

    def _autoencoder(self, file: ModelFile) -> Autoencoder | None:
        found = find_autoencoder(file.layout, self._autoencoders)
        if found is None:
            return None
        kind, blueprint = found
        dtype = self._dtype or (torch.float32 if self.device.type == "cpu" else torch.bfloat16)
        facts = blueprint.facts
        return Autoencoder(
            self.network(f"{file.path.name} (vae)", file, blueprint, dtype),
            kind,
            channels=int(str(facts["latent_channels"])),
            downscale=int(str(facts["downscale"])),
        )

    def _hand_back(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def _capacity(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[1] * 0.9)
    return int(psutil.virtual_memory().total * 0.6)
