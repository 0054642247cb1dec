"""Which kind of model a file is, told from the names of its tensors."""

import re
from collections.abc import Iterable

from limner.storage.tensor_marks_keys import MARKS


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
