"""Which models draw, as recipes need them and as clients are told of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from limner.dialects.openai.models import model_name
from limner.dialects.recipes.family_settings import BUILTIN, FamilySettings, family_settings
from limner.dialects.recipes.family_settings_keys import FAMILIES
from limner.dialects.recipes.recipe import CHECKPOINTS, DrawingModel, Recipe
from limner.storage.builtin import BUILTIN_CHECKPOINT
from limner.storage.family_marks import Seen


def drawing_model(
    name: str, kind: str, seen: Seen | None, texts: Sequence[str] = (), autoencoders: Sequence[str] = ()
) -> DrawingModel | None:
    """A file as a model that draws; None if it does not, as far as is known.

    Args:
        name: As loaders list it.
        kind: Of its folder.
        seen: What its tensors seem to be; None: they could not be read, so a checkpoint is believed to draw.
        texts: Text encoders that there are.
        autoencoders: Likewise.
    """
    family, variant = (seen.family, seen.variant) if seen is not None else ("", "")
    if family not in FAMILIES and not (seen is None and kind == CHECKPOINTS):
        return None
    settings = family_settings(family, name)
    if kind == CHECKPOINTS:
        return DrawingModel(name=name, kind=kind, family=family, variant=variant, settings=settings)
    return _of_parts(
        DrawingModel(name=name, kind=kind, family=family, variant=variant, settings=settings), texts, autoencoders
    )


def _of_parts(model: DrawingModel, texts: Sequence[str], autoencoders: Sequence[str]) -> DrawingModel | None:
    parts = model.settings.parts
    if parts is None:
        return None
    found = [(word, _holding(word, texts)) for word in (*parts.texts,)]
    autoencoder = _holding(parts.autoencoder, autoencoders)
    missing = [word for word, name in found if not name] + ([] if autoencoder else [f"{parts.autoencoder} (VAE)"])
    return DrawingModel(
        name=model.name,
        kind=model.kind,
        family=model.family,
        variant=model.variant,
        settings=model.settings,
        texts=tuple(name or word for word, name in found),
        autoencoder=autoencoder or parts.autoencoder,
        missing=tuple(missing),
    )


def _holding(word: str, names: Iterable[str]) -> str:
    """The first name in which a word begins; empty: there is none."""
    pattern = re.compile(rf"(?:^|[^a-z0-9]){re.escape(word)}", re.IGNORECASE)
    plain = (name for name in names if not name.lower().endswith(".gguf") and name != BUILTIN_CHECKPOINT)
    return next((name for name in plain if pattern.search(name.replace("-", "_"))), "")


def find_drawing_model(asked: str, models: Sequence[DrawingModel], default: str) -> DrawingModel | None:
    """The model that somebody means, with or without the end of its file's name; the default if nothing is asked."""
    wanted = asked or default
    return next((model for model in models if wanted in (model.name, model_name(model.name))), None)


def default_name(models: Sequence[DrawingModel], settled: str) -> str:
    """The model that a client begins with: what the settings say, else the built-in one, else the first."""
    meant = find_drawing_model(settled, models, "") if settled else None
    builtin = find_drawing_model(BUILTIN_CHECKPOINT, models, "")
    chosen = meant or builtin or next(iter(models), None)
    return "" if chosen is None else chosen.name


def model_json(model: DrawingModel, recipes: Mapping[str, Recipe]) -> dict[str, Any]:
    """A model as clients are told of it."""
    settings, said, builtin = model.settings, model.recommended, model.name == BUILTIN_CHECKPOINT
    return {
        "name": model.name,
        "title": BUILTIN.title if builtin else PurePosixPath(model_name(model.name)).name,
        "kind": model.kind,
        "family": {"id": model.family, "title": FAMILIES.get(model.family, {}).get("title", settings.title)},
        "builtin": builtin,
        "tasks": [recipe.task for recipe in _ordered(recipes) if recipe.suits(model)],
        "defaults": {
            "width": said.get("size.width", settings.size),
            "height": said.get("size.height", settings.size),
            "steps": said.get("sampler.steps", settings.steps),
            "guidance": said.get("sampler.cfg", settings.guidance),
            "sampler": said.get("sampler.name", settings.sampler),
            "schedule": said.get("sampler.scheduler", settings.schedule),
        },
        "recommended": sorted(said),
        "sizes": _sizes(settings, said),
        "negative": settings.negative,
        "prompt": settings.prompt,
        "tokens": settings.tokens,
        "references": model.compares,
        "missing": list(model.missing),
    }


def _sizes(settings: FamilySettings, said: Mapping[str, Any]) -> dict[str, int]:
    pixels = said.get("size.width", settings.size) * said.get("size.height", settings.size)
    return {"multiple": settings.multiple, "min": settings.least, "max": settings.most, "pixels": pixels}


def _ordered(recipes: Mapping[str, Recipe]) -> list[Recipe]:
    return sorted(recipes.values(), key=lambda recipe: recipe.order)


def task_list(recipes: Mapping[str, Recipe]) -> list[dict[str, str]]:
    """The tasks that there are, in their order."""
    return [{"id": recipe.task, "title": recipe.title} for recipe in _ordered(recipes)]
