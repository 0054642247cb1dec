"""What nodes may ask of the worker, and what a pack hands over when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from io import BytesIO
from typing import Any

import torch
from PIL import Image as Pictures

from comfy_api.latest._schema import NodeReplace
from comfy_host.context import host, running
from limner.graph.progress import Preview
from limner.media.pictures import to_bytes

JPEG_QUALITY = 95


class Execution:
    """The step that runs just now."""

    async def set_progress(
        self,
        value: float,
        max_value: float,
        node_id: str | None = None,
        preview_image: Any = None,
        ignore_size_limit: bool = False,
    ) -> None:
        """Tells how far the running node is; clients see it in the state of all nodes.

        Args:
            value: So far.
            max_value: In all.
            node_id: Ignored: it is always the running node.
            preview_image: A Pillow image, or a tensor [b h w c] or [h w c] of which the first picture is shown.
            ignore_size_limit: Whether a preview keeps its size.

        Raises:
            InterruptedRun: if the run was asked to stop.
        """
        tell_progress(value, max_value, preview_image, ignore_size_limit)


def tell_progress(value: float, max_value: float, preview_image: Any, ignore_size_limit: bool) -> None:
    """See ``Execution.set_progress``; needs no event loop."""
    progress = running().progress
    size = progress.preview_size
    preview = None
    if preview_image is not None and size > 0:
        preview = Preview(image=_encoded(preview_image, None if ignore_size_limit else size), media_type="image/jpeg")
    progress.report(value, max_value, preview, quiet=True)


def _encoded(image: Any, size: int | None) -> bytes:
    """A picture as JPEG, its longest side at most ``size``."""
    if isinstance(image, torch.Tensor):
        pixels = to_bytes(image[0] if image.ndim == 4 else image)
        image = Pictures.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    image = image.convert("RGB")
    if size is not None:
        image.thumbnail((size, size))
    written = BytesIO()
    image.save(written, "JPEG", quality=JPEG_QUALITY)
    return written.getvalue()


class NodeReplacement:
    """What nodes of old prompts are now."""

    async def register(self, node_replace: NodeReplace) -> None:
        """Makes a replacement known; clients ask for all of them when they load a workflow."""
        known = host().switchboard.node_replacements
        known.setdefault(node_replace.old_node_id, []).append(node_replace.as_dict())


class ComfyAPI:
    """What nodes may ask; its methods are to be awaited."""

    VERSION = "latest"
    STABLE = False

    def __init__(self) -> None:
        self.execution = Execution()
        self.node_replacement = NodeReplacement()


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine comes to that never waits for anything."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise RuntimeError("This call has to wait for something: await it through ComfyAPI instead of ComfyAPISync.")


class _Synchronous:
    """An object whose coroutine methods are called instead of awaited."""

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._part, name)

        def called(*arguments: Any, **named: Any) -> Any:
            return finished(method(*arguments, **named))

        return called


class ComfyAPISync:
    """What nodes may ask, without awaiting."""

    VERSION = "latest"
    STABLE = False

    def __init__(self) -> None:
        api = ComfyAPI()
        self.execution = _Synchronous(api.execution)
        self.node_replacement = _Synchronous(api.node_replacement)


class ComfyExtension:
    """A pack: what ``comfy_entrypoint`` gives."""

    async def on_load(self) -> None:
        """Called once, before the nodes are asked for."""

    async def get_node_list(self) -> list[type]:
        """The classes of its nodes."""
        raise NotImplementedError(f"{type(self).__name__} needs an async method get_node_list.")
