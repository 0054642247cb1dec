"""Names that adapters have for a transformer's modules, whatever layout its own file is in."""

from collections.abc import Sequence
from dataclasses import replace

from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.renaming import Table, with_published
from limner.models.parts.transformer import as_stored, transformer_blueprint


def with_further_names(blueprint: Blueprint, shapes: Layout, tables: Sequence[Table]) -> Blueprint:
    """A blueprint whose modules are also known by the names of other layouts.

    Args:
        blueprint: Of the network; its own names count before all.
        shapes: Its tensors under the network's names.
        tables: The key maps of the layouts.
    """
    stored = as_stored(shapes, "")
    known = [transformer_blueprint("", {}, with_published(stored, table), "") for table in tables]
    known.append(blueprint)
    return replace(
        blueprint,
        aliases={name: target for one in known for name, target in one.aliases.items()},
        pieces={name: pieces for one in known for name, pieces in one.pieces.items()},
    )
