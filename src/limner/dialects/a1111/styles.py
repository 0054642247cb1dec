"""Styles: pieces of prompts under names, in a table (``styles.csv``) with the columns that A1111's has."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

COLUMNS = ("name", "prompt", "negative_prompt")
PLACE = "{prompt}"
"""Where a style's text takes the prompt in; without it the style is put behind."""


@dataclass(frozen=True)
class Style:
    """A style. Either text may be empty."""

    name: str
    prompt: str = ""
    negative_prompt: str = ""

    def entry(self) -> dict[str, Any]:
        """As ``/prompt-styles`` lists it."""
        return asdict(self)


def read_styles(text: str) -> list[Style]:
    """The styles of a table; rows without a name, and a table without a column of names, have none."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        found = [{column: (row.get(column) or "").strip() for column in COLUMNS} for row in rows]
    except csv.Error:
        return []
    return [Style(**row) for row in found if row["name"]]


def write_styles(styles: Sequence[Style]) -> str:
    """The table of styles."""
    text = io.StringIO()
    table: csv.DictWriter[str] = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(style.entry() for style in styles)
    return text.getvalue()


def styled(prompt: str, names: Sequence[str], styles: Sequence[Style], *, negative: bool = False) -> str:
    """A prompt with styles; names that nobody has add nothing.

    Args:
        prompt: May be empty.
        names: In the order in which they apply.
        styles: Those there are.
        negative: It is the negative prompt.
    """
    known = {style.name: style.negative_prompt if negative else style.prompt for style in styles}
    for text in (known.get(name, "") for name in names):
        if PLACE in text:
            prompt = text.replace(PLACE, prompt)
        elif text:
            prompt = ", ".join(part for part in (prompt.strip(), text) if part)
    return prompt
