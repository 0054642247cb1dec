"""Models of CivitAI, by number or address. Source: its public REST API, version 1."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any
from urllib.parse import parse_qs, urlsplit

from limner.hub.kind_keys import CIVITAI as KINDS
from limner.hub.refusal import PullError
from limner.hub.selection import Entry, listed
from limner.hub.source import Offer, Reach, RemoteFile, Source, Wanted

HOME = "https://civitai.com"
HOSTS = ("civitai.com", "www.civitai.com", "civitai.green", "civitai.red")

_NAME = re.compile(r"(?:urn:air:[^:]+:[^:]+:)?civitai:(\d+)(?:@(\d+))?")
_MODEL = re.compile(r"/(?:api/v1/)?models/(\d+)")
_VERSION = re.compile(r"/api/(?:download/models|v1/model-versions)/(\d+)")

_GATE = (
    "Log in at https://civitai.com, make an API key under Account settings, API Keys, and set it in the environment: "
    "CIVITAI_TOKEN=..."
)


@dataclass(frozen=True)
class Place:
    """The number of a model, of one of its versions, or of both; ``query``: which of the version's files."""

    model: str = ""
    version: str = ""
    query: str = ""


def read_place(reference: str) -> Place | None:
    """What a name or URL means there; None if it is for somebody else."""
    found = _NAME.fullmatch(reference)
    if found is not None:
        return Place(found[1], found[2] or "")
    parts = urlsplit(reference)
    if parts.hostname not in HOSTS:
        return None
    version = _VERSION.match(parts.path)
    if version is not None:
        return Place("", version[1], parts.query)
    model = _MODEL.match(parts.path)
    chosen = parse_qs(parts.query).get("modelVersionId", [""])[0]
    return Place(model[1], chosen if chosen.isdigit() else "") if model is not None else None


def _understands(reference: str) -> bool:
    return read_place(reference) is not None


async def _resolve(wanted: Wanted, reach: Reach) -> Offer:
    """Asks what a version of a model holds; the newest one if none is named.

    Raises:
        PullError: if there is none, or its files cannot be told apart.
    """
    place = read_place(wanted.reference)
    assert place is not None
    version = place.version or wanted.revision
    if not version:
        model = await _ask(f"models/{place.model}", reach)
        versions = _objects(model.get("modelVersions"))
        if not versions:
            raise PullError("gone", f"Model {place.model} of CivitAI has no version that can be had.")
        version = str(versions[0].get("id"))
    return _offer(await _ask(f"model-versions/{version}", reach), place, wanted.include, reach)


async def find_by_hash(digest: str, reach: Reach) -> Offer:
    """The file with a digest, or the beginning of one, as workflows and pictures note it.

    Raises:
        PullError: if nobody there knows it.
    """
    version = await _ask(f"model-versions/by-hash/{digest}", reach)
    wanted = [file for file in _objects(version.get("files")) if _has_hash(file, digest)]
    return _offer({**version, "files": wanted or version.get("files")}, Place(), (), reach)


async def _ask(what: str, reach: Reach) -> Mapping[str, Any]:
    home = reach.accounts.civitai_endpoint or HOME
    answer = await reach.web.json(f"{home}/api/v1/{what}", token=reach.accounts.civitai, gate=_GATE)
    if not isinstance(answer, Mapping):
        raise PullError("unreachable", f"{home} answered with no description of {what}.")
    return answer


def _offer(version: Mapping[str, Any], place: Place, include: Sequence[str], reach: Reach) -> Offer:
    model = _object(version.get("model"))
    file = _chosen(_objects(version.get("files")), place.query, include, str(version.get("id")))
    kind = KINDS.get(str(file.get("type") if file.get("type") == "VAE" else model.get("type")), "")
    hashes = _object(file.get("hashes"))
    kilobytes = file.get("sizeKB")
    url = str(file.get("downloadUrl") or version.get("downloadUrl") or "")
    remote = RemoteFile(
        url=url,
        name=str(file.get("name") or ""),
        size=round(kilobytes * 1024) if isinstance(kilobytes, int | float) else None,
        sha256=str(hashes.get("SHA256") or "").lower(),
        kind=kind,
        token=reach.accounts.civitai if _is_own(url, reach) else "",
        gate=_GATE,
    )
    number = version.get("modelId") or place.model
    title = " ".join(str(part) for part in (model.get("name"), version.get("name")) if part)
    reference = f"civitai:{number}@{version.get('id')}"
    return Offer("civitai", reference, title or reference, (remote,), page=f"{HOME}/models/{number}")


def _is_own(url: str, reach: Reach) -> bool:
    """Whether an address is CivitAI's own, so that it may see the API key."""
    home = urlsplit(reach.accounts.civitai_endpoint or HOME).hostname
    return urlsplit(url).hostname in (*HOSTS, home)


def _chosen(files: Sequence[Mapping[str, Any]], query: str, include: Sequence[str], version: str) -> Mapping[str, Any]:
    """The file that a query or a pattern names, else the one that its author put first.

    Raises:
        PullError: if none fits.
    """
    fitting = [file for file in files if _suits(file, query)]
    if include:
        fitting = [file for file in files if any(fnmatch(str(file.get("name")), one) for one in include)]
    if not fitting:
        entries = [Entry(str(file.get("name"))) for file in files]
        raise PullError("gone", f"Version {version} of CivitAI holds no such file. It holds:\n{listed(entries)}")
    return next((file for file in fitting if file.get("primary")), fitting[0])


def _suits(file: Mapping[str, Any], query: str) -> bool:
    """Whether a file is what the query of a download address asks for: type, format, size, precision."""
    details = _object(file.get("metadata"))
    facts = {"type": file.get("type"), **{key: details.get(key) for key in ("format", "size", "fp")}}
    asked = parse_qs(query)
    return all(str(facts[key]).lower() == asked[key][0].lower() for key in facts if key in asked)


def _has_hash(file: Mapping[str, Any], digest: str) -> bool:
    hashes = _object(file.get("hashes"))
    return any(str(value).lower().startswith(digest.lower()) for value in hashes.values())


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


CIVITAI = Source(
    name="civitai",
    rank=30,
    forms=("civitai:MODEL@VERSION", "https://civitai.com/models/MODEL?modelVersionId=VERSION"),
    understands=_understands,
    resolve=_resolve,
)
