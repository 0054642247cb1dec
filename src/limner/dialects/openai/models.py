"""Which model a client means: a checkpoint or an app, by its name or by one of those that are compiled into clients."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from limner.dialects.apps.records import app_named
from limner.dialects.openai.refusals import refusal
from limner.graph.errors import SettingsError, UnknownNameError
from limner.storage.folders import MODEL_SUFFIXES

LONGEST_PROMPT = 32_000
"""Letters."""

PARAMETERS = ("n", "size", "seed", "steps", "negative_prompt", "guidance_scale", "sampler", "scheduler", "strength")
"""What requests may say beside the prompt."""

GIVES_PICTURES = ("gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5", "gpt-image-2", "chatgpt-image-latest")
GIVES_ADDRESSES = ("dall-e-2", "dall-e-3")
ALIASES = (*GIVES_PICTURES, *GIVES_ADDRESSES)
"""Names that clients insist on. They mean the default model unless the settings say another."""


def read_aliases(entries: Iterable[str]) -> dict[str, str]:
    """Names and what they mean, from a command line: ``name=checkpoint``, ``name=app/poster``.

    Raises:
        SettingsError: if an entry has not both.
    """
    aliases: dict[str, str] = {}
    for entry in entries:
        name, _, checkpoint = (part.strip() for part in entry.partition("="))
        if not name or not checkpoint:
            raise SettingsError(f"--model-alias {entry!r:.100} should be NAME=CHECKPOINT, for instance dall-e-3=sdxl.")
        aliases[name] = checkpoint
    return aliases


def model_name(checkpoint: str) -> str:
    """What clients call a checkpoint: its name without the suffix of a file. Other services' names have none."""
    path = PurePosixPath(checkpoint)
    return str(path.with_suffix("")) if path.suffix.lower() in MODEL_SUFFIXES else checkpoint


def choose_model(asked: str | None, models: Sequence[str], aliases: Mapping[str, str], default: str) -> str:
    """The checkpoint or the app that a request means.

    Args:
        asked: What it says; None or empty: nothing.
        models: Those there are.
        aliases: Models, or their names, by further names.
        default: The one for requests that say nothing, and for aliases without an entry.

    Raises:
        GraphError: if there is no such model.
    """
    meant = aliases.get(asked or "", "") or asked or default
    for name in (meant, default) if meant in ALIASES else (meant,):
        for model in models:
            if name in (model, model_name(model)):
                return model
    name = default if meant in ALIASES else meant
    known = [model_name(model) for model in models]
    advice = "GET /v1/models lists them." if known else "Fetch one first: limner pull NAME."
    raise refusal(str(UnknownNameError("model", name or "default", known, advice)), "model_not_found", "model", 404)


def model_entry(name: str, created: int = 0) -> dict[str, Any]:
    """A model as ``/v1/models`` tells it, with what OpenRouter's clients look for."""
    return {
        "id": name,
        "object": "model",
        "created": created,
        "owned_by": "app" if app_named(name) else "limner",
        "name": name,
        "context_length": LONGEST_PROMPT,
        "architecture": {
            "modality": "text+image->image",
            "input_modalities": ["text", "image"],
            "output_modalities": ["image"],
        },
        "pricing": dict.fromkeys(("prompt", "completion", "request", "image"), "0"),
        "supported_parameters": list(PARAMETERS),
    }


def model_list(models: Sequence[str], output_modalities: str = "") -> dict[str, Any]:
    """All models, or none for those who look for models that do not draw (``output_modalities=text``)."""
    wanted = {part.strip() for part in output_modalities.split(",") if part.strip()}
    listed = models if not wanted or wanted & {"image", "all"} else ()
    return {"object": "list", "data": [model_entry(model_name(model)) for model in listed]}


def is_known(name: str, models: Sequence[str], aliases: Mapping[str, str]) -> bool:
    """Whether requests may name such a model."""
    return name in ALIASES or name in aliases or any(name in (one, model_name(one)) for one in models)
