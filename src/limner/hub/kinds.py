"""Finds out what kind of model a file is: from where it lies in a repository, or from the tensors in it."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from limner.hub.kind_keys import FOLDERS, MARKS
from limner.hub.refusal import PullError
from limner.storage.folders import KINDS

UNFETCHED = frozenset({"configs", "custom_nodes", "datasets", "fonts"})
"""Kinds of folders that nothing is fetched into: what is in some of them is run."""


def kind_of_path(path: str) -> str:
    """The kind that the folders above a file name, the nearest first; empty: none of them does."""
    parents = PurePosixPath(path.lower()).parts[:-1]
    return next((FOLDERS[name] for name in reversed(parents) if name in FOLDERS), "")


def kind_of_tensors(names: Iterable[str]) -> str:
    """The kind that tensor names tell; empty: none is known.

    A row of marks is enough if one of its patterns is found; a checkpoint needs all of its row, since a network alone
    may carry the checkpoint's prefix.
    """
    text = "\n".join(names)
    for kind, patterns in MARKS:
        found = (re.search(pattern, text, re.MULTILINE) for pattern in patterns)
        if all(found) if kind == "checkpoints" else any(found):
            return kind
    return ""


def check_kind(kind: str) -> str:
    """The kind itself.

    Raises:
        PullError: if nothing is fetched into it.
    """
    fetched = [known for known in KINDS if known not in UNFETCHED]
    if kind not in fetched:
        raise PullError("invalid", f"{kind!r} is no kind of model. Expected one of {', '.join(fetched)}.")
    return kind
