"""Apps that every server has: a picture by a prompt, and a picture painted over. Built from what all doors ask for."""

from collections.abc import Callable, Sequence
from typing import Any

from limner.dialects.apps.records import App, Declaration, DeclaredInput
from limner.dialects.pictures import PictureWish
from limner.dialects.recipes.family_settings import FamilySettings
from limner.graph.api_document import to_document
from limner.graph.graph import Graph, Link, Node
from limner.storage.folders import MODEL_SUFFIXES

TEXT_TO_IMAGE, IMAGE_TO_IMAGE = "text-to-image", "image-to-image"

WALK, SIZE = "walk 1", "sized 1"
"""Nodes of such a graph."""


SettingsOf = Callable[[str], FamilySettings | None]
"""What a checkpoint draws well with; None: nobody knows."""


def builtin_apps(
    checkpoints: Sequence[str], default_model: str, settings_of: SettingsOf = lambda model: None
) -> dict[str, App]:
    """The apps, by name. They begin with the size and the settings that their model draws well with.

    Args:
        checkpoints: Those that there are now.
        default_model: The one for requests that name none; empty: the first one.
        settings_of: Looks up the settings of a checkpoint.
    """
    model = _meant(default_model, checkpoints) if default_model else next(iter(checkpoints), "")
    known = _known(settings_of(model))
    return {TEXT_TO_IMAGE: _text_to_image(model, known), IMAGE_TO_IMAGE: _image_to_image(model, known)}


def _known(settings: FamilySettings | None) -> dict[str, Any]:
    """Settings as a wish for a picture has them."""
    if settings is None:
        return {}
    return {
        "width": settings.size,
        "height": settings.size,
        "steps": settings.steps,
        "guidance": 1.0 if settings.told else settings.guidance,
        "sampler": settings.sampler,
        "schedule": settings.schedule,
    }


def _meant(name: str, checkpoints: Sequence[str]) -> str:
    """The checkpoint that somebody calls so, with or without the end of its file's name."""
    whole = {f"{name}{suffix}" for suffix in ("", *MODEL_SUFFIXES)}
    return next((checkpoint for checkpoint in checkpoints if checkpoint in whole), name)


def _text_to_image(model: str, known: dict[str, Any]) -> App:
    drawn = PictureWish(model=model, prompt="{{prompt}}", negative="{{negative_prompt}}", prefix="app", **known)
    said = "Draws a picture from a prompt."
    return _app(TEXT_TO_IMAGE, "Text to image", said, drawn.graph(), [_prompt(), *_sizes(), *_common()])


def _image_to_image(model: str, known: dict[str, Any]) -> App:
    drawn = PictureWish(
        model=model,
        prompt="{{prompt}}",
        negative="{{negative_prompt}}",
        origin="{{image}}",
        denoise=0.75,
        prefix="app",
        **known,
    )
    said = "Paints over a picture from a prompt."
    strength = _declared(
        "denoise", WALK, "denoise", "How much is painted over: 0 keeps the picture, 1 makes another one.", max=1.0
    )
    image = DeclaredInput(name="image", description="The picture that is painted over.", required=True)
    return _app(IMAGE_TO_IMAGE, "Image to image", said, _at_own_size(drawn), [_prompt(), image, strength, *_common()])


def _at_own_size(drawn: PictureWish) -> Graph:
    """The graph of a picture that is painted over and keeps its size."""
    nodes = dict(drawn.graph().nodes)
    nodes["origin size"] = Node(type="GetImageSize", inputs={"image": Link("origin", 0)})
    sides = {"width": Link("origin size", 0), "height": Link("origin size", 1)}
    for name in ("size", SIZE):
        nodes[name] = Node(type=nodes[name].type, inputs={**nodes[name].inputs, **sides})
    return Graph(nodes)


def _app(name: str, title: str, description: str, drawn: Graph, inputs: Sequence[DeclaredInput]) -> App:
    declaration = Declaration(title=title, description=description, inputs=tuple(inputs))
    return App(name=name, version=0, workflow=to_document(drawn), declaration=declaration)


def _prompt() -> DeclaredInput:
    return DeclaredInput(name="prompt", description="What the picture shows.", required=True)


def _sizes() -> list[DeclaredInput]:
    return [
        DeclaredInput(
            name=side,
            places=(f"size.{side}", f"{SIZE}.{side}"),
            min=64,
            max=4096,
            description=f"{side.capitalize()} of the picture in pixels.",
        )
        for side in ("width", "height")
    ]


def _common() -> list[DeclaredInput]:
    return [
        DeclaredInput(name="negative_prompt", description="What the picture should not show."),
        _declared("seed", WALK, "seed", "The same number gives the same picture; without one it is drawn."),
        _declared("steps", WALK, "steps", "Steps of the drawing; more are slower and finer.", min=1, max=150),
        _declared("guidance", WALK, "cfg", "How strictly the prompt is followed."),
        _declared("model", "model", "ckpt_name", "The checkpoint that draws."),
        _declared("sampler", WALK, "sampler_name", "The sampler that walks from noise to the picture."),
        _declared("schedule", WALK, "scheduler", "How the noise levels of its steps are spaced."),
    ]


def _declared(name: str, node: str, key: str, description: str, **more: Any) -> DeclaredInput:
    return DeclaredInput(name=name, node=node, input=key, description=description, **more)
