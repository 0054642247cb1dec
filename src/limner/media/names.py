"""How saved files are called: prefixes with tokens, a subfolder, a number that goes on.

Pure text; which folder is meant, and whether a name may leave it, is decided elsewhere.
"""

import posixpath
import re
from collections.abc import Iterable
from datetime import datetime

BATCH_TOKEN = "%batch_num%"


def expand_prefix(prefix: str, width: int, height: int, now: datetime) -> str:
    """A prefix with ``%width% %height% %year% %month% %day% %hour% %minute% %second%`` filled in.

    ``%batch_num%`` stays, as it differs within one batch; other tokens are the client's business and stay too.
    """
    values = {
        "width": str(width),
        "height": str(height),
        "year": f"{now.year}",
        "month": f"{now.month:02}",
        "day": f"{now.day:02}",
        "hour": f"{now.hour:02}",
        "minute": f"{now.minute:02}",
        "second": f"{now.second:02}",
    }
    for token, value in values.items():
        prefix = prefix.replace(f"%{token}%", value)
    return prefix


def split_prefix(prefix: str) -> tuple[str, str]:
    """Subfolder (empty for none) and the beginning of the name, of an expanded prefix ``a/b/name``."""
    path = prefix.replace("\\", "/")
    normal = posixpath.normpath(path) if path else ""
    return posixpath.dirname(normal), posixpath.basename(normal)


def next_number(names: Iterable[str], stem: str) -> int:
    """One more than the largest number after ``stem_`` in names, 1 if there is none.

    A ``%batch_num%`` in the stem stands for any number, so that a second run goes on after the first.
    """
    escaped = r"\d+".join(re.escape(part) for part in stem.split(BATCH_TOKEN))
    pattern = re.compile(escaped + r"_(\d+)(?:_|$)")
    first = stem.split(BATCH_TOKEN)[0] + ("" if BATCH_TOKEN in stem else "_")
    found = (pattern.match(name) for name in names if name.startswith(first))
    return 1 + max((int(match.group(1)) for match in found if match), default=0)


def numbered(stem: str, number: int, suffix: str, batch_index: int = 0) -> str:
    """File name of one item: ``ComfyUI_00001_.png``."""
    return f"{stem.replace(BATCH_TOKEN, str(batch_index))}_{number:05}_{suffix}"
