"""Short names of well-known models: the catalogue says which files they are, and the hub has them."""

from dataclasses import replace

from limner.hub.catalogue import CatalogueFile, find_entry
from limner.hub.resolving import resolve, unknown
from limner.hub.source import Offer, Reach, RemoteFile, Source, Wanted


def _understands(reference: str) -> bool:
    return find_entry(reference) is not None


async def _resolve(wanted: Wanted, reach: Reach) -> Offer:
    """Asks the hub for each file of an entry.

    Raises:
        PullError: if one cannot be had.
    """
    entry = find_entry(wanted.reference)
    if entry is None:
        raise unknown(wanted.reference)
    files = [await offered(file, reach) for file in entry.files]
    cautions = (f"Its licence is {entry.licence}: read what it allows at {entry.page}.",) if entry.restricted else ()
    return Offer("catalogue", entry.name, entry.title, tuple(files), entry.licence, entry.page, cautions)


async def offered(file: CatalogueFile, reach: Reach) -> RemoteFile:
    """A file of the catalogue as the hub has it now.

    Raises:
        PullError: if it cannot be had.
    """
    found = (await resolve(Wanted(f"hf://{file.place}"), reach)).files[0]
    return replace(found, kind=file.kind, sha256=file.sha256 or found.sha256)


CATALOGUE = Source("catalogue", 10, ("a name of `limner models catalogue`, such as sdxl",), _understands, _resolve)
