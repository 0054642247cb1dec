"""Which weights of a network an adapter's changes are of."""

import logging
from collections.abc import Iterator

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import BIAS, Adapter, Change, Rewrite
from limner.models.adapters.rows import rows_of
from limner.models.load.blueprint import Blueprint

logger = logging.getLogger(__name__)

Targeted = tuple[str, Change | Rewrite]
"""A weight's name and a change of it."""


def addressed(blueprint: Blueprint, adapter: Adapter, what: str) -> int:
    """How many of an adapter's changes find a weight; those that were meant for the network and do not are logged."""
    meant = [module for module in adapter.changes if module.startswith(blueprint.addressed)]
    unknown = [module for module in meant if not _known(blueprint, module)]
    if unknown and len(unknown) == len(meant):
        nothing = "%s changes nothing in %s: none of its %d layers is there (%s ...). It was made for another model."
        logger.warning(nothing, adapter.name, what, len(meant), meant[0])
    elif unknown:
        shown = ", ".join(unknown[:3])
        places = (adapter.name, len(unknown), len(meant), what, shown)
        logger.warning("%s: %d of %d layers meant for %s are not in it: %s", *places)
    return len(meant) - len(unknown)


def targets(blueprint: Blueprint, adapter: Adapter) -> Iterator[Targeted]:
    """The weights that an adapter changes. A change that does not go with how a weight is kept is logged."""
    for module, change in adapter.changes.items():
        plain = module.removesuffix(BIAS)
        ending = ".bias" if plain != module else ""
        name = plain if plain in blueprint.keys else blueprint.aliases.get(plain)
        if name is not None:
            target = name.removesuffix(".weight") + ending if ending else name
            if target in blueprint.keys:
                yield target, change
            continue
        for piece in blueprint.pieces.get(plain, ()):
            target = piece.target.removesuffix(".weight") + ending if ending else piece.target
            try:
                yield target, rows_of(change, piece.rows, piece.count)
            except NumericsError as error:
                logger.warning("%s: %s is left out: %s", adapter.name, module, error)


def _known(blueprint: Blueprint, module: str) -> bool:
    plain = module.removesuffix(BIAS)
    return plain in blueprint.aliases or plain in blueprint.pieces
