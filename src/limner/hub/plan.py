"""What a pull is going to do, decided before the first byte: what to fetch, to link, to leave, and the room."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from limner.graph.errors import LimnerError
from limner.hub.arrivals import PICKLES, TEXTS
from limner.hub.digests import Stopped, never
from limner.hub.events import FileChecked, Tell
from limner.hub.holdings import Asked, Holdings
from limner.hub.kinds import check_kind
from limner.hub.names import fit_folder, fit_name
from limner.hub.part_file import PartFile
from limner.hub.peek import kind_of_remote, no_kind
from limner.hub.records import Record
from limner.hub.refusal import PullError
from limner.hub.room import check_room, disk_of
from limner.hub.source import Offer, RemoteFile
from limner.hub.web import Web

FETCH, LINK, PRESENT = "download", "link", "present"
"""What is done for a file: it is fetched; its bytes are here under another name; it is here."""


@dataclass(frozen=True)
class Choice:
    """What somebody chose for a pull.

    Attributes:
        into: Model kind; empty: what the source or the header says.
        name: Name of the file, if it is one; empty: its own.
        connections: How many at once, at most.
    """

    into: str = ""
    name: str = ""
    connections: int = 4


@dataclass(frozen=True)
class Item:
    """What is done for one file.

    Attributes:
        file: The remote file.
        kind: Model kind.
        target: Where it will be.
        action: ``download``, ``link`` or ``present``.
        held: The file here that has its bytes, unless it is fetched.
        missing: Bytes to come; None: not known.
        note: What people should know of it, or empty.
    """

    file: RemoteFile
    kind: str
    target: Path
    action: str = FETCH
    held: Path | None = None
    missing: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """What a pull is going to do. ``cautions``: what somebody should agree to first."""

    offer: Offer
    items: tuple[Item, ...]
    choice: Choice
    cautions: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """Bytes to come, as far as is known."""
        return sum(item.missing or 0 for item in self.items)


async def make_plan(
    web: Web, holdings: Holdings, offer: Offer, choice: Choice, tell: Tell, stopped: Stopped = never
) -> Plan:
    """Decides what to do for each file of an offer.

    Raises:
        PullError: if a name is taken by another file, a kind is not known, or there is no room.
    """
    if choice.name and len(offer.files) != 1:
        raise PullError("invalid", f"{offer.title} has {len(offer.files)} files, and --name is for one.")
    items, kinds = list[Item](), dict[str, str]()
    for file in sorted(map(_placed(choice), offer.files), key=_is_text):
        kind = choice.into or file.kind or kinds.get(_first_folder(file)) or _known_kind(holdings, file)
        kind = kind or await kind_of_remote(web, file)
        if not kind:
            raise no_kind(file)
        if file.folder:
            kinds[_first_folder(file)] = kind
        name = fit_name(choice.name or file.name)
        asked = _asker(name, tell, stopped)
        items.append(await asyncio.to_thread(_item, holdings, file, check_kind(kind), name, asked))
    _check_rooms(items)
    return Plan(offer, tuple(items), choice, (*offer.cautions, *_cautions(items)))


def _placed(choice: Choice) -> Callable[[RemoteFile], RemoteFile]:
    """Puts the file into the folder that its chosen name has in it: ``styles/a.safetensors``.

    Raises:
        PullError: if it leaves the kind's folder.
    """
    folder, _, bare = choice.name.replace("\\", "/").rpartition("/")
    fitted = fit_folder(folder) if folder or bare != choice.name else ""
    return lambda file: replace(file, folder=fitted) if fitted else file


def _asker(name: str, tell: Tell, stopped: Stopped) -> Asked:
    """Tells that a file is read for the sake of another one."""

    def asked(path: Path) -> Stopped:
        tell(FileChecked(name=name, path=str(path)))
        return stopped

    return asked


def _known_kind(holdings: Holdings, file: RemoteFile) -> str:
    """The kind of the folder that an earlier pull of the same bytes went into; empty if there was none."""
    records = holdings.records.with_sha256(file.sha256) if file.sha256 else _same_version(holdings, file)
    kinds = {held.path: held.kind for held in holdings} if records else {}
    return next((kinds[record.path] for record in records if record.path in kinds), "")


def _same_version(holdings: Holdings, file: RemoteFile) -> list[Record]:
    """Files that came from the same address, when it had the version that it has now."""
    found = holdings.records.from_url(file.address) if file.validator else []
    return [record for record in found if record.origin.validator == file.validator]


def _is_text(file: RemoteFile) -> bool:
    """Whether a file lies beside weights and goes where they go."""
    return PurePosixPath(file.name).suffix.lower() in TEXTS


def _first_folder(file: RemoteFile) -> str:
    return file.folder.partition("/")[0]


def _item(holdings: Holdings, file: RemoteFile, kind: str, name: str, asked: Asked) -> Item:
    """What to do for one file. Cost: reads files of the very same size whose digests are not known yet."""
    inside = f"{fit_folder(file.folder)}/{name}" if file.folder else name
    target = holdings.folders.place(kind) / inside
    there = _there(holdings, kind, inside)
    if there is not None:
        return Item(file, kind, there, PRESENT, there, 0, _compared(holdings, file, there, asked))

    held = None
    if file.sha256:
        held = holdings.with_content(file.sha256, file.size, asked)
    else:
        held = next((record.path for record in _same_version(holdings, file)), None)
    if held is not None:
        return Item(file, kind, target, LINK, held, 0, f"the same as {held}")
    return Item(file, kind, target, FETCH, None, _missing(file, target))


def _there(holdings: Holdings, kind: str, inside: str) -> Path | None:
    """The file that has the name already, in whichever folder of the kind."""
    try:
        return holdings.folders.find(kind, inside)
    except LimnerError:
        return None


def _compared(holdings: Holdings, file: RemoteFile, there: Path, asked: Asked) -> str:
    """A note on a file that has the name already: it is the one that is wanted.

    Raises:
        PullError: if it is another one.
    """
    known = holdings.records.of(there)
    if file.sha256:
        found = holdings.digests(there, asked)
        same, note = found.sha256 == file.sha256, ""
    elif file.validator and known is not None and known.is_current and known.origin.url == file.address:
        same, note = known.origin.validator == file.validator, ""
    else:
        same = file.size in (None, there.stat().st_size)
        note = "a file of this name and size is here; the source states no digest to compare"
    if same:
        return note
    raise PullError(
        "exists",
        f"{there} is another file than {file.address}. Choose another name with --name, or remove it first: "
        f"limner models rm {there.name}",
    )


def _missing(file: RemoteFile, target: Path) -> int | None:
    """Bytes that are still to come, less those that an earlier pull left."""
    if file.size is None or not target.with_name(target.name + ".part").exists():
        return file.size
    with PartFile(target) as part:
        note = part.note()
    return file.size - sum(end - begin for begin, end in note.done) if note is not None else file.size


def _check_rooms(items: list[Item]) -> None:
    """Refuses what would fill a disk.

    Raises:
        PullError: says how much is needed.
    """
    disks: dict[int, tuple[Path, int]] = {}
    for item in items:
        folder = item.target.parent
        disk = disk_of(folder)
        first, before = disks.get(disk, (folder, 0))
        disks[disk] = (first, before + (item.missing or 0))
    for folder, wanted in disks.values():
        if wanted:
            check_room(folder, wanted, "This")


def _cautions(items: list[Item]) -> list[str]:
    pickles = [item.target.name for item in items if item.action == FETCH and item.target.suffix.lower() in PICKLES]
    if not pickles:
        return []
    return [f"{', '.join(pickles)}: PyTorch files can carry programs; Limner reads only their weights, others may not."]


def as_document(plan: Plan) -> dict[str, Any]:
    """A plan as JSON for clients."""
    offer = plan.offer
    items = [
        {
            "name": item.target.name,
            "kind": item.kind,
            "path": str(item.target),
            "action": item.action,
            "size": item.file.size,
            "missing": item.missing,
            "sha256": item.file.sha256,
            "url": item.file.address,
            "note": item.note,
        }
        for item in plan.items
    ]
    about = {"source": offer.source, "reference": offer.reference, "title": offer.title, "page": offer.page}
    return {
        **about,
        "licence": offer.licence,
        "cautions": list(plan.cautions),
        "missing": plan.missing,
        "files": items,
    }
