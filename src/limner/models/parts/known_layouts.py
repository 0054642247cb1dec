"""The two layouts in which people have a transformer: the one it was published in, and that of diffusers."""

from collections.abc import Callable
from dataclasses import dataclass

from limner.models.load.blueprint import Source
from limner.models.load.layout import Layout
from limner.models.load.renaming import Table, named, renamed_sources, with_published
from limner.models.parts.transformer import as_stored, find_prefix


@dataclass(frozen=True)
class Found:
    """A transformer in a file.

    Attributes:
        prefix: Where it stands.
        sources: What its tensors are made of.
        shapes: Its tensors by the network's names.
    """

    prefix: str
    sources: dict[str, Source]
    shapes: Layout


@dataclass(frozen=True)
class KnownLayouts:
    """How a transformer is found in files, and its tensors named.

    Attributes:
        original: Tensors that only the original layout has.
        diffusers: Tensors that only diffusers' layout has.
        table: The key map of an original layout, which is given without prefix.
        width: The tensor of the original layout whose first side is the network's width, where the key map asks.
    """

    original: tuple[str, ...]
    diffusers: tuple[str, ...]
    table: Callable[[Layout], Table]
    width: str = ""

    def recognise(self, layout: Layout) -> bool:
        """Whether a file holds one."""
        return self.prefix(layout) is not None

    def prefix(self, layout: Layout) -> str | None:
        """The prefix under which a file keeps one; None if it has none."""
        found = find_prefix(layout, *self.original)
        return find_prefix(layout, *self.diffusers) if found is None else found

    def read(self, layout: Layout) -> Found:
        """The transformer of a file that is known to hold one."""
        prefix = find_prefix(layout, *self.original)
        if prefix is None:
            prefix = str(find_prefix(layout, *self.diffusers))
            stored = as_stored(layout, prefix)
            sources = with_published(stored, self.table(named(stored, layout)))
        else:
            width = (layout.shape(prefix + self.width) or (0,))[0]
            sources = renamed_sources(self.table(layout.under(prefix)), layout, prefix, width)
        return Found(prefix, sources, named(sources, layout))
