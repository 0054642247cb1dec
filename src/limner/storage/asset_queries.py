"""From wanted assets to the words of a SQL query; every value is bound."""

from typing import Any

from limner.storage.asset_records import Sort, Wanted

COLUMNS: dict[Sort, str] = {
    Sort.NAME: "a.name",
    Sort.CREATED: "a.created",
    Sort.UPDATED: "a.updated",
    Sort.SIZE: "f.size",
    Sort.ACCESSED: "a.accessed",
}


def conditions(wanted: Wanted, *, cursor: bool = False) -> tuple[str, list[Any]]:
    """What has to be true of an asset ``a`` and its file ``f``, and the values in it."""
    parts, values = ["1"], list[Any]()
    for tag in wanted.every:
        parts.append("EXISTS (SELECT 1 FROM tag WHERE asset = a.id AND name = ?)")
        values.append(tag)
    for tags, negation in ((wanted.some, ""), (wanted.none, "NOT ")):
        if tags:
            marks = ", ".join("?" * len(tags))
            parts.append(f"{negation}EXISTS (SELECT 1 FROM tag WHERE asset = a.id AND name IN ({marks}))")
            values += tags
    if wanted.name_contains:
        parts.append("a.name LIKE ? ESCAPE '!'")
        escaped = "".join(f"!{letter}" if letter in "!%_" else letter for letter in wanted.name_contains)
        values.append(f"%{escaped}%")
    if wanted.digest:
        parts.append("f.digest = ?")
        values.append(wanted.digest)
    if cursor and wanted.after is not None:
        parts.append(f"({COLUMNS[wanted.sort]}, a.id) {'<' if wanted.descending else '>'} (?, ?)")
        values += wanted.after
    return " AND ".join(parts), values


def order(wanted: Wanted) -> str:
    """The words after ORDER BY."""
    direction = "DESC" if wanted.descending else "ASC"
    return f"{COLUMNS[wanted.sort]} {direction}, a.id {direction}"
