"""Uploads: the files of a job that ended well are brought to a store of objects."""

import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from limner.dialects.apps.outputs import OutputFile, files_of
from limner.graph.errors import LimnerError
from limner.hub.addresses import Addresses
from limner.jobs.courier import Carrier, ErrandError, growing
from limner.jobs.outbox import KeptErrand
from limner.jobs.records import Job, JobState
from limner.server.apps.finish import finished_files
from limner.server.delivery_plan import UPLOAD, DeliveryPlan
from limner.server.errand_kind import ErrandKind
from limner.server.service import Service
from limner.storage.object_names import distinct, object_name
from limner.storage.object_place import ObjectPlace
from limner.storage.object_store import ObjectStore

PAUSES = growing(first=1.0, longest=3600.0, patience=3 * 86_400.0)


@dataclass(frozen=True)
class Uploads:
    """Carries uploads."""

    service: Service
    plan: DeliveryPlan

    def place(self, kept: KeptErrand) -> str:
        """Which store; one that came with a request is known by its address."""
        body = kept.errand.body
        return f"{UPLOAD} {body.get('url') or body.get('store')}"

    def carry(self, kept: KeptErrand) -> list[dict[str, Any]]:
        """Brings the files and says where they are."""
        job = kept.record
        if job is None or job.state is not JobState.SUCCEEDED:
            return []
        try:
            place, store = self._store(kept)
            files = self._files(job)
            names = _names(job, [file for file, _ in files], place)
            return [_bring(*found, name, store, place) for found, name in zip(files, names, strict=True)]
        except ErrandError:
            raise
        except LimnerError as error:  # whoever runs the store or the server may mend it
            raise ErrandError(str(error)) from error

    def _store(self, kept: KeptErrand) -> tuple[ObjectPlace, ObjectStore]:
        body = kept.errand.body
        if "url" not in body:
            name = str(body.get("store", ""))
            return self.plan.stores.address(name).place, self.plan.stores.get(name)
        if not kept.errand.secrets:
            raise ErrandError("The keys that came with the request were wiped after the first upload.", final=True)
        address = self.plan.check_store(str(body["url"]), kept.errand.secrets)
        if address.place.endpoint:
            _check_host(address.place.endpoint, self.plan.private)
        return address.place, address.open()

    def _files(self, job: Job) -> list[tuple[OutputFile, Path]]:
        """A job's files in the form that was asked for, and where they lie."""
        try:
            found = list(finished_files(job, self.service.folders.of_owner(job.submission.owner)))
        except OSError as error:
            raise ErrandError(f"A file cannot be read: {error.strerror or error}.") from error
        gone = len(files_of(job)) - len(found)
        if gone:
            raise ErrandError(f"Of its files {gone} are no longer here, so they cannot be uploaded.", final=True)
        return found


def _bring(file: OutputFile, path: Path, name: str, store: ObjectStore, place: ObjectPlace) -> dict[str, Any]:
    try:
        stored = store.put(place.key(name), path, file.media_type)
    except FileNotFoundError as error:
        raise ErrandError(f"{file.filename} is no longer here, so it cannot be uploaded.", final=True) from error
    except OSError as error:
        raise ErrandError(f"{file.filename} cannot be read: {error.strerror or error}.") from error
    until = int((time.time() + place.expires) * 1000) if place.sign else None
    where = {
        "url": store.address(stored.key),
        "expires": until,
        "etag": stored.etag,
        "key": stored.key,
        "size": stored.size,
    }
    return {**file.place, "media_type": file.media_type, **where}


def _names(job: Job, files: Iterable[OutputFile], place: ObjectPlace) -> Iterator[str]:
    """The names of the objects of a job's files, which are the same at every try."""
    taken: set[str] = set()
    submission = job.submission
    for file in files:
        name = object_name(
            place.name,
            file.place,
            owner=submission.owner,
            job=submission.id,
            dialect=submission.dialect,
            ended=job.ended,
        )
        name = distinct(name, taken)
        taken.add(name)
        yield name


def _check_host(endpoint: str, private: bool) -> None:
    """Refuses a store of a request's whose host is in this machine's own network.

    Raises:
        ErrandError: if it is, or has no address.
    """
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise ErrandError(f"{host} has no address ({error}).") from error
    for address in found:
        try:
            Addresses(private=private).check_address(host, ip_address(address.partition("%")[0]))
        except LimnerError as error:
            reason = f"{host} is in this server's own network, where requests have no stores."
            raise ErrandError(reason, final=True) from error


def _carrier(service: Service, plan: DeliveryPlan) -> Carrier:
    uploads = Uploads(service, plan)
    return Carrier(UPLOAD, PAUSES, uploads.place, uploads.carry)


KIND = ErrandKind(UPLOAD, _carrier)
