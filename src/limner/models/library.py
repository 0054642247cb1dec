"""The models that users have, by name: opened, recognised, and handed out as things that load when they are used."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch

from limner.graph.errors import ModelFileError, StorageError, UnknownNameError
from limner.models.adapters.adapter import Adapter
from limner.models.adapters.registry import load_kinds, read_adapter
from limner.models.autoencoder import Autoencoder
from limner.models.family import Family
from limner.models.latent_fit import fitted_format
from limner.models.latent_looks import LatentLooks
from limner.models.load.blueprint import Blueprint
from limner.models.load.misplaced import advice
from limner.models.load.model_file import ModelFile
from limner.models.memory.ledger import ResidencyLedger
from limner.models.memory.ledgers import Ledgers
from limner.models.memory.placement import PartKind, Placement, placement_on
from limner.models.memory.sameness import DigestOf, contents_of, no_digests
from limner.models.model import DiffusionModel
from limner.models.network import Network
from limner.models.registry import find_autoencoder, load_autoencoders, load_families, recognise
from limner.models.text.embeddings import SUFFIXES, Embedding, read_embedding
from limner.models.text.encoder import TextEncoder
from limner.models.text.opening import TextOpening
from limner.sampling.denoiser import LatentFormat
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


def network_type(placement: Placement, family: Family) -> torch.dtype | None:
    """What a family's network has to compute in; None: whatever it is placed in, as always where somebody chose."""
    usual = placement.of(PartKind.NETWORK).dtype
    chosen = PartKind.NETWORK in placement.dtypes
    return torch.bfloat16 if family.wide and usual is torch.float16 and not chosen else None


