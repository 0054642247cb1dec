"""From what somebody types into the search field to the words of a SQL query; every value is bound.

    red fox            both words, in prompts, names and tags
    "red fox"          as they stand
    -blurry            not that
    model:sdxl  lora:ink  app:poster  tag:cat  board:animals/foxes  media:video
    size>512  size:768x512  rating>3  seed:7  date:2026-11-30  date:2026-11-01..  date:..2026-11-30  date:7d
    is:starred  is:untagged  is:unsorted

What is no such thing is a word.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from limner.storage.gallery_records import Search, Sort, Term

LONGEST = 2000
MOST_TERMS = 40

ORDERS: dict[Sort, tuple[tuple[str, bool], ...]] = {
    Sort.NEWEST: (("p.created", True), ("p.id", True)),
    Sort.OLDEST: (("p.created", False), ("p.id", False)),
    Sort.NAME: (("p.name COLLATE NOCASE", False), ("p.id", False)),
    Sort.RATING: (("p.rating", True), ("p.created", True), ("p.id", True)),
}
"""Columns of each order, and whether the largest comes first."""

_PART = re.compile(
    r'(?P<minus>-)?(?:(?P<field>[a-z]+)(?P<sign>>=|<=|[:=<>]))?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))', re.IGNORECASE
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BACK = re.compile(r"(\d{1,4})([dwmy])")
_SIZE = re.compile(r"(\d{1,6})[x×](\d{1,6})")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}

NUMBERS = {"rating": "p.rating", "width": "p.width", "height": "p.height", "size": "max(p.width, p.height)"}
TEXTS = {"model": "p.model", "app": "p.app", "name": "p.name", "prompt": "p.prompt", "negative": "p.negative"}
EXACT = {"media": "p.media", "job": "p.job", "seed": "p.seed"}
STATES = {"starred": "p.starred", "untagged": "p.labels = ''", "unsorted": "p.board = ''"}
LISTS = {"tag": "tag", "lora": "lora"}
SIGNS = {":": "=", "=": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}


def read_search(text: str) -> tuple[tuple[str, ...], tuple[Term, ...]]:
    """The words and the terms of a text."""
    words: list[str] = []
    terms: list[Term] = []
    for match in list(_PART.finditer(text[:LONGEST]))[:MOST_TERMS]:
        value = match["quoted"] if match["quoted"] is not None else match["plain"]
        field, sign, excluded = (match["field"] or "").lower(), match["sign"] or "", bool(match["minus"])
        term = Term(field, SIGNS.get(sign, ""), value.strip(), excluded)
        if field and _is_term(term):
            terms.append(term)
            continue
        word = f"{match['field']}{sign}{value}" if field else value
        if excluded:
            terms.append(Term("word", "=", word, excluded=True))
        elif word.strip():
            words.append(word)
    return tuple(words), tuple(terms)


def _is_term(term: Term) -> bool:
    field, sign, value, _ = term
    if field in NUMBERS:
        return value.isdecimal() or (field == "size" and _SIZE.fullmatch(value) is not None)
    if field == "date":
        return bool(value) and (sign != "=" or _span(value, 0) is not None)
    if sign != "=":
        return False
    if field == "is":
        return value.lower() in STATES
    return bool(value) and (field in TEXTS or field in EXACT or field in LISTS or field == "board")


def conditions(search: Search) -> tuple[str, list[Any]]:
    """What has to be true of a ``picture p``, and the values in it."""
    parts, values = [f"p.state = '{'trashed' if search.trash else 'here'}'"], list[Any]()
    query = match_query(search.words)
    if query:
        parts.append("p.id IN (SELECT rowid FROM words WHERE words MATCH ?)")
        values.append(query)
    for term in search.terms:
        condition, bound = _condition(term, search.offset)
        parts.append(f"NOT ({condition})" if term.excluded else condition)
        values += bound
    return " AND ".join(parts), values


def match_query(words: tuple[str, ...]) -> str:
    """The words as a query of full-text search: all of them, the beginnings of words count."""
    return " ".join(f'"{clean}"*' for word in words if (clean := word.replace('"', " ").strip()) and _spoken(clean))


def _spoken(word: str) -> bool:
    """Whether a word has a letter or a digit; one of signs alone can stand nowhere."""
    return any(letter.isalnum() for letter in word)


def _condition(term: Term, offset: int) -> tuple[str, list[Any]]:
    field, sign, value, _ = term
    pair = _SIZE.fullmatch(value)
    if field == "size" and pair is not None:
        return "(p.width = ? AND p.height = ?)", [int(pair[1]), int(pair[2])]
    if field in NUMBERS:
        return f"{NUMBERS[field]} {sign} ?", [min(int(value), 1 << 40)]
    if field in EXACT:
        return f"{EXACT[field]} = ?", [value]
    if field in TEXTS:
        return f"{TEXTS[field]} LIKE ? ESCAPE '!'", [_like(value)]
    if field in LISTS:
        table, star = LISTS[field], field == "lora"
        test = "name LIKE ? ESCAPE '!'" if star else "name = ? COLLATE NOCASE"
        return f"p.id IN (SELECT picture FROM {table} WHERE {test})", [_like(value) if star else value]
    if field == "board":
        return "(p.board = ? OR (p.board >= ? AND p.board < ?))", [*below(value)]
    if field == "is":
        return STATES[value.lower()], []
    if field == "word":
        query = match_query((value,))
        return ("p.id IN (SELECT rowid FROM words WHERE words MATCH ?)", [query]) if query else ("0", [])
    return _dated(sign, value, offset)


def below(board: str) -> tuple[str, str, str]:
    """A board's name, and the bounds between which the names of those in it lie."""
    return board, f"{board}/", f"{board}0"  # The sign after the slash.


