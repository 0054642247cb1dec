"""Prompts in the syntax of A1111's web UI, into conditioning that changes on the way."""

import math
from collections.abc import Sequence
from typing import Annotated, Any

from torch import Tensor

from limner.graph.declare import Flags, Number, Socket, node
from limner.graph.errors import LimnerError
from limner.models.library import ModelLibrary
from limner.models.text.passages import EmbeddingWords, encoded
from limner.models.text.prompt_schedule import Part, scheduled
from limner.models.text.weights import rescaled
from limner.nodes.conditioning import with_options
from limner.nodes.growing import OWN
from limner.nodes.loaders import Library
from limner.nodes.sampling import Registry
from limner.nodes.sockets import CLIP, CONDITIONING, MODEL
from limner.nodes.text import present
from limner.nodes.widgets import Prompt, ScheduleName, Share, Steps
from limner.sampling.composition import PART
from limner.sampling.conditioning import HIGHEST, LOWEST
from limner.sampling.steps import sigmas_for

SLACK = 1e-5
"""Share by which a level may differ in a walk that computes it once more."""

Levels = Annotated[Tensor | None, Socket("SIGMAS"), Flags(optional=True)]
Composed = Annotated[bool, Flags(optional=True)]
EarlierSteps = Annotated[int, Number(min=0, max=10000), Flags(optional=True)]


def _stamp(*, library: ModelLibrary, **inputs: Any) -> str:
    """Changes when embeddings come, go or are replaced that the text may name."""
    text = str(inputs.get("text", "")).lower()
    stamps: list[str] = []
    for name in sorted(library.folders.list("embeddings")):
        try:
            path = library.folders.find("embeddings", name)
            if path.stem.lower() in text:
                stamps.append(f"{name}:{path.stat().st_size}:{path.stat().st_mtime_ns}")
        except (LimnerError, OSError):
            continue
    return "|".join(stamps)


@node(
    name="TextEncodeWithSchedule",
    title="Text Encode (Web UI Syntax)",
    category="conditioning",
    fingerprint=_stamp,
    module=OWN,
)
def text_encode_with_schedule(
    *,
    model: MODEL,
    clip: CLIP,
    text: Prompt,
    steps: Steps = 20,
    scheduler: ScheduleName,
    denoise: Share = 1.0,
    sigmas: Levels = None,
    composed: Composed = True,
    earlier_steps: EarlierSteps = 0,
    registry: Registry,
    library: Library,
) -> CONDITIONING:
    """Encodes a prompt as A1111's web UI reads it.

    ``(words:1.3)`` and ``[words]`` weigh words, ``[cat:dog:0.5]`` changes the text half-way, ``[cat|dog]`` takes turns,
    ``BREAK`` begins a new stretch, ``AND`` joins prompts with weights of their own, names of embeddings are mere words.
    Steps, scheduler and denoise are those of the walk; ``sigmas`` are its noise levels where it has others than these
    give. Without ``composed``, AND is a word, as it is in negative prompts. ``earlier_steps`` are those of a first
    pass, in which whole numbers begin to count.

    AND needs the guidance of a positive against a negative prompt; other guiders take the mean of such prompts.
    """
    if sigmas is None:
        sigmas = sigmas_for(registry.schedule(scheduler), None, model.parametrization, steps, denoise)
    parts = scheduled(text, steps, earlier_steps, composed=composed)
    words = EmbeddingWords.of(library.folders.list("embeddings"))
    encoder, known = present(clip), dict[str, list[Any]]()
    conditioning: list[Any] = []
    for number, part in enumerate(parts):
        alone = len(parts) == 1 and part.weight == 1.0
        for stage, limits in zip(part.stages, _ranges(part, sigmas.tolist()), strict=True):
            if limits is None:
                continue
            if stage.text not in known:
                known[stage.text] = encoded(encoder, stage.passages, words, rescaled)
            conditioning += with_options(
                known[stage.text], **limits, **({} if alone else {PART: (number, part.weight)})
            )
    return conditioning


def _ranges(part: Part, levels: Sequence[float]) -> list[dict[str, float] | None]:
    """At which noise levels each text of a part counts; None: at none of this walk.

    A text counts from the level of its first step down to above that of the next text's first step, so that what a
    step evaluates on its way is its own. The last text that is reached counts to the end.
    """
    ends = [stage.last for stage in part.stages]
    walked = max(1, len(levels) - 1)
    begins, ends = [0, *ends[:-1]], [*ends[:-1], walked]
    return [_range(levels, walked, begin, end) for begin, end in zip(begins, ends, strict=True)]


def _range(levels: Sequence[float], walked: int, begin: int, end: int) -> dict[str, float] | None:
    if begin >= walked:
        return None
    limits: dict[str, float] = {}
    if begin > 0:
        limits[HIGHEST] = levels[begin] * (1 + SLACK)
    if end < walked:
        limits[LOWEST] = math.nextafter(levels[end] * (1 + SLACK), math.inf)
    return limits
