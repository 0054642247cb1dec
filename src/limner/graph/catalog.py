"""What a worker can do, as data.

A worker publishes its Catalog when it starts; the server checks graphs against it and lists it to clients without
importing a single network. Lists that change while the server runs (files in model folders) are not in the Catalog:
an Input names such a list (``choices_from``) and the Catalog's reader looks it up.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from limner.graph.node_type import Input, NodeType

Lists = Callable[[str], Sequence[str]]
"""Looks up a named list: ``checkpoints`` gives the file names in the checkpoint folders."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A sampler, schedule or model family, as data. ``source`` is the file that defines it."""

    name: str
    doc: str = ""
    source: str = ""
    aliases: dict[str, tuple[str, ...]] = {}


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker can do."""

    nodes: Mapping[str, NodeType] = {}
    samplers: tuple[Named, ...] = ()
    schedules: tuple[Named, ...] = ()
    families: tuple[Named, ...] = ()
    device: dict[str, object] = {}
    """What the worker runs on: ``name type index vram_total vram_free torch_version``."""

    def choices(self, entry: Input, lists: Lists) -> Sequence[str]:
        """The allowed values of a COMBO input now."""
        if entry.choices is not None:
            return entry.choices
        if entry.choices_from == "samplers":
            return [named.name for named in self.samplers]
        if entry.choices_from == "schedules":
            return [named.name for named in self.schedules]
        return lists(entry.choices_from) if entry.choices_from else ()
