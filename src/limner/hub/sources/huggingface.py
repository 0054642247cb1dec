"""Repositories of the Hugging Face hub, whole or file by file. What is in them is asked through ``huggingface_hub``."""

import asyncio
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from limner.hub.kinds import kind_of_path
from limner.hub.refusal import PullError
from limner.hub.selection import Chosen, Entry, choose, listed
from limner.hub.source import Offer, Reach, RemoteFile, Source, Wanted

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

HOME = "https://huggingface.co"
HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_NAME = re.compile(rf"(?:hf://|hf:)?({_PART}/{_PART})(?:@([^/]+))?(?:/(.+?))?(?:@([^/]+))?")
_VERBS = ("resolve", "blob", "raw", "tree")
TIMEOUT = 30.0


@dataclass(frozen=True)
class Place:
    """A repository, and a revision and a path in it if they are named."""

    repository: str
    revision: str = ""
    path: str = ""


def read_place(reference: str) -> Place | None:
    """What a name or URL means on the hub; None if it is for somebody else."""
    parts = urlsplit(reference)
    if parts.scheme in ("http", "https"):
        return _of_url(parts.path) if parts.hostname in HOSTS else None
    found = _NAME.fullmatch(reference)
    if found is None or found[1].endswith(".git") or ".." in reference:
        return None
    return Place(found[1], found[2] or found[4] or "", found[3] or "")


def _of_url(path: str) -> Place | None:
    """``/org/name``, and what follows ``resolve``, ``blob``, ``raw`` or ``tree``: a revision and a path."""
    names = [unquote(part) for part in path.split("/") if part]
    if len(names) < 2 or names[0] in ("datasets", "spaces", "docs", "api"):
        return None
    repository, rest = "/".join(names[:2]), names[2:]
    if rest and rest[0] in _VERBS and len(rest) > 1:
        return Place(repository, rest[1], "/".join(rest[2:]))
    return Place(repository)


def _understands(reference: str) -> bool:
    return read_place(reference) is not None


async def _resolve(wanted: Wanted, reach: Reach) -> Offer:
    """Asks the hub what a repository holds.

    Raises:
        PullError: if it has none of that name, or a licence has to be accepted.
    """
    place = read_place(wanted.reference)
    assert place is not None
    endpoint = reach.accounts.huggingface_endpoint or HOME
    token = reach.accounts.huggingface or await asyncio.to_thread(_stored_token)
    revision = wanted.revision or place.revision
    info = await asyncio.to_thread(_ask, place.repository, revision, endpoint, token)
    gate = _gate(place.repository, info)
    if gate and not token:
        raise PullError("gated", f"{place.repository} is given only to people who accept its licence. {gate}")
    entries = [_entry(sibling) for sibling in info.siblings or ()]
    title = place.repository.partition("/")[2]
    licence, cautions = _licence(info)
    url = partial(_url, place.repository, info.sha or revision or "main", endpoint)
    files = tuple(_file(one, url(one.entry.path), token, gate) for one in _choose(entries, place, title, wanted))
    named = f"hf://{place.repository}{'/' + place.path if place.path else ''}@{info.sha or revision or 'main'}"
    return Offer("huggingface", named, title, files, licence, f"{HOME}/{place.repository}", cautions)


def _choose(entries: list[Entry], place: Place, title: str, wanted: Wanted) -> list[Chosen]:
    """The file that was named, those below the folder that was named, or what makes sense."""
    named = [entry for entry in entries if entry.path == place.path]
    if named:
        return [Chosen(named[0], kind_of_path(named[0].path))]
    inside = [entry for entry in entries if entry.path.startswith(place.path + "/")] if place.path else entries
    if place.path and not inside:
        raise PullError("gone", f"{place.repository} has no {place.path}. It holds:\n{listed(entries)}")
    return choose(inside, title, wanted.include)


def _stored_token() -> str:
    """The token that ``hf auth login`` left, or empty."""
    from huggingface_hub import get_token

    return get_token() or ""


def _url(repository: str, revision: str, endpoint: str, path: str) -> str:
    from huggingface_hub import hf_hub_url

    return hf_hub_url(repository, path, revision=revision, endpoint=endpoint)


def _ask(repository: str, revision: str, endpoint: str, token: str) -> "ModelInfo":
    """What the hub says of a repository.

    Raises:
        PullError: if it says nothing.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        api = HfApi(endpoint=endpoint, token=token or False)
        return api.model_info(repository, revision=revision or None, files_metadata=True, timeout=TIMEOUT)
    except GatedRepoError as error:
        raise PullError("gated", f"{repository} may not be had. {_gate_text(repository)}") from error
    except RepositoryNotFoundError as error:
        raise _no_repository(repository, endpoint, token) from error
    except RevisionNotFoundError as error:
        raise PullError(
            "gone", f"{repository} has no revision {revision!r}. Leave it out to take the main one."
        ) from error
    except OfflineModeIsEnabled as error:
        raise PullError("unreachable", "HF_HUB_OFFLINE is set, so the hub is not asked. Unset it to pull.") from error
    except HfHubHTTPError as error:
        if error.response is not None and error.response.status_code in (401, 404):
            raise _no_repository(repository, endpoint, token) from error
        raise PullError("unreachable", f"{endpoint} could not say what {repository} holds: {error}") from error
    except Exception as error:  # Of the library that huggingface_hub speaks HTTP with, another one in each generation.
        raise PullError("unreachable", f"{endpoint} cannot be reached ({error}). Try again later.") from error


def _no_repository(repository: str, endpoint: str, token: str) -> PullError:
    """What to say of a repository that is not there, or only for others: the hub does not tell which."""
    advice = "" if token else " If it is private, set HF_TOKEN to a token of an account that may read it."
    return PullError("gone", f"There is no repository {repository} on {endpoint}.{advice}")


def _entry(sibling: Any) -> Entry:
    return Entry(sibling.rfilename, sibling.size, sibling.lfs.sha256 if sibling.lfs else "")


def _file(chosen: Chosen, url: str, token: str, gate: str) -> RemoteFile:
    entry = chosen.entry
    return RemoteFile(
        url=url,
        name=entry.pure.name,
        size=entry.size,
        sha256=entry.sha256,
        kind=chosen.kind,
        folder=chosen.folder,
        token=token,
        gate=gate or "If it is private, set HF_TOKEN to a token of an account that may read it.",
    )


def _gate(repository: str, info: "ModelInfo") -> str:
    return _gate_text(repository) if info.gated else ""


def _gate_text(repository: str) -> str:
    return (
        f"Open {HOME}/{repository} in a browser, log in and accept the licence; then make a token at "
        f"{HOME}/settings/tokens and set it in the environment: HF_TOKEN=hf_..."
    )


def _licence(info: "ModelInfo") -> tuple[str, tuple[str, ...]]:
    """The licence's name, and what to agree to if its author says that it forbids things."""
    card = info.card_data
    named = str(card.get("license_name") or card.get("license") or "") if card is not None else ""
    restricted = re.search(r"non-?commercial|-nc\b|-nc-|research", named.lower()) is not None
    return named, (f"Its licence is {named}: read what it allows at {HOME}/{info.id}.",) if restricted else ()


HUGGINGFACE = Source(
    name="huggingface",
    rank=20,
    forms=("org/name, org/name/file.safetensors or hf://org/name@revision", "https://huggingface.co/org/name"),
    understands=_understands,
    resolve=_resolve,
)
