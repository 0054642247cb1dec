"""What is told of model files in lists and of one of them: from folders, headers, records, cards and use."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner.dialects.recipes.family_settings import UNKNOWN, family_settings
from limner.graph.errors import LimnerError
from limner.hub.examination import describe
from limner.hub.holdings import Holding, Holdings
from limner.hub.kinds import UNFETCHED
from limner.server.model_cards import EMPTY, Card, Cards
from limner.server.model_facts import ModelFacts
from limner.server.model_pictures import picture_beside
from limner.server.model_use import ModelUse, bare_name, last_use

MOST_TEXTS, LONGEST_TEXT = 200, 2000
"""Texts of a header that are shown, and letters of each."""


@dataclass(frozen=True)
class Shelf:
    """Where what is told comes from.

    Attributes:
        holdings: The files.
        cards: What people wrote.
        facts: What headers say.
        use: Looks into workflows.
        workflows: The caller's.
        owner: Whose jobs count; None: everybody's.
    """

    holdings: Holdings
    cards: Cards
    facts: ModelFacts
    use: ModelUse
    workflows: Path
    owner: str | None


def listed(shelf: Shelf) -> Iterator[dict[str, Any]]:
    """All model files, built-in ones last. Cost: headers of files that are new; one look into the journal."""
    cards = shelf.cards.all()
    workflows = shelf.use.workflows(shelf.workflows)
    jobs = last_use(shelf.holdings.folders.data, shelf.owner)
    for held in [*shelf.holdings, *builtin(shelf.holdings)]:
        try:
            entry = _entry(shelf, held, cards.get(key_of(held), EMPTY))
        except (LimnerError, OSError):
            continue  # It is gone since the folder was read.
        name = bare_name(held.name)
        count, last = jobs.get(name, (0, 0))
        yield {**entry, "workflows": len(workflows.get(name, ())), "jobs": count, "last_used": last / 1000}


def detailed(shelf: Shelf, held: Holding) -> dict[str, Any]:
    """One file: what lists say, and what takes longer to find out.

    Raises:
        OSError: if it is gone.
    """
    card = shelf.cards.all().get(key_of(held), EMPTY)
    name = bare_name(held.name)
    count, last = last_use(shelf.holdings.folders.data, shelf.owner).get(name, (0, 0))
    used = shelf.use.workflows(shelf.workflows).get(name, [])
    return {
        **_entry(shelf, held, card),
        "workflows": used,
        "jobs": count,
        "last_used": last / 1000,
        "card": card,
        "said": _said(shelf.holdings, held),
    }


def builtin(holdings: Holdings) -> Iterator[Holding]:
    """The files that are always present."""
    for kind, files in holdings.folders.builtin.items():
        if kind not in UNFETCHED:
            yield from (Holding(kind, name, path, False) for name, path in files.items())


def key_of(held: Holding) -> str:
    """By which a file's card is kept."""
    return f"{held.kind}/{held.name}"


def _entry(shelf: Shelf, held: Holding, card: Card) -> dict[str, Any]:
    state, facts = held.path.stat(), shelf.facts.of(held.path)
    record = shelf.holdings.records.of(held.path)
    known = record if record is not None and record.is_current else None
    inside = held.path in shelf.holdings.folders.builtin.get(held.kind, {}).values()
    return {
        "kind": held.kind,
        "name": held.name,
        "size": state.st_size,
        "modified": state.st_mtime,
        "own": held.is_own,
        "builtin": inside,
        "sha256": known.digests.sha256 if known else "",
        "source": known.origin.source if known else "",
        "url": known.origin.url if known else "",
        "licence": card.licence or (known.origin.licence if known else "") or facts.licence,
        "title": card.title or facts.title,
        "page": card.page,
        "format": facts.format,
        "precision": facts.precision,
        "parameters": facts.parameters,
        "seems": facts.seems,
        "family": facts.family,
        "family_title": _family_title(facts.family, held.name),
        "triggers": card.triggers or facts.triggers,
        "problem": facts.problem,
        "picture": _stamp(shelf, held, pictured=facts.pictured),
    }


def _family_title(family: str, name: str) -> str:
    """What people call a family; its own name if nobody has written another one."""
    settings = family_settings(family, name)
    return family if settings is UNKNOWN else settings.title


def _stamp(shelf: Shelf, held: Holding, *, pictured: bool) -> str:
    """Names the state of a model's picture, so that pages keep it; empty: there is none."""
    path = shelf.cards.picture(key_of(held)) or picture_beside(held.path)
    if path is not None:
        return f"{path.stat().st_mtime_ns:x}"
    return f"{held.path.stat().st_mtime_ns:x}" if pictured else ""


def _said(holdings: Holdings, held: Holding) -> dict[str, Any]:
    """What a file says of itself, whole; nothing of what cannot be read."""
    try:
        facts = describe(holdings, held)
    except (LimnerError, OSError):
        return {}
    texts = dict(list(facts.get("metadata", {}).items())[:MOST_TEXTS])
    shown = {name: text[:LONGEST_TEXT] for name, text in texts.items() if not text.startswith("data:image")}
    return {**{key: facts[key] for key in ("tensors", "types", "blake3", "pulled") if key in facts}, "metadata": shown}
