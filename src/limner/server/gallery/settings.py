"""The settings that a file was made with: its own, or those of the job that made it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from limner.dialects.a1111.infotext import infotext
from limner.dialects.recall.graph_settings import graph_settings
from limner.dialects.recall.recall import NO_CATALOG, recall_file
from limner.graph.api_document import from_document
from limner.graph.errors import LimnerError
from limner.jobs.records import Submission

TOLD = {
    "Steps": "sampler.steps",
    "Sampler": "sampler.name",
    "Schedule type": "sampler.scheduler",
    "CFG scale": "sampler.cfg",
    "Seed": "sampler.seed",
    "Model": "model.main",
    "Denoising strength": "sampler.denoise",
}
"""Names of settings in the texts of web UIs, by role."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of how it was made.

    Attributes:
        values: By role.
        infotext: The text of web UIs: the file's own, or one that says the same.
        prompt: The graph that was run, or None.
        workflow: The document that was drawn, or None.
        source: Who wrote it, and into what.
    """

    values: Mapping[str, Any]
    infotext: str = ""
    prompt: Mapping[str, Any] | None = None
    workflow: Mapping[str, Any] | None = None
    source: str = ""


def read_settings(path: Path, submission: Submission | None = None) -> Settings:
    """The settings that a file carries, or else those of the job that made it. Never fails."""
    found = recall_file(path)
    values, prompt, workflow = found.settings, found.prompt, found.workflow
    if submission is not None:
        prompt, workflow = prompt or submission.document, workflow or drawn_of(submission)
        values = values or _of_graph(submission.document)
    told = found.infotext or as_infotext(values)
    return Settings(values=values, infotext=told, prompt=prompt, workflow=workflow, source=found.source)


def drawn_of(submission: Submission) -> Mapping[str, Any] | None:
    """The document that a job's graph was drawn as."""
    carried = submission.extra.get("extra_pnginfo")
    drawn = carried.get("workflow") if isinstance(carried, Mapping) else None
    return drawn if isinstance(drawn, Mapping) else None


def as_infotext(values: Mapping[str, Any]) -> str:
    """Settings as a text of web UIs; empty if there are none."""
    if not values:
        return ""
    told: dict[str, Any] = {name: values.get(role) for name, role in TOLD.items()}
    if "size.width" in values and "size.height" in values:
        told["Size"] = f"{values['size.width']}x{values['size.height']}"
    return infotext(str(values.get("prompt.positive", "")), str(values.get("prompt.negative", "")), told)


def _of_graph(document: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return graph_settings(from_document(document), NO_CATALOG)
    except (LimnerError, RecursionError):
        return {}
