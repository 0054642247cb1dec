"""What a model file holds, by name and shape only: all that families look at."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Layout:
    """Names and shapes of tensors, and the file's metadata.

    Attributes:
        shapes: By name.
        metadata: Texts of the file.
    """

    shapes: Mapping[str, tuple[int, ...]]
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.shapes

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def shape(self, name: str) -> tuple[int, ...]:
        """A tensor's shape; empty if there is none of that name."""
        return self.shapes.get(name, ())

    def has(self, prefix: str) -> bool:
        """Whether a name starts so."""
        return any(name.startswith(prefix) for name in self.shapes)

    def under(self, prefix: str) -> "Layout":
        """The part below a prefix, with names without it."""
        inside = {name[len(prefix) :]: shape for name, shape in self.shapes.items() if name.startswith(prefix)}
        return Layout(inside, self.metadata)

    def configuration(self, prefix: str = "") -> Mapping[str, Any]:
        """What a folder's configuration says of a component (``unet.``, ``scheduler.``); empty if there is none."""
        text = self.metadata.get(f"{prefix}config", "")
        return json.loads(text) if text.lstrip().startswith("{") else {}

    def count(self, pattern: str) -> int:
        """How many of ``pattern.format(0)``, ``pattern.format(1)`` ... start a name, without a gap."""
        index = 0
        while self.has(pattern.format(index)):
            index += 1
        return index
