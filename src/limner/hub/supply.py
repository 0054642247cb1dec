"""Brings the files that a workflow misses, under the names by which it asks for them."""

from dataclasses import replace
from pathlib import PurePosixPath
from threading import Event

from limner.hub.events import FileFinished, Tell
from limner.hub.missing import Missing
from limner.hub.plan import Choice, Plan
from limner.hub.puller import Puller, unheard
from limner.hub.refusal import PullError
from limner.hub.source import Offer, RemoteFile, Wanted


def plan_supply(puller: Puller, missing: Missing, tell: Tell = unheard, stop: Event | None = None) -> Plan:
    """What to do so that a missing file is here.

    Raises:
        PullError: if nobody knows where it can be had, or its source has another file by now.
    """
    offer = _offer(puller, missing, stop)
    if len(offer.files) != 1:
        raise PullError("choose", f"{missing.name} is one file, and {offer.reference} has {len(offer.files)}.")
    file, named = offer.files[0], PurePosixPath(missing.name.replace("\\", "/"))
    if missing.sha256 and file.sha256 not in ("", missing.sha256):
        raise PullError(
            "wrong_hash",
            f"{missing.name}: the workflow was made with a file of SHA-256 {missing.sha256}, and {file.address} has "
            f"{file.sha256}. Pull it by hand if that one will do: limner pull {file.address} --into {missing.kind}",
        )
    folder = "" if str(named.parent) == "." else named.parent.as_posix()
    wanted = replace(
        file, name=named.name, folder=folder, kind=missing.kind, sha256=missing.sha256 or file.sha256
    )  # fmt: skip
    return puller.plan_for(replace(offer, files=(wanted,)), Choice(), tell, stop)


def supply(puller: Puller, missing: Missing, tell: Tell = unheard, stop: Event | None = None) -> FileFinished:
    """Brings a missing file; raises as ``plan_supply`` and ``Puller.carry_out`` do."""
    return puller.carry_out(plan_supply(puller, missing, tell, stop), tell, stop)[0]


def _offer(puller: Puller, missing: Missing, stop: Event | None) -> Offer:
    """The file that was named, wherever it can be had; bytes that are here already need no source."""
    if missing.sha256:
        held = puller.holdings.with_content(missing.sha256, None)
        if held is not None:
            file = RemoteFile(url="", name=held.name, size=held.stat().st_size, sha256=missing.sha256)
            return Offer("here", str(held), held.name, (file,))
    if missing.reference:
        return puller.offer(Wanted(missing.reference), stop)
    if missing.sha256:
        return puller.offer_of_digest(missing.sha256, stop)
    raise PullError(
        "unknown",
        f"{missing.name} ({missing.kind}) is not here, and neither the workflow nor the catalogue says where it is. "
        f"If you know: limner pull URL --into {missing.kind} --name {missing.name}",
    )
