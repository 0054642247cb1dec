"""What objects are called: a template filled with what is known of a file and its job."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import PurePosixPath
from string import Formatter

from limner.graph.errors import SettingsError, UnknownNameError

TEMPLATE = "{owner}/{date}/{job}/{filename}"

FIELDS = ("owner", "date", "job", "dialect", "subfolder", "type", "filename", "stem", "suffix")

_FILES = frozenset({"filename", "stem"})
_STRANGE = re.compile(r"[^\w. -]")
"""What is written in one way in addresses and signed in another, by one service or the other."""

LONGEST = 160
"""Bytes of what fills a field; keys may have 1024 in all of the services."""


def check_template(template: str) -> None:
    """Refuses a template that cannot be filled.

    Raises:
        SettingsError: says why.
        UnknownNameError: for a field that there is not.
    """
    try:
        fields = [name for _, name, form, conversion in Formatter().parse(template) if name is not None]
        formed = any(form or conversion for _, _, form, conversion in Formatter().parse(template))
    except ValueError as error:
        raise SettingsError(f"{template!r:.200} is no template of names: {error}.") from error
    for name in fields:
        if name not in FIELDS:
            raise UnknownNameError("field of names of objects", name, FIELDS)
    if formed or not _FILES.intersection(fields):
        raise SettingsError(
            f"{template!r:.200} is no template of names: it needs {{filename}} or {{stem}}, and fields without formats."
        )


def object_name(template: str, file: dict[str, str], *, owner: str, job: str, dialect: str, ended: int) -> str:
    """The name of a file's object; the same whenever it is asked for.

    Args:
        template: A template that was checked.
        file: Its ``filename``, ``subfolder`` and ``type``.
        owner: Whose it is.
        job: Id of its job.
        dialect: Which API that came through.
        ended: When the job ended, milliseconds since the epoch.
    """
    path = PurePosixPath(file["filename"])
    values = {
        "owner": owner,
        "date": datetime.fromtimestamp(ended / 1000, UTC).date().isoformat(),
        "job": job,
        "dialect": dialect,
        "type": file.get("type", "output"),
        "stem": path.stem,
        "suffix": path.suffix,
    }
    plain = {name: _plain(value) for name, value in values.items()}
    plain["filename"] = plain["stem"] + plain["suffix"]
    plain["subfolder"] = _cut("/".join(_plain(part) for part in PurePosixPath(file.get("subfolder", "")).parts))
    parts = [part for part in template.format_map(plain).split("/") if part and part.strip(".")]
    return "/".join(parts)


def distinct(name: str, taken: Collection[str]) -> str:
    """A name that is not taken yet: with a number before its ending, if it has to be."""
    path, number, found = PurePosixPath(name), 1, name
    while found in taken:
        number += 1
        found = str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
    return found


def _plain(text: str) -> str:
    """A text as a part of a key that every service, page and shell takes as it is."""
    return _cut(_STRANGE.sub("_", text).strip(" "))


def _cut(text: str) -> str:
    """As many of a text's first letters as there is room for."""
    return text.encode()[:LONGEST].decode(errors="ignore")
