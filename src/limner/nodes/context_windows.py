"""Long videos in overlapping windows: nodes that let a network see no more at once than it was trained for."""

from typing import Annotated, Any

from limner.graph.declare import Choice, Number, node
from limner.models.parts.wan_latent import FRAMES
from limner.models.patches.context_windows import (
    FUSIONS,
    LOOPED,
    PYRAMID,
    SCHEDULES,
    UNIFORM,
    ContextWindows,
    MovingWindows,
)
from limner.models.patches.patch import with_patch, with_variation
from limner.nodes.sockets import MODEL
from limner.nodes.widgets import LARGEST_SIDE

CATEGORY = "context"
TIME = 2
"""Of a video [b c t h w]."""

Overlap = Annotated[int, Number(min=0)]
Schedule = Annotated[str, Choice(*SCHEDULES)]
Stride = Annotated[int, Number(min=1)]
Fusion = Annotated[str, Choice(*FUSIONS)]


@node(name="ContextWindowsManual", title="Context Windows (Manual)", category=CATEGORY)
def context_windows_manual(
    *,
    model: MODEL,
    context_length: Annotated[int, Number(min=1)] = 16,
    context_overlap: Overlap = 4,
    context_schedule: Schedule,
    context_stride: Stride = 1,
    closed_loop: bool = False,
    fuse_method: Fusion = PYRAMID,
    dim: Annotated[int, Number(min=0, max=5)] = 0,
) -> MODEL:
    """Lets a network see a latent in windows of ``context_length`` elements, whose answers are joined.

    ``dim``: 2 is a video's time (a picture's height), 0 the batch where that is one video. ``context_schedule``:
    ``standard_static`` keeps the windows' places; ``standard_uniform`` and ``looped_uniform`` move them at each step,
    the latter around the end, which ``closed_loop`` joins with the beginning; ``batched`` has no overlap.
    ``fuse_method`` says how much the edges of a window count. ``context_stride`` above 1 adds windows that skip
    elements.
    """
    windows = ContextWindows(
        context_length, context_overlap, context_schedule, context_stride, closed_loop, fuse_method, dim
    )
    return windowed(model, windows)


@node(name="WanContextWindowsManual", title="WAN Context Windows (Manual)", category=CATEGORY)
def wan_context_windows_manual(
    *,
    model: MODEL,
    context_length: Annotated[int, Number(min=1, max=LARGEST_SIDE, step=4)] = 81,
    context_overlap: Overlap = 30,
    context_schedule: Schedule,
    context_stride: Stride = 1,
    closed_loop: bool = False,
    fuse_method: Fusion = PYRAMID,
) -> MODEL:
    """The same for Wan's videos: length and overlap in frames."""
    length, overlap = ((frames - 1) // FRAMES + 1 for frames in (context_length, context_overlap))
    windows = ContextWindows(length, overlap, context_schedule, context_stride, closed_loop, fuse_method, TIME)
    return windowed(model, windows)


def windowed(model: Any, windows: ContextWindows) -> Any:
    """A model that sees latents in windows."""
    moving = windows.schedule in (UNIFORM, LOOPED)
    return with_variation(model, MovingWindows(windows.checked())) if moving else with_patch(model, windows.checked())