def _like(value: str) -> str:
    return "%" + "".join(f"!{letter}" if letter in "!%_" else letter for letter in value) + "%"


def _dated(sign: str, value: str, offset: int) -> tuple[str, list[Any]]:
    span = _span(value, offset)
    if span is None:
        return "0", []
    begin, end = span
    if sign in ("<", "<="):
        return "p.created < ?", [begin if sign == "<" else end]
    if sign in (">", ">="):
        return "p.created >= ?", [end if sign == ">" else begin]
    return "(p.created >= ? AND p.created < ?)", [begin, end]


def _span(value: str, offset: int) -> tuple[int, int] | None:
    """Begin and end of a day, of days ``a..b``, or of what lies so far back; None if it is none of these."""
    back = _BACK.fullmatch(value.lower())
    if value.lower() in ("today", "yesterday"):
        day = _today(offset) - timedelta(days=value.lower() == "yesterday")
        return _begin(day, offset), _begin(day + timedelta(days=1), offset)
    if back is not None:
        days = min(int(back[1]) * _DAYS[back[2]], 36_500)
        return _begin(_today(offset) - timedelta(days=days), offset), 1 << 60
    first, dots, last = value.partition("..")
    begin, end = _day(first), _day(last if dots else first)
    if (first and begin is None) or (last and end is None) or not (begin or end):
        return None
    return (
        _begin(begin, offset) if begin else 0,
        _begin(end + timedelta(days=1), offset) if end else 1 << 60,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) and text < "9999" else None
    except ValueError:
        return None


def _today(offset: int) -> date:
    return (datetime.now(UTC) - timedelta(minutes=offset)).date()


def _begin(day: date, offset: int) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + offset * 60_000


def order(sort: Sort) -> str:
    """The words after ORDER BY."""
    return ", ".join(f"{column} {'DESC' if down else 'ASC'}" for column, down in ORDERS[sort])


def after(sort: Sort, values: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """What has to be true of what follows the entry with these values of the order's columns."""
    columns = ORDERS[sort]
    names = ", ".join(column for column, _ in columns)
    sign = "<" if columns[0][1] else ">"
    return f"({names}) {sign} ({', '.join('?' * len(columns))})", list(values)


def days_of(numbers: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> list[tuple[str, int]]:
    """Days since the epoch, as dates."""
    epoch = date(1970, 1, 1)
    return [((epoch + timedelta(days=number)).isoformat(), count) for number, count in numbers]