class ModelLibrary:
    """Models by name. A Service for nodes; safe to use from several threads.

    Args:
        folders: Where files are.
        device: Where networks compute.
        dtype: What they compute in; None: what suits the device.
        capacity: Bytes that may be resident on the device; None: its usual share.
        placement: Says all of that, and more, in place of the three others.
        digest_of: Knows digests of files; files of one digest are loaded once.
    """

    def __init__(
        self,
        folders: Folders,
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
        capacity: int | None = None,
        placement: Placement | None = None,
        digest_of: DigestOf = no_digests,
    ) -> None:
        self.folders = folders
        self._digest_of = digest_of
        self.placement = placement or placement_on(device, dtype, capacity)
        self.device = self.placement.device
        self.ledgers = Ledgers(self.placement)
        self._families = load_families()
        self._autoencoders = load_autoencoders()
        self._kinds = load_kinds()
        self._looks = LatentLooks(self._autoencoders_of_folder)
        roots = folders.roots("text_encoders")
        self._text = TextOpening.ready(self._text_network, self.embedding, roots, self._families.values())

    @property
    def ledger(self) -> ResidencyLedger:
        """The account of the device where networks compute."""
        return self.ledgers.main

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
        elif autoencoder is not None:
            model = replace(model, look=self._look(family, autoencoder))
        return Checkpoint(model, self._text.of_checkpoint(file, family), autoencoder, family)

    def diffusion_model(self, name: str, storage: str | None = None) -> DiffusionModel:
        """A denoising network in a file of its own, or in a checkpoint.

        Args:
            name: The file.
            storage: What its weights are packed into (``fp8_e4m3fn`` ...); None: what was chosen for networks.

        Raises:
            UnknownNameError: if there is no such file.
            ModelFileError: if it is none.
        """
        return self.diffusion_model_in(ModelFile.open(self.folders.find("diffusion_models", name)), storage)

    def diffusion_model_in(self, file: ModelFile, storage: str | None = None) -> DiffusionModel:
        """The denoising network of an opened file; see ``diffusion_model``."""
        return self._model(file, recognise(file, self._families), storage)

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
                f"{file.path.name} holds no autoencoder of a known kind: choose a VAE file, or a checkpoint that "
                f"includes one.{advice(file, 'vae')}"
            )
        self._looks.know(found)
        return found

    def text_encoder(self, *names: str, purpose: str = "", device: str | None = None) -> TextEncoder:
        """A text encoder from files of its own; several are joined as a recipe says.

        Args:
            names: The files.
            purpose: What it is for (``flux``, ``sd3`` ...), where the files do not say.
            device: Where it computes; None or ``default``: where text encoders do.

        Raises:
            UnknownNameError: if there is no such file.
            ModelFileError: if one holds no text encoder, they do not go together, or a tokenizer is missing.
        """
        files = [ModelFile.open(self.folders.find("text_encoders", name)) for name in names]
        return self.text_encoder_in(files, purpose, device)

    def text_encoder_in(self, files: Sequence[ModelFile], purpose: str = "", device: str | None = None) -> TextEncoder:
        """The text encoder of opened files; see ``text_encoder``."""
        return self._text.of_files(files, purpose, device)

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

    def network(
        self,
        what: str,
        file: ModelFile,
        blueprint: Blueprint,
        dtype: torch.dtype | None = None,
        *,
        part: PartKind = PartKind.NETWORK,
        device: str | None = None,
        storage: str | None = None,
    ) -> Network:
        """A network in an opened file, placed as this library places such parts; it loads when it is leased.

        Args:
            what: Its name, for people.
            file: Where its weights are.
            blueprint: How to build it.
            dtype: What it computes in; None: what was chosen for such parts.
            part: Which part of a model it is.
            device: Where it computes; None or ``default``: where such parts do.
            storage: What its weights are packed into (``fp8_e4m3fn`` ...); None: what was chosen.
        """
        place = self.placement.of(part, device=device, dtype=dtype, storage=storage)
        return Network(
            what,
            file,
            blueprint,
            place.dtype,
            place.device,
            self.ledgers.of(place.device),
            storage=place.storage,
            offload=place.offload,
            contents=contents_of(file, self._digest_of),
        )

    def release(self) -> int:
        """Unloads every network that is not in use. Returns bytes given back."""
        return self.ledgers.release()

    def status(self) -> Mapping[str, Any]:
        """What is loaded and why, as plain data."""
        return self.ledgers.status()

    def _model(self, file: ModelFile, family: Family, storage: str | None = None) -> DiffusionModel:
        what, blueprint = f"{file.path.name} ({family.name})", family.network(file.layout)
        return DiffusionModel(
            family=family,
            network=self.network(what, file, blueprint, network_type(self.placement, family), storage=storage),
            parametrization=family.parametrization(file.layout),
            look=self._look(family),
            native_size=int(file.metadata.get(NATIVE_SIZE, family.native_size)),
        )

    def _look(self, family: Family, own: Autoencoder | None = None) -> Callable[[], LatentFormat]:
        """Gives a family's latent format, for whose colours autoencoders are asked if it has none."""
        plain = family.latent_format
        told = plain if plain.rgb else replace(plain, measure=partial(self._looks.of, plain, own))
        return lambda: told

    def _autoencoders_of_folder(self) -> Iterator[Autoencoder]:
        """Those in files of their own, of the kind that is read without being loaded."""
        names = (name for name in self.folders.list("vae") if name.endswith(".safetensors"))
        return (found for name in names if (found := self._autoencoder_in_file(name)) is not None)

    def _autoencoder_in_file(self, name: str) -> Autoencoder | None:
        """The autoencoder of a file that may be anything, or gone."""
        with suppress(ModelFileError, StorageError, UnknownNameError):
            return self._autoencoder(self.open("vae", name))
        return None

    def _text_network(self, what: str, file: ModelFile, blueprint: Blueprint, device: str | None) -> Network:
        return self.network(what, file, blueprint, part=PartKind.TEXT, device=device)

    def _autoencoder(self, file: ModelFile) -> Autoencoder | None:
        found = find_autoencoder(file.layout, self._autoencoders)
        if found is None:
            return None
        kind, blueprint = found
        facts = blueprint.facts
        return Autoencoder(
            self.network(f"{file.path.name} (vae)", file, blueprint, part=PartKind.VAE),
            kind,
            channels=int(str(facts["latent_channels"])),
            downscale=int(str(facts["downscale"])),
        )
