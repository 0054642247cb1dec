"""Labels of jobs: pairs of short texts, given with a job, by which lists are filtered."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from limner.dialects.comfy_v2.refusals import refusal

MOST_LABELS = 16
MOST_FILTERS = 3
NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
LONGEST_VALUE = 256
LONGEST_TEXT = 1024
"""Bytes of a metadata that is a plain text."""

FILTER = re.compile(r"metadata\[(.*)\]", re.DOTALL)
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Kinds of letters that nobody sees, among them those that turn the direction of a text."""


def read_metadata(value: Any) -> tuple[str | dict[str, str] | None, dict[str, str]]:
    """What a request says of its job, as it is told again, and the labels in it; a plain text has none.

    Raises:
        GraphError: if it is neither a text nor a map of labels.
    """
    if value is None:
        return None, {}
    if isinstance(value, str):
        if len(value.encode("utf-8", "replace")) > LONGEST_TEXT:
            raise refusal("metadata_invalid", f"A metadata text may have {LONGEST_TEXT} bytes.")
        return value, {}
    if not isinstance(value, Mapping):
        raise refusal("metadata_invalid", "metadata must be a text, or an object of texts by name.")
    if len(value) > MOST_LABELS:
        raise refusal("metadata_invalid", f"metadata has {len(value)} labels; at most {MOST_LABELS} are kept.")
    labels = {str(name): _label(str(name), text) for name, text in value.items()}
    return labels, labels


def read_filters(query: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The labels that a list's query asks for: ``metadata[name]=value``.

    Raises:
        GraphError: if one cannot be a label, or there are too many.
    """
    filters: dict[str, str] = {}
    for key, value in query:
        found = FILTER.fullmatch(key)
        if found is None:
            continue
        name = found[1]
        if not NAME.fullmatch(name) or filters.get(name, value) != value:
            raise refusal("invalid_metadata_filter", f"{key!r:.80} names no label, or one twice with other values.")
        filters[name] = value
    if len(filters) > MOST_FILTERS:
        raise refusal("invalid_metadata_filter", f"At most {MOST_FILTERS} labels can be asked for at once.")
    return filters


def _label(name: str, value: Any) -> str:
    if not NAME.fullmatch(name):
        raise refusal("metadata_invalid", f"{name!r:.60} is no label: use 1 to 40 of A-Z a-z 0-9 _ - and '.'.")
    if not isinstance(value, str):
        raise refusal("metadata_invalid", f"The label {name!r} must be a text.")
    if len(value.encode("utf-8", "replace")) > LONGEST_VALUE or any(unicodedata.category(c) in UNSEEN for c in value):
        rule = f"at most {LONGEST_VALUE} bytes, all of which can be seen"
        raise refusal("metadata_invalid", f"The label {name!r} must have {rule}.")
    return value
