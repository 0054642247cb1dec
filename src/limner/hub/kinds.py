"""What kind of model a file is, from where it lies in a repository."""

from pathlib import PurePosixPath

from limner.hub.kind_keys import FOLDERS
from limner.hub.refusal import PullError
from limner.storage.folders import KINDS

UNFETCHED = frozenset({"configs", "custom_nodes", "datasets", "fonts"})
"""Kinds of folders that nothing is fetched into: what is in some of them is run."""


def kind_of_path(path: str) -> str:
    """The kind that the folders above a file name, the nearest first; empty: none of them does."""
    parents = PurePosixPath(path.lower()).parts[:-1]
    return next((FOLDERS[name] for name in reversed(parents) if name in FOLDERS), "")


def check_kind(kind: str) -> str:
    """The kind itself.

    Raises:
        PullError: if nothing is fetched into it.
    """
    fetched = [known for known in KINDS if known not in UNFETCHED]
    if kind not in fetched:
        raise PullError("invalid", f"{kind!r} is no kind of model. Expected one of {', '.join(fetched)}.")
    return kind
