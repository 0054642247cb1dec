"""The kinds and the recipes of text encoders that there are, and which recipe some encoders are for."""

from collections.abc import Mapping, Sequence

from limner.graph.discovery import discover
from limner.graph.errors import ModelFileError
from limner.models.text import kinds, recipes
from limner.models.text.kind import FoundText, TextKind
from limner.models.text.recipe import TextRecipe

Chosen = tuple[TextRecipe, Mapping[str, FoundText]]
"""A recipe and its encoders by slot."""


def load_text_kinds() -> Mapping[str, TextKind]:
    """All kinds of text encoders by name. Cost: imports ``kinds``, no network library."""
    return discover(kinds, TextKind, lambda kind: kind.name)


def load_recipes() -> Mapping[str, TextRecipe]:
    """All recipes by name."""
    return discover(recipes, TextRecipe, lambda recipe: recipe.name)


def recipe_for(found: Sequence[FoundText], wanted: str, known: Mapping[str, TextRecipe]) -> Chosen | None:
    """The recipe that a family has for encoders; None if they are not its own.

    Args:
        found: The encoders.
        wanted: The family's type of text.
        known: All recipes.
    """
    fitting = _fitting(found, known)
    return next((chosen for chosen in fitting if wanted in chosen[0].types), None)


def choose_recipe(found: Sequence[FoundText], wanted: str, known: Mapping[str, TextRecipe]) -> Chosen:
    """The recipe that encoders are for: of those that fit, one of the wanted type if there is one.

    Args:
        found: The encoders, at least one.
        wanted: What a loader was told: ``flux``, ``sd3`` ...; it counts where several recipes fit.
        known: All recipes.

    Raises:
        ModelFileError: if the encoders do not go together.
    """
    fitting = _fitting(found, known)
    if not fitting:
        names = ", ".join(encoder.name for encoder in found)
        together = "; ".join(" + ".join(slot.name for slot in recipe.slots) for recipe in known.values())
        raise ModelFileError(
            f"These text encoders ({names}) do not go together. Each of these does, some without all of their parts: "
            f"{together}."
        )
    return next((chosen for chosen in fitting if wanted in chosen[0].types), fitting[0])


def _fitting(found: Sequence[FoundText], known: Mapping[str, TextRecipe]) -> list[Chosen]:
    """Recipes that take the encoders: those first in which more of them have their own names, then small ones."""
    assigned = [(recipe, recipe.assigned(found)) for recipe in known.values()]
    fitting = [(recipe, slots) for recipe, slots in assigned if slots is not None]
    return sorted(fitting, key=lambda chosen: (-_named(chosen[1]), len(chosen[0].slots)))


def _named(slots: Mapping[str, FoundText]) -> int:
    """How many encoders stand under their own names."""
    return sum(encoder.name == name for name, encoder in slots.items())
