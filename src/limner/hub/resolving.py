"""From a name to the files that it stands for: asks the sources, in order, which of them understands it."""

from difflib import get_close_matches

from limner.graph.discovery import discover
from limner.hub import sources
from limner.hub.catalogue import read_catalogue
from limner.hub.refusal import PullError
from limner.hub.source import Offer, Reach, Source, Wanted


def all_sources() -> list[Source]:
    """The sources there are, in the order in which they are asked."""
    found = discover(sources, Source, lambda source: source.name)
    return sorted(found.values(), key=lambda source: source.rank)


async def resolve(wanted: Wanted, reach: Reach) -> Offer:
    """What a name stands for.

    Raises:
        PullError: if no source understands it, or the one that does cannot say.
    """
    for source in all_sources():
        if _understands(source, wanted.reference):
            return await source.resolve(wanted, reach)
    raise unknown(wanted.reference)


def _understands(source: Source, reference: str) -> bool:
    try:
        return source.understands(reference)
    except ValueError:  # It looks like an address, and is none: http://[
        return False


def unknown(reference: str) -> PullError:
    """What to say of a name that nobody understands."""
    near = get_close_matches(reference.lower(), [entry.name for entry in read_catalogue()], n=3, cutoff=0.5)
    forms = "; ".join(source.forms[0] for source in all_sources() if source.forms)
    nearest = f" Nearest in the catalogue: {', '.join(near)}." if near else ""
    return PullError("unknown", f"Nothing is known by the name {reference!r:.200}.{nearest} Expected one of: {forms}.")
