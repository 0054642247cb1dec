"""From files to text encoders: which recipe they are for, and how the library's networks stand in it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.model_file import ModelFile
from limner.models.network import Network
from limner.models.text.embeddings import FindEmbedding
from limner.models.text.encoder import TextEncoder
from limner.models.text.files import TextFile, text_files, text_in
from limner.models.text.kind import FoundText, TextKind
from limner.models.text.reading import TextBranch
from limner.models.text.recipe import Slot, TextRecipe
from limner.models.text.registry import choose_recipe, load_recipes, load_text_kinds, recipe_for
from limner.models.text.tokenizers import DeferredTokenizer

PlaceNetwork = Callable[[str, ModelFile, Blueprint, str | None], Network]
"""What, file, blueprint and a chosen device to a network that is placed as text encoders are."""


@dataclass(frozen=True)
class TextOpening:
    """Opens text encoders.

    Attributes:
        place: Places a network.
        find_embedding: Looks up learned embeddings.
        roots: Folders of text encoders; tokenizers are looked for there.
        kinds: All kinds of encoders.
        recipes: All recipes.
        places: Where checkpoints of any family keep encoders, with the encoders' names.
    """

    place: PlaceNetwork
    find_embedding: FindEmbedding
    roots: tuple[Path, ...]
    kinds: Mapping[str, TextKind]
    recipes: Mapping[str, TextRecipe]
    places: Mapping[str, str]

    @classmethod
    def ready(
        cls,
        place: PlaceNetwork,
        find_embedding: FindEmbedding,
        roots: Sequence[Path],
        families: Iterable[Family],
    ) -> "TextOpening":
        """With all kinds and recipes that there are."""
        places = {prefix: name for family in families for prefix, name in family.text_places.items()}
        return cls(place, find_embedding, tuple(roots), load_text_kinds(), load_recipes(), places)

    def of_files(self, files: Sequence[ModelFile], wanted: str, device: str | None = None) -> TextEncoder:
        """The text encoder that some files make together.

        Args:
            files: In any order.
            wanted: What a loader was told it is for; it counts where several recipes fit.
            device: Where it computes; None: where text encoders do.

        Raises:
            ModelFileError: if a file holds none, they do not go together, or a tokenizer is missing.
        """
        encoders = text_files(files, self.kinds, self.places)
        recipe, slots = choose_recipe([encoder.found for encoder in encoders], wanted, self.recipes)
        encoder = self._encoder(recipe, slots, encoders, device)
        for branch in encoder.branches:
            branch.tokenizer.number("")  # A missing one is told now, not when a prompt is encoded.
        return encoder

    def of_checkpoint(self, file: ModelFile, family: Family) -> TextEncoder | None:
        """The text encoder that a file holds for its family; None if it holds none that the family can use."""
        found = text_in(file.layout, self.kinds, family.text_places)
        if not found:
            return None
        chosen = recipe_for(found, family.text_type or family.name, self.recipes)
        if chosen is None:
            return None
        return self._encoder(*chosen, [TextFile(file, encoder) for encoder in found], None)

    def _encoder(
        self,
        recipe: TextRecipe,
        slots: Mapping[str, FoundText],
        encoders: Sequence[TextFile],
        device: str | None,
    ) -> TextEncoder:
        files = {id(encoder.found): encoder for encoder in encoders}
        branches = tuple(
            self._branch(slot, files[id(slots[slot.name])], device) for slot in recipe.slots if slot.name in slots
        )
        return TextEncoder(branches, recipe, self.find_embedding)

    def _branch(self, slot: Slot, source: TextFile, device: str | None) -> TextBranch:
        file, found = source.file, source.found
        blueprint = found.blueprint(slot.name, slot.adapters)
        network = self.place(f"{file.path.name} ({slot.name})", file, blueprint, device)
        stored = getattr(torch, file.tensors[next(iter(blueprint.keys.values())).names[0]].dtype, None)
        rounding = stored if stored in (torch.float16, torch.bfloat16, torch.float32) else None
        name = found.name if found.certain else slot.name
        return TextBranch(
            name=slot.name,
            network=replace(network, rounding=rounding),
            tokenizer=DeferredTokenizer(source, name, self.roots),
            reading=slot.reading,
        )
