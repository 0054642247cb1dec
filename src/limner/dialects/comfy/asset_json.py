"""Assets as ``/api/assets`` tells them, and what its requests mean.

Clients check strictly: times end with ``Z``, and what is not known is absent rather than null. What is wrong with a
request is a GraphError whose one Problem has the code of the answer.
"""

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from limner.dialects.comfy.prompt_request import refusal
from limner.graph.errors import GraphError
from limner.storage.asset_records import MODELS, Asset, AssetPage, Sort, Wanted

PREFIX = "blake3:"
"""What a digest begins with."""

DIGEST = re.compile(r"[0-9a-f]{64}")
MOST_TAGS = 100
LONGEST_TAG = 512
LIMITS = (1, 500)
DEFAULT_LIMIT = 20
LARGEST = 1 << 62
LARGEST_METADATA = 1 << 18
SHOWN = ("image/", "video/", "audio/", "model/")


def asset_entry(asset: Asset, **more: Any) -> dict[str, Any]:
    """An asset."""
    entry: dict[str, Any] = {
        "id": asset.id,
        "name": asset.name,
        "hash": PREFIX + asset.digest if asset.digest else None,
        "asset_hash": PREFIX + asset.digest if asset.digest else None,
        "loader_path": loader_path(asset),
        "display_name": asset.path,
        "size": asset.size,
        "mime_type": asset.mime or None,
        "tags": list(asset.tags),
        "preview_url": preview_url(asset),
        "preview_id": asset.preview or None,
        "user_metadata": asset.user_metadata,
        "metadata": asset.metadata or None,
        "job_id": asset.job or None,
        "prompt_id": asset.job or None,
        "created_at": moment(asset.created),
        "updated_at": moment(asset.updated),
        "last_access_time": moment(asset.accessed),
    }
    return {name: value for name, value in (entry | more).items() if value is not None}


def asset_summary(asset: Asset) -> dict[str, Any]:
    """An asset as answers to uploads tell it."""
    summary = {
        "id": asset.id,
        "name": asset.name,
        "asset_hash": PREFIX + asset.digest if asset.digest else None,
        "size": asset.size,
        "mime_type": asset.mime or None,
        "tags": list(asset.tags),
    }
    return {name: value for name, value in summary.items() if value is not None}


def loader_path(asset: Asset) -> str:
    """What a widget that loads the file takes."""
    if asset.place.startswith(MODELS) or asset.place == "input":
        return asset.path
    return f"{asset.path} [{asset.place}]"


def preview_url(asset: Asset) -> str | None:
    """Where a picture of it is: the asset that it names, or itself if it can be shown."""
    if asset.preview:
        return f"/api/assets/{asset.preview}/content"
    if asset.place.startswith(MODELS) or not asset.mime.startswith(SHOWN):
        return None
    folder, _, name = asset.path.rpartition("/")
    query = {"type": asset.place, "filename": name} | ({"subfolder": folder} if folder else {})
    return f"/api/view?{urllib.parse.urlencode(query)}"


