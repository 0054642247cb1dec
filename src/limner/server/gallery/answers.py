"""Files of the gallery as JSON, and what requests say of them."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from limner.dialects.comfy.prompt_request import refusal
from limner.graph.errors import GraphError
from limner.server.gallery.settings import Settings
from limner.storage.gallery_records import LARGEST_RATING, Change, Entry, Search, Sort, Term
from limner.storage.gallery_search import read_search

MOST_KEYS = 100_000
LONGEST_PAGE = 500
LONGEST_NAME = 200
LONGEST_TEXT = 2_000
DEEPEST = 8
SHOWN_PROMPT = 300
LONGEST_OFFSET = 24 * 60


def entry_json(entry: Entry) -> dict[str, Any]:
    """A file in a list."""
    path = PurePosixPath(entry.path)
    folder = str(path.parent)
    return {
        "id": entry.key,
        "name": entry.name,
        "file": {"filename": path.name, "subfolder": "" if folder == "." else folder, "type": "output"},
        "media": entry.media,
        "width": entry.width,
        "height": entry.height,
        "bytes": entry.size,
        "created": entry.created,
        "thumbnail": thumbnail_path(entry),
        "starred": entry.starred,
        "rating": entry.rating,
        "tags": list(entry.tags),
        "board": entry.board,
        "prompt": entry.prompt[:SHOWN_PROMPT],
        "model": entry.model,
        "seed": entry.seed,
        "app": entry.app,
        "job": entry.job,
        "alt": entry.alt or entry.prompt[:200],
        "trashed": entry.trashed,
    }


def details_json(entry: Entry, settings: Settings, loras: list[str]) -> dict[str, Any]:
    """A file with all that is known of it. Seeds are told as texts too: numbers of 64 bits do not fit into JSON's."""
    return {
        **entry_json(entry),
        "prompt": entry.prompt,
        "own_alt": entry.alt,
        "loras": loras,
        "settings": {role: _exact(value) for role, value in settings.values.items()},
        "infotext": settings.infotext,
        "workflow": settings.workflow is not None or settings.prompt is not None,
    }


def thumbnail_path(entry: Entry) -> str:
    """Where a thumbnail is; it is another place once the file has changed, so that it can be kept for ever."""
    return f"/limner/thumbnails/{entry.key}?v={entry.modified & 0xFFFFFFFFFF:x}"


def read_wanted(query: Mapping[str, str]) -> Search:
    """The list that a query asks for.

    Raises:
        GraphError: if it asks for an order that there is none of.
    """
    words, terms = read_search(query.get("q", ""))
    sort = query.get("sort") or Sort.NEWEST.value
    if sort not in set(Sort):
        raise refusal("invalid_query", f"sort must be one of {', '.join(Sort)}.")
    further = [Term("board", "=", query["board"])] if query.get("board") else []
    if truth(query, "starred"):
        further.append(Term("is", "=", "starred"))
    offset = number(query, "offset", 0, least=-LONGEST_OFFSET, most=LONGEST_OFFSET)
    return Search(words=words, terms=(*terms, *further), trash=truth(query, "trash"), sort=Sort(sort), offset=offset)


def truth(query: Mapping[str, str], name: str) -> bool:
    """Whether a query says yes to something."""
    return query.get(name, "").lower() in ("1", "true", "yes")


def number(query: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """A whole number of a query.

    Raises:
        GraphError: if it is none, or too small or too large a one.
    """
    text = query.get(name, "")
    if not text:
        return default
    try:
        value = int(text[:20])
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise refusal("invalid_query", f"{name} must be a whole number from {least} to {most}.")
    return value


def read_keys(body: Mapping[str, Any]) -> list[str]:
    """The ids that a body names.

    Raises:
        GraphError: if it names none, or too many.
    """
    keys = body.get("ids")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        raise refusal("invalid_body", "ids must be a list of ids of pictures.")
    if len(keys) > MOST_KEYS:
        raise refusal("invalid_body", f"At most {MOST_KEYS} pictures can be changed at once.")
    return list(dict.fromkeys(_clean(key) for key in keys))


def read_change(body: Mapping[str, Any]) -> Change:
    """What a body says of files.

    Raises:
        GraphError: if it says something else than it may.
    """
    starred, rating, board, alt = (body.get(name) for name in ("starred", "rating", "board", "alt"))
    if starred is not None and not isinstance(starred, bool):
        raise refusal("invalid_body", "starred must be true or false.")
    if rating is not None and (type(rating) is not int or not 0 <= rating <= LARGEST_RATING):
        raise refusal("invalid_body", f"rating must be a whole number from 0 to {LARGEST_RATING}.")
    if alt is not None and (not isinstance(alt, str) or len(alt) > LONGEST_TEXT):
        raise refusal("invalid_body", f"alt must be a text of at most {LONGEST_TEXT} characters.")
    return Change(
        starred=starred,
        rating=rating,
        board=None if board is None else read_board(board, empty=True),
        alt=None if alt is None else _clean(alt).strip(),
        add_tags=_tags(body, "add_tags"),
        remove_tags=_tags(body, "remove_tags"),
    )


def read_board(name: Any, *, empty: bool = False) -> str:
    """A board's name, with single slashes between the names of those that it lies in.

    Raises:
        GraphError: if it cannot be one.
    """
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        raise refusal("invalid_body", f"A board's name is a text of at most {LONGEST_NAME} characters.")
    parts = [part.strip() for part in _clean(name).split("/") if part.strip()]
    if len(parts) > DEEPEST:
        raise refusal("invalid_body", f"Boards are nested at most {DEEPEST} deep.")
    if not parts and not empty:
        raise refusal("invalid_body", "A board needs a name.")
    return "/".join(parts)


def _tags(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = body.get(name) or []
    if not isinstance(given, list) or len(given) > LONGEST_NAME:
        raise refusal("invalid_body", f"{name} must be a list of tags.")
    if not all(isinstance(tag, str) and len(tag) <= LONGEST_NAME for tag in given):
        raise refusal("invalid_body", f"A tag is a text of at most {LONGEST_NAME} characters.")
    clean = (" ".join(_clean(tag).split()) for tag in given)
    return tuple(dict.fromkeys(tag for tag in clean if tag))


def _clean(text: str) -> str:
    """A text without halves of letters and without what no text needs."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _exact(value: Any) -> Any:
    """A value that JSON's numbers can tell exactly; larger ones as texts."""
    return str(value) if isinstance(value, int) and abs(value) > 1 << 53 else value


def unknown_picture(key: str) -> GraphError:
    """The refusal for what is not there."""
    return refusal("not_found", f"There is no picture {key!r:.60} in the gallery.", status=404)
