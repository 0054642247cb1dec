"""What jobs are found by: the group that they belong to, and the words of their titles and texts."""

from collections.abc import Iterator, Mapping
from typing import Any

from limner.jobs.records import Submission

LONGEST = 4_000
"""Characters of a job that are searched."""

LONGEST_NAME = 200


def told(submission: Submission, name: str) -> str:
    """What a client told of a job beside its graph (``extra_data.limner``): its title, document, group, app."""
    said = submission.extra.get("limner")
    value = said.get(name) if isinstance(said, Mapping) else None
    return value[:LONGEST_NAME] if isinstance(value, str) else ""


def searched(submission: Submission) -> tuple[str | None, str]:
    """A job's group, or None, and its words in lower case."""
    words = "\n".join((told(submission, "title"), told(submission, "group"), *_texts(submission.document)))
    return told(submission, "group") or None, words.lower()[:LONGEST]


def _texts(document: Mapping[str, Any]) -> Iterator[str]:
    for node in document.values():
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        for value in inputs.values() if isinstance(inputs, Mapping) else ():
            if isinstance(value, str):
                yield value[:LONGEST]
