"""Recipes: which models draw what, with which settings, and the graphs for it: ``/limner/recipes``."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.recipes import tasks
from limner.dialects.recipes.building import SMALLER
from limner.dialects.recipes.listing import default_name, find_drawing_model, model_json, task_list
from limner.dialects.recipes.recipe import LORAS, REFERENCES, DrawingModel, Recipe, Wanted
from limner.dialects.recipes.recommended import recommending
from limner.graph.discovery import discover
from limner.graph.errors import DocumentError
from limner.server.bodies import beside, read_object
from limner.server.model_cards import MODEL_CARDS
from limner.server.recipes.drawing_models import DRAWING_MODELS
from limner.server.replies import error_reply, json_reply
from limner.server.route import SERVICE, route

LONGEST = 100_000
"""Letters of one value."""
MOST_LORAS = 50
MOST_REFERENCES = 16


@route("GET", "/limner/recipes")
async def all_recipes(request: web.Request) -> web.Response:
    """The models that draw, what each can do and what it draws well with, and the tasks that there are."""
    models = await beside(lambda: _models(request.app))
    recipes = _recipes()
    return json_reply(
        {
            "models": [model_json(model, recipes) for model in models],
            "default": default_name(models, request.app[SERVICE].settings.default_model),
            "tasks": task_list(recipes),
            "formats": ["png", *SMALLER],
        }
    )


@route("POST", "/limner/recipes/{task}", access=Scope.READ_OWN)
async def one_recipe(request: web.Request) -> web.Response:
    """The graph of a task: ``{"model": name, "values": {role: value}}``; it is not run."""
    recipe = _recipes().get(request.match_info["task"])
    if recipe is None:
        known = ", ".join(_recipes())
        return error_reply(404, "unknown_task", f"There is no recipe for {request.match_info['task']!r:.100}: {known}.")
    try:
        body = await read_object(request)
        asked, values = _asked(body)
    except DocumentError as error:
        return error_reply(400, "invalid_body", str(error))
    models = await beside(lambda: _models(request.app))
    model = find_drawing_model(asked, models, default_name(models, request.app[SERVICE].settings.default_model))
    if model is None:
        message = f"There is no model {asked!r:.200} that draws. GET /limner/recipes lists those there are."
        return error_reply(404, "unknown_model", message)
    if not recipe.suits(model):
        message = f"{model.name} does not do {recipe.title.lower()!r}: it looks at no pictures beside the text."
        return error_reply(400, "unsuited_model", message)
    return json_reply(_answer(recipe, model, values))


def _models(application: web.Application) -> Sequence[DrawingModel]:
    """The models, with what their cards recommend. Blocks."""
    cards = application[MODEL_CARDS].all()
    return [
        recommending(model, card.settings) if (card := cards.get(f"{model.kind}/{model.name}")) else model
        for model in application[DRAWING_MODELS].now()
    ]


def _recipes() -> Mapping[str, Recipe]:
    return discover(tasks, Recipe, lambda recipe: recipe.task)


def _answer(recipe: Recipe, model: DrawingModel, values: Mapping[str, Any]) -> dict[str, Any]:
    draft = recipe.draft(Wanted(model, values))
    return {"prompt": draft.document(), "roles": draft.roles, "title": recipe.title}


def _asked(body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The model's name and the values of a body.

    Raises:
        DocumentError: if they cannot be meant.
    """
    model, values = body.get("model"), body.get("values")
    model, values = ("" if model is None else model), ({} if values is None else values)
    if not isinstance(model, str):
        raise DocumentError("'model' should be a text: the name of a model.")
    if not isinstance(values, Mapping):
        raise DocumentError('\'values\' should be an object: {"prompt.positive": "a red apple"}.')
    for role, value in values.items():
        if role == LORAS:
            _check_loras(value)
        elif role == REFERENCES:
            _check_references(value)
        elif value is not None and not _is_plain(value):
            raise DocumentError(f"The value of {role!r:.100} should be a text, a number or a truth value.")
    return model, values


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float | bool) or (isinstance(value, str) and len(value) <= LONGEST)


def _check_loras(value: Any) -> None:
    if value is None:
        return
    entries: Sequence[Any] = value if isinstance(value, list) else [None]
    for entry in entries[: MOST_LORAS + 1]:
        is_named = isinstance(entry, Mapping) and isinstance(entry.get("name"), str)
        if not is_named or not isinstance(entry.get("strength", 1.0), int | float) or len(entries) > MOST_LORAS:
            raise DocumentError(
                f'\'{LORAS}\' should be a list of at most {MOST_LORAS}: {{"name": "a", "strength": 1}}.'
            )


def _check_references(value: Any) -> None:
    entries = [] if value is None else value if isinstance(value, list) else [None]
    if len(entries) > MOST_REFERENCES or not all(isinstance(one, str) and len(one) <= LONGEST for one in entries):
        raise DocumentError(f"'{REFERENCES}' should be a list of at most {MOST_REFERENCES} names of pictures.")