def moment(microseconds: int) -> str:
    """A time as clients read it: UTC, with ``Z``."""
    return datetime.fromtimestamp(microseconds / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def asset_page(page: AssetPage, wanted: Wanted) -> dict[str, Any]:
    """The answer for a page."""
    answer = {"assets": [asset_entry(asset) for asset in page.assets], "total": page.total, "has_more": page.more}
    if page.more and page.assets and wanted.sort is not Sort.ACCESSED:
        answer["next_cursor"] = _cursor(wanted, page.assets[-1])
    return answer


def read_wanted(query: "Query", *, most: int = LIMITS[1]) -> Wanted:
    """Which assets a query asks for."""
    if "metadata_filter" in query.fields:
        raise refusal("UNSUPPORTED_PARAM", "metadata_filter is not supported: filter by tags or name_contains.")
    sort = query.choice("sort", Sort, Sort.CREATED)
    order = query.choice("order", ("asc", "desc"), "desc")
    wanted = Wanted(
        every=query.tags("tags_all", "include_tags"),
        some=query.tags("tags_any"),
        none=query.tags("tags_none", "exclude_tags"),
        name_contains=query.fields.get("name_contains", ""),
        digest=query.fields.get("hash", "").strip().lower().removeprefix(PREFIX),
        sort=Sort(sort),
        descending=order == "desc",
        limit=query.integer("limit", DEFAULT_LIMIT, LIMITS[0], most),
        offset=query.integer("offset", 0, 0, LARGEST),
        after=_after(query.fields.get("after"), Sort(sort), order),
    )
    if set(wanted.none) & {*wanted.every, *wanted.some}:
        raise refusal("INVALID_TAG_FILTER", "A tag is both wanted and not wanted.")
    return wanted


class Query:
    """The parameters of a request; lists may be given by commas or by repeating.

    Args:
        pairs: Names and values in order.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = list(pairs)
        self.fields: Mapping[str, str] = dict(self._pairs)

    def tags(self, *names: str) -> tuple[str, ...]:
        """The tags under some names."""
        found = [tag.strip() for name, text in self._pairs if name in names for tag in text.split(",")]
        tags = tuple(dict.fromkeys(tag for tag in found if tag))
        if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            raise refusal(
                "INVALID_TAG_FILTER", f"At most {MOST_TAGS} tags of {LONGEST_TAG} characters can be asked for."
            )
        return tags

    def choice(self, name: str, known: Iterable[str], default: str) -> str:
        """One of some words."""
        text = self.fields.get(name) or default
        if text not in list(known):
            raise refusal("INVALID_QUERY", f"{name} must be one of {', '.join(known)}, not {text!r:.60}.")
        return text

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        text = self.fields.get(name) or str(default)
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise refusal("INVALID_QUERY", f"{name} must be a whole number from {least} to {most}, not {text!r:.60}.")
        return number

    def truth(self, name: str) -> bool:
        """Whether something is switched on."""
        return self.fields.get(name, "").strip().lower() in ("true", "1", "yes")


def read_digest(text: Any) -> str:
    """The digits of ``blake3:<64 hexadecimal digits>``."""
    value = text.strip().lower() if isinstance(text, str) else ""
    if not value.startswith(PREFIX) or not DIGEST.fullmatch(value.removeprefix(PREFIX)):
        raise refusal("INVALID_HASH", "A hash is 'blake3:' and 64 hexadecimal digits.")
    return value.removeprefix(PREFIX)


def read_tags(value: Any) -> tuple[str, ...]:
    """The tags of a body: a list, or text with commas or a JSON list in it."""
    if isinstance(value, str):
        value = _list_in(value)
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise refusal("INVALID_BODY", "tags must be a list of texts.")
    tags = tuple(dict.fromkeys(tag.strip() for tag in value if tag.strip()))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise refusal("INVALID_BODY", f"At most {MOST_TAGS} tags of {LONGEST_TAG} characters can be given.")
    return tags


def read_metadata(value: Any) -> dict[str, Any]:
    """A client's metadata: an object, or the text of one."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else {}
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, Mapping):
        raise refusal("INVALID_BODY", "user_metadata must be an object.")
    if len(json.dumps(value)) > LARGEST_METADATA:
        raise refusal("INVALID_BODY", f"user_metadata may take {LARGEST_METADATA} characters; it is listed each time.")
    return dict(value)


def error_envelope(code: str, message: str, **details: Any) -> dict[str, Any]:
    """The body of a refusal."""
    return {"error": {"code": code, "message": message, "details": details}}


def code_of(error: GraphError) -> str:
    """The code of a refusal."""
    return error.problems[0].code if error.problems else "INVALID_BODY"


def _list_in(text: str) -> Any:
    if not text.lstrip().startswith("["):
        return text.split(",")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _cursor(wanted: Wanted, last: Asset) -> str:
    values = {
        Sort.NAME: last.name,
        Sort.CREATED: last.created,
        Sort.UPDATED: last.updated,
        Sort.SIZE: last.size,
    }
    order = "desc" if wanted.descending else "asc"
    text = json.dumps([wanted.sort, order, values[wanted.sort], last.id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _after(text: str | None, sort: Sort, order: str) -> tuple[str | int, str] | None:
    if not text:
        return None
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
        known, direction, value, asset = json.loads(decoded)
    except (ValueError, TypeError, RecursionError):
        known, direction, value, asset = "", "", None, ""
    own = (known, direction) == (sort, order) and sort is not Sort.ACCESSED
    if own and isinstance(asset, str) and isinstance(value, str if sort is Sort.NAME else int):
        return (value if isinstance(value, str) else max(-LARGEST, min(value, LARGEST))), asset
    raise refusal("INVALID_CURSOR", "The cursor belongs to another query; begin again without 'after'.")
