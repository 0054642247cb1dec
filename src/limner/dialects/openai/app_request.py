"""What a request for pictures says to an app: the things that all doors know, and further fields by inputs' own names.

Only what the client sent is said. Where it leaves something to us, an app knows better than our defaults what it needs.
"""

from typing import Any

from limner.dialects.openai.images_request import (
    GUIDANCES,
    NEGATIVE,
    SAMPLERS,
    SCHEDULES,
    STEP_COUNTS,
    STRENGTHS,
    ImagesRequest,
)
from limner.dialects.openai.pictures_sent import PICTURES
from limner.dialects.openai.refusals import refusal
from limner.graph.errors import GraphError

ASKED = {
    "negative": NEGATIVE,
    "steps": STEP_COUNTS,
    "guidance": GUIDANCES,
    "sampler": SAMPLERS,
    "schedule": SCHEDULES,
    "strength": STRENGTHS,
}
"""Fields of a body by what an ``ImagesRequest`` calls the same."""

CALLED = {"strength": "denoise"}
"""What a wish calls differently."""

OWN = frozenset(
    {
        *PICTURES, "background", "batch_size", "image_size", "mask", "model", "moderation", "n", "output_compression",
        "output_format", "partial_images", "prompt", "quality", "response_format", "seed", "size", "stream", "user",
    }
)  # fmt: skip
"""Fields with a meaning of their own in this API, whatever an app calls so."""


def said(asked: ImagesRequest) -> dict[str, Any]:
    """What the request says, as wishes call it. A blank prompt stands for none."""
    prompt = {"prompt": asked.prompt} if asked.prompt.strip() else {}
    given = [name for name, fields in ASKED.items() if not asked.given.keys().isdisjoint(fields)]
    return {**prompt, **{CALLED.get(name, name): getattr(asked, name) for name in given}}


def named(asked: ImagesRequest) -> dict[str, Any]:
    """The fields that may be meant for an app's inputs of the same name."""
    return {name: value for name, value in asked.given.items() if name not in OWN}


def is_seeded(asked: ImagesRequest) -> bool:
    """Whether the request says the seed."""
    return "seed" in asked.given


def refused_by_app(error: GraphError, app: str) -> GraphError:
    """What an app cannot do with a request, in this API's shape."""
    problem = error.problems[0] if error.problems else None
    code, name = (problem.code, problem.extra.get("input_name")) if problem is not None else ("invalid_value", None)
    return refusal(f"App {app!r}: {error}", code, name)
