"""Objects of S3 and of services like it: boto3 finds the credentials and signs addresses; we fetch what is there."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from limner.graph.errors import SettingsError
from limner.hub.refusal import PullError
from limner.hub.selection import Chosen, Entry, choose
from limner.hub.source import Offer, Reach, RemoteFile, Source, Wanted

VALID = 12 * 3600
"""Seconds that a signed address can be used."""

_GATE = (
    "S3 finds credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in AWS_PROFILE, or in the machine's role; "
    "AWS_ENDPOINT_URL_S3 names a service that is not Amazon's."
)


@dataclass(frozen=True)
class Place:
    """A bucket, and an object in it; a key that ends with ``/`` is a folder."""

    bucket: str
    key: str


def read_place(reference: str) -> Place:
    """What ``s3://bucket/key`` means.

    Raises:
        PullError: if it names no bucket.
    """
    parts = urlsplit(reference)
    if not parts.netloc:
        raise PullError("invalid", f"{reference!r:.200} names no bucket: expected s3://bucket/key.")
    return Place(parts.netloc, unquote(parts.path.lstrip("/")))


async def _resolve(wanted: Wanted, reach: Reach) -> Offer:
    """Asks for an object, or for what is in a folder.

    Raises:
        PullError: if it cannot be had.
        SettingsError: if boto3 is not installed.
    """
    place = read_place(wanted.reference)
    return await asyncio.to_thread(_ask, place, wanted, reach.accounts.s3_endpoint)


def _ask(place: Place, wanted: Wanted, endpoint: str) -> Offer:
    client, signed = _client(endpoint)
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        chosen = _chosen(client, place, wanted)
        files = tuple(_file(client, place.bucket, one, endpoint, signed=signed) for one in chosen)
    except ClientError as error:
        raise _refusal(place, error) from error
    except BotoCoreError as error:
        raise PullError("unreachable", f"s3://{place.bucket} cannot be asked ({error}). {_GATE}") from error
    reference = f"s3://{place.bucket}/{place.key}"
    return Offer("s3", reference, place.key.rstrip("/").rpartition("/")[2] or place.bucket, files)


def _client(endpoint: str) -> tuple[Any, bool]:
    """A client, and whether it has credentials to sign with; public buckets need none.

    Raises:
        SettingsError: if boto3 is not installed.
    """
    try:
        from boto3.session import Session
        from botocore import UNSIGNED
        from botocore.config import Config
    except ImportError as error:
        raise SettingsError("s3:// needs boto3. Install it: pip install 'limner[s3]'") from error
    session = Session()
    signed = session.get_credentials() is not None
    # Names of buckets in the path, since services of one's own seldom have a host name for each bucket.
    style = {"addressing_style": "path"} if endpoint else {}
    config = Config(s3=style, signature_version="s3v4" if signed else UNSIGNED, retries={"max_attempts": 4})
    region = session.region_name or "us-east-1"
    return session.client("s3", endpoint_url=endpoint or None, config=config, region_name=region), signed


def _chosen(client: Any, place: Place, wanted: Wanted) -> list[Chosen]:
    if place.key and not place.key.endswith("/"):
        head = client.head_object(Bucket=place.bucket, Key=place.key)
        return [Chosen(Entry(place.key, head["ContentLength"], _digest(head)))]
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.key)
    found = [entry for page in pages for entry in page.get("Contents", ())]
    entries = [Entry(entry["Key"].removeprefix(place.key), entry["Size"]) for entry in found]
    title = place.key.rstrip("/").rpartition("/")[2] or place.bucket
    chosen = choose(entries, title, wanted.include)
    return [
        Chosen(Entry(place.key + one.entry.path, one.entry.size), one.kind, one.folder) for one in chosen
    ]  # fmt: skip


def _digest(head: dict[str, Any]) -> str:
    """The SHA-256 that whoever put the object there noted, in hexadecimal; empty if nobody did."""
    noted = str(head.get("Metadata", {}).get("sha256", "")).lower()
    return noted if len(noted) == 64 and set(noted) <= set("0123456789abcdef") else ""


def _file(client: Any, bucket: str, chosen: Chosen, endpoint: str, *, signed: bool) -> RemoteFile:
    entry = chosen.entry
    if signed:
        asked = {"Bucket": bucket, "Key": entry.path}
        url = client.generate_presigned_url("get_object", Params=asked, ExpiresIn=VALID)
    else:
        url = f"{endpoint or client.meta.endpoint_url}/{bucket}/{quote(entry.path)}"
    return RemoteFile(
        url=url,
        name=entry.pure.name,
        size=entry.size,
        sha256=entry.sha256,
        kind=chosen.kind,
        folder=chosen.folder,
        gate=_GATE,
    )


def _refusal(place: Place, error: Any) -> PullError:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    what = f"s3://{place.bucket}/{place.key}"
    if status in (401, 403):
        return PullError("gated", f"{what} may not be had (status {status}). {_GATE}")
    if status == 404:
        return PullError("gone", f"There is no {what}. Look whether the name is right.")
    return PullError("unreachable", f"{what} cannot be asked: {error}")


S3 = Source("s3", 40, ("s3://bucket/key",), lambda reference: reference.startswith("s3://"), _resolve)
