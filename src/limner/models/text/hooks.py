"""Texts that are encoded under hooks: once, or once for each stretch of a walk in which strengths are the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from limner.models.hooks import HOOKS, HookGroup
from limner.models.network import Network
from limner.models.text.chunks import Chunk
from limner.models.text.reading import TextBranch


@dataclass(frozen=True)
class TextHooks:
    """How a text encoder's hooks are used.

    Attributes:
        group: The hooks.
        marks: Whether conditioning carries them on to the denoising network.
        scheduled: Whether their keyframes count for the text; else it is encoded at the hooks' own strengths.
    """

    group: HookGroup
    marks: bool = True
    scheduled: bool = False

    def encode(self, encoder: Any, chunks: Mapping[str, Sequence[Chunk]]) -> list[list[Any]]:
        """The conditioning of tokens, by a ``TextEncoder`` without hooks."""
        entries: list[list[Any]] = []
        further = {HOOKS: self.group} if self.marks else {}
        for start, end in self._stretches():
            changed = encoder.with_networks(lambda branch, share=start: self._network(branch, share))
            limits = {} if (start, end) == (0.0, 1.0) else {"start_percent": start, "end_percent": end}
            entries += [[states, {**told, **limits, **further}] for states, told in changed.encode_chunks(chunks)]
        return entries

    def _stretches(self) -> list[tuple[float, float]]:
        if not self.scheduled:
            return [(0.0, 1.0)]
        starts = {frame.start for hook in self.group.hooks for frame in hook.keyframes}
        return list(pairwise(sorted({0.0, *starts, 1.0})))

    def _network(self, branch: TextBranch, share: float) -> Network:
        network = branch.network
        for hook in self.group.hooks:
            strength = hook.text * (hook.factor_after(share) if self.scheduled else 1.0)
            network = hook.weights.on_text(branch.name, network, strength) if strength else network
        return network


def with_text_hooks(encoder: Any, hooks: TextHooks) -> Any:
    """A ``TextEncoder`` under hooks, beside those that it is under already."""
    before: TextHooks | None = encoder.hooks
    group = hooks.group if before is None else before.group.with_hooks(hooks.group)
    return replace(encoder, hooks=replace(hooks, group=group))
